#pragma once

#include <hawser/polling/server_session.hpp>

#include <doctest/doctest.h>

#include <polling/frames.hpp>
#include <support/pass_time.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::polling {

using namespace std::chrono_literals;

/// A server session on simulated time. After each call its events are collected, and what must
/// always hold is checked.
struct ServerFixture {
    ServerOptions options;
    TimePoint now{1h};
    /// The random number that every hold is shortened by; 0 leaves it whole.
    Duration drawn{0};
    std::optional<ServerSession> made;

    int opened = 0;
    std::vector<std::string> messages;
    std::vector<CloseReason> closed;
    std::map<RequestId, Reply> answers;
    std::set<RequestId> pending;
    RequestId last_id = 0;

    ServerSession& session() {
        if (!made) made.emplace(options, Entropy{&fill, this}, now);
        return *made;
    }

    RequestId receive(std::uint64_t request, std::uint64_t after = 0,
                      std::optional<Duration> hold = std::nullopt) {
        pending.insert(++last_id);
        session().receive(last_id, {after, request, hold}, now);
        collect();
        return last_id;
    }
    RequestId send(std::uint64_t first, std::string_view body,
                   std::optional<std::uint64_t> after = std::nullopt) {
        pending.insert(++last_id);
        session().send(last_id, {first, after, to_bytes(body)}, now);
        collect();
        return last_id;
    }
    void say(std::string_view text) {
        CHECK(session().send_message(Message::text(text), now) == Backlog::Push::accepted);
        collect();
    }
    void close() {
        session().close({}, now);
        collect();
    }
    void room(std::size_t bytes, std::size_t count) {
        session().set_room({bytes, count}, now);
        collect();
    }
    void disconnect(RequestId id) {
        pending.erase(id);
        session().disconnected(id, now);
        collect();
    }
    void interrupt(RequestId id) {
        session().interrupt(id, now);
        collect();
    }
    void written(RequestId id) {
        session().written(id, now);
        collect();
    }
    /// Lets time pass; nobody ticks.
    void sleep(Duration time) { now += time; }
    /// Lets time pass, and ticks as often as the session asks for it.
    void wait(Duration time) {
        test::pass_time(session(), now, time, [this] { collect(); });
    }

    void collect() {
        while (auto event = session().poll_event()) {
            std::visit([this](auto& content) { take(content); }, *event);
        }
        check_invariants();
    }
    void check_invariants() {
        CHECK((session().finished() || session().deadline() != never));
        CHECK((session().finished() || session().deadline() > now));
        CHECK((!session().finished() || pending.empty()));
        CHECK(session().backlog_bytes() <= options.backlog.limits.hard);
        // One receive and one send are all that may wait.
        CHECK(pending.size() <= 2);
    }

    bool waits(RequestId id) const { return pending.contains(id); }
    const Reply& answer(RequestId id) {
        REQUIRE(answers.contains(id));
        return answers.at(id);
    }
    unsigned status(RequestId id) { return answer(id).status; }
    std::optional<Refusal> refusal(RequestId id) { return answer(id).refusal; }
    std::string body(RequestId id) {
        const auto bytes = answer(id).body.flatten();
        return std::string{as_characters(bytes)};
    }

private:
    static void fill(void* fixture, MutableBytes into) {
        const auto bytes = std::bit_cast<std::array<std::byte, 8>>(
            static_cast<const ServerFixture*>(fixture)->drawn.count());
        std::ranges::copy(bytes, into.begin());
    }

    void take(ServerSession::Opened&) {
        CHECK(opened == 0);
        ++opened;
    }
    void take(Message& message) {
        CHECK(opened == 1);
        CHECK(closed.empty());
        messages.emplace_back(message.view());
    }
    void take(ServerSession::Closed& event) {
        CHECK(opened == 1);
        CHECK(closed.empty());
        closed.push_back(std::move(event.reason));
    }
    void take(ServerSession::Answer& event) {
        // Each request is answered once, and none that is not there any more.
        CHECK(pending.erase(event.request) == 1);
        CHECK((event.reply.status == 200) == event.reply.first.has_value());
        CHECK((event.reply.status == 200) == !event.reply.body.empty());
        answers.emplace(event.request, std::move(event.reply));
    }
};

}  // namespace hawser::polling
