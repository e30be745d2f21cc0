#include <hawser/polling/server_session.hpp>

#include <hawser/session/registry.hpp>

#include <support/allocated_bytes.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using namespace hawser;
using namespace hawser::polling;
using namespace std::chrono_literals;

namespace {

/// Very many sessions of one executor, on simulated time.
struct Flood {
    static constexpr std::size_t sessions = 100'000;

    ServerOptions options;
    TimePoint now{1h};
    session::Registry<std::unique_ptr<ServerSession>> registry{{sessions, sessions}};
    std::vector<std::string> tokens = std::vector<std::string>(sessions);

    /// Opens all. Of every three one is never used, one was used once, and one has messages that
    /// nobody asks for.
    void rise() {
        for (std::size_t i = 0; i != sessions; ++i) {
            tokens[i] = session::make_token(system_entropy(), 0);
            auto session = std::make_unique<ServerSession>(options, system_entropy(), now);
            REQUIRE(registry.make_room("192.0.2.7", [](auto) {}) == session::Admission::granted);
            auto* const place = registry.insert(tokens[i], "192.0.2.7", std::move(session));
            REQUIRE(place != nullptr);
            if (i % 3 != 0) (*place)->receive(1, {}, now);
            if (i % 3 == 1) (*place)->disconnected(1, now);
            poll(**place);
            if (i % 3 == 2) (void)(*place)->send_message(Message::text("unread"), now);
            poll(**place);
        }
    }
    /// Lets time pass until the next deadline of any; forgets those that have finished.
    void pass() {
        TimePoint next = never;
        registry.for_each([&](auto& one) { next = std::min(next, one->deadline()); });
        REQUIRE(next > now);
        REQUIRE(next != never);
        now = next;
        for (const std::string& token : tokens) {
            auto* const place = registry.find(token);
            if (place == nullptr) continue;
            (*place)->tick(now);
            poll(**place);
            if ((*place)->finished()) registry.erase(token);
        }
    }
    static void poll(ServerSession& session) {
        while (session.poll_event()) {}
    }
};

}  // namespace

TEST_CASE("E08 of 100,000 sessions that are abandoned nothing is left after the grace time") {
    Flood flood;
    flood.tokens.assign(Flood::sessions, std::string(40, ' '));
    const std::size_t base = test::allocated_bytes();
    const TimePoint begun = flood.now;
    flood.rise();
    const std::size_t most = test::allocated_bytes();
    CHECK(flood.registry.make_room("192.0.2.8", [](auto) {}) == session::Admission::too_many);
    while (flood.registry.size() != 0) {
        flood.pass();
        REQUIRE(flood.now <= begun + flood.options.write_limit);
    }
    CHECK(most - base > Flood::sessions * 400);
    // But for the table of the registry, which stays for the next.
    CHECK(test::allocated_bytes() < base + Flood::sessions * 24);
    CHECK(flood.registry.size_of("192.0.2.7") == 0);
}
