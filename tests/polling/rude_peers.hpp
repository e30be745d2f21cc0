#pragma once

#include <hawser/polling/requests.hpp>

#include <polling/client_fixture.hpp>
#include <polling/server_fixture.hpp>

#include <support/random.hpp>

#include <cstdint>
#include <string>
#include <utility>

// Any calls in any order: the fixtures check after each what must always hold.

namespace hawser::polling {

inline Duration up_to(test::Random& dice, Duration most) { return most / 255 * dice.below(256); }

/// Bytes that begin like frames, and are some, or not.
inline std::string some_body(test::Random& dice) {
    std::string bytes;
    for (auto count = dice.below(4); count != 0; --count) bytes += frames({"x"});
    if (dice.one_in(3)) bytes += close_frame;
    if (!bytes.empty() && dice.one_in(3)) {
        bytes[dice.below(bytes.size())] = static_cast<char>(dice.below(256));
    }
    return bytes;
}

/// A client without manners in front of a server session.
struct RudeClient : ServerFixture {
    test::Random dice;
    std::uint64_t request = 1;

    explicit RudeClient(test::Random random) : dice{std::move(random)} {
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
            receive(request, after, up_to(dice, 30s));
            return;
        }
        case 3:
        case 4:
        case 5: send(near(messages.size() + closed.size() + 1), some_body(dice)); return;
        case 6: disconnect(any_request()); return;
        case 7: interrupt(any_request()); return;
        case 8: written(any_request()); return;
        case 9: room(dice.below(20), dice.below(5)); return;
        case 10: (void)session().send_message(Message::text("y"), now); break;
        case 11: wait(up_to(dice, 10s)); return;
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
    test::Random dice;

    explicit RudeServer(test::Random random) : dice{std::move(random)} {
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
                reply(lane, statuses[dice.below(11)], fields(), some_body(dice));
            return;
        case 3:
            if (under_way.contains(lane)) fail(lane);
            return;
        case 4: (void)session().send_message(Message::text("y"), now); break;
        case 5: wait(up_to(dice, 3s)); return;
        case 6: room(dice.below(20), dice.below(5)); return;
        case 7:
            if (dice.one_in(40)) session().close({}, now);
            break;
        }
        collect();
    }
};

}  // namespace hawser::polling
