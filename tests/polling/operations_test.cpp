#include <hawser/polling/requests.hpp>

#include <doctest/doctest.h>

#include <polling/client_fixture.hpp>
#include <polling/server_fixture.hpp>

#include <cstdint>
#include <random>
#include <string>

using namespace hawser;
using namespace hawser::polling;

// Any calls in any order: the fixtures check after each what must always hold.

namespace {

/// Random numbers from a seed.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_{seed} {}
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    bool one_in(std::uint64_t chances) { return below(chances) == 0; }
    Duration up_to(Duration most) {
        return Duration{
            static_cast<Duration::rep>(below(static_cast<std::uint64_t>(most.count())))};
    }
    /// Bytes that begin like frames, and are some, or not.
    std::string body() {
        std::string bytes;
        for (auto count = below(4); count != 0; --count) bytes += frames({"x"});
        if (one_in(3)) bytes += close_frame;
        if (!bytes.empty() && one_in(3)) bytes[below(bytes.size())] = static_cast<char>(engine_());
        return bytes;
    }

private:
    std::mt19937_64 engine_;
};

/// A client without manners in front of a server session.
struct RudeClient : ServerFixture {
    Dice dice;
    std::uint64_t request = 1;

    explicit RudeClient(std::uint64_t seed) : dice{seed} {
        options.message.bytes = 100;
        options.backlog.limits = {.high = 1'000, .low = 100, .hard = 2'000};
        options.reply_bytes = 50;
    }

    std::uint64_t near(std::uint64_t number) {
        const std::uint64_t shifted = number + dice.below(5);
        return shifted < 2 ? 0 : shifted - 2;
    }
    RequestId any_request() { return last_id < 3 ? 1 : last_id - dice.below(3); }
    void act() {
        switch (dice.below(13)) {
        case 0:
        case 1:
        case 2: {
            const auto after = near(session().delivery().not_sent_from - 1);
            request = near(request);
            receive(request, after, dice.up_to(30s));
            return;
        }
        case 3:
        case 4:
        case 5: send(near(messages.size() + closed.size() + 1), dice.body()); return;
        case 6: disconnect(any_request()); return;
        case 7: interrupt(any_request()); return;
        case 8: written(any_request()); return;
        case 9: room(dice.below(20), dice.below(5)); return;
        case 10: (void)session().send_message(Message::text("y"), now); break;
        case 11: wait(dice.up_to(10s)); return;
        case 12:
            if (dice.one_in(40)) session().close({}, now);
            if (dice.one_in(200)) session().abort(Error::aborted, now);
            break;
        }
        collect();
    }
};

/// A server without manners in front of a client session.
struct RudeServer : ClientFixture {
    Dice dice;

    explicit RudeServer(std::uint64_t seed) : dice{seed} {
        options.message.bytes = 100;
        options.backlog.limits = {.high = 1'000, .low = 100, .hard = 2'000};
    }

    http::Fields fields() {
        http::Fields all;
        if (!dice.one_in(6)) all.add("Hawser", "1");
        for (const char* name : {"Hawser-Received", "Hawser-First", "Hawser-Hold", "Hawser-Grace",
                                 "Hawser-Interval", "Hawser-Max-Body", "Retry-After"}) {
            if (dice.one_in(3)) all.add(name, std::to_string(dice.below(5)));
        }
        if (dice.one_in(2)) all.add("Hawser-Session", "t0ken");
        if (dice.one_in(3)) all.add("Hawser-Error", dice.one_in(2) ? "unknown-session" : "gap");
        return all;
    }
    void act() {
        constexpr unsigned statuses[] = {200, 201, 204, 204, 204, 400, 404, 409, 429, 502, 503};
        const Lane lane = dice.one_in(2) ? Lane::receive : Lane::send;
        switch (dice.below(8)) {
        case 0:
        case 1:
        case 2:
            if (under_way.contains(lane))
                reply(lane, statuses[dice.below(11)], fields(), dice.body());
            return;
        case 3:
            if (under_way.contains(lane)) fail(lane);
            return;
        case 4: (void)session().send_message(Message::text("y"), now); break;
        case 5: wait(dice.up_to(3s)); return;
        case 6: room(dice.below(20), dice.below(5)); return;
        case 7:
            if (dice.one_in(40)) session().close({}, now);
            break;
        }
        collect();
    }
};

}  // namespace

TEST_CASE("a server session bears any requests and commands in any order") {
    unsigned opened = 0;
    unsigned messages = 0;
    for (std::uint64_t seed = 1; seed != 201; ++seed) {
        CAPTURE(seed);
        RudeClient client{seed};
        for (int step = 0; step != 300; ++step) client.act();
        opened += client.opened == 1 ? 1 : 0;
        messages += static_cast<unsigned>(client.messages.size());
        client.wait(1h);
        CHECK(client.session().finished());
        CHECK(client.closed.size() == static_cast<std::size_t>(client.opened));
    }
    CHECK(opened > 150);
    CHECK(messages > 400);
}

TEST_CASE("a client session bears any replies and commands in any order") {
    unsigned opened = 0;
    for (std::uint64_t seed = 1; seed != 401; ++seed) {
        CAPTURE(seed);
        RudeServer server{seed};
        (void)server.session();
        if (seed % 4 != 0) server.open();
        for (int step = 0; step != 300; ++step) server.act();
        opened += server.opened == 1 ? 1 : 0;
        server.wait(1h);
        CHECK(server.session().finished());
        CHECK(server.closed.size() == 1);
    }
    CHECK(opened >= 300);
}
