#include <fuzz/target.hpp>

#include <fuzz/unlucky_peer.hpp>

#include <hawser/framing/body.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

using namespace hawser;
using namespace hawser::polling;

// A client session, and replies as the input says: those of a server that keeps to the protocol,
// where requests are lost, replies are lost, cut or those of others; or any replies at all.

namespace {

/// A server behind a path on which requests and replies are lost.
struct UnluckyServer : UnluckyPeer<ClientFixture> {
    /// The last number that it has taken, that of the client's close frame among them.
    std::uint64_t taken = 0;
    std::uint64_t released = 0;
    bool has_close = false;
    bool server_closes = false;

    explicit UnluckyServer(test::Random choices) : UnluckyPeer{std::move(choices)} {
        options.request_bytes = body_bytes;
    }

    std::optional<std::uint64_t> number(Lane lane, std::string_view name) {
        const auto value = exchange(lane).head.fields.find(name);
        if (!value) return std::nullopt;
        std::uint64_t read = 0;
        const auto end = value->data() + value->size();
        const auto [at, error] = std::from_chars(value->data(), end, read);
        CHECK(error == std::errc{});
        CHECK(at == end);
        return read;
    }

    /// The request arrives.
    void arrive(Lane lane) {
        if (const auto after = number(lane, "Hawser-After")) {
            // Only replies to receives bring anything, so that one says exactly what is here.
            CHECK(*after <= inbox());
            if (lane == Lane::receive) CHECK(*after == inbox());
            released = std::max(released, *after);
        }
        if (const auto first = number(lane, "Hawser-First")) take_frames(lane, *first);
    }
    void take_frames(Lane lane, std::uint64_t first) {
        const std::string bytes = body(lane);
        auto frames = framing::decode_frames(as_bytes(bytes), {});
        REQUIRE(frames);
        // Everything before has been taken, and nothing has changed its number.
        CHECK(first >= 1);
        CHECK(first <= taken + 1);
        std::uint64_t number = first;
        for (; frames->messages() != 0; ++number) {
            CHECK(number <= accepted);
            CHECK(frames->next().view() == text(number));
            if (number == taken + 1 && has_room()) ++taken;
        }
        if (!frames->close()) return;
        // Nothing that was accepted is left behind an end.
        CHECK(number == accepted + 1);
        CHECK(has_ended());
        if (number != taken + 1) return;
        taken = number;
        has_close = true;
        // "Puts its own close frame behind what it had already accepted."
        server_closes = true;
    }
    [[nodiscard]] bool has_room() { return !random.one_in(8); }
    /// What the client has of the server: messages, and the close frame behind them.
    [[nodiscard]] std::uint64_t inbox() const {
        const bool has_seen_close = !closed.empty() && closed[0].error == Error::closed;
        return messages.size() + (has_seen_close ? 1 : 0);
    }
    [[nodiscard]] std::uint64_t last_number() const { return written + (server_closes ? 1 : 0); }

    /// A good reply to a request that has arrived.
    void answer_well(Lane lane) {
        if (!exchange(lane).head.fields.contains("Hawser-Session")) return open();
        if (lane == Lane::receive && released < last_number()) return give(lane);
        answer(lane, 204, taken);
    }
    void give(Lane lane) {
        std::string all;
        std::uint64_t n = released + 1;
        for (auto most = 1 + random.below(6); most != 0 && n <= written; ++n, --most) {
            all += frames({text(n)});
        }
        if (n == written + 1 && server_closes) all += bye_frame;
        answer(lane, 200, taken, {{"Hawser-First", std::to_string(released + 1)}}, all);
    }
    void fail_somehow(Lane lane) {
        switch (random.below(5)) {
        case 0: return fail(lane, Error::exchange_timeout);
        case 1: return fail(lane, Error::connection_lost);
        case 2: return reply(lane, 502, {});
        case 3: return reply(lane, 200, {}, "<html>");
        default: return refuse(lane, 503, "busy", {{"Retry-After", "1"}});
        }
    }

    void act() {
        const Lane lane = random.one_in(2) ? Lane::send : Lane::receive;
        const bool asks = under_way.contains(lane);
        switch (random.below(14)) {
        case 0:
        case 1:
        case 2:
        case 3:
            if (!asks) return;
            arrive(lane);
            return answer_well(lane);
        case 4:  // the reply is lost
            if (!asks) return;
            arrive(lane);
            return fail_somehow(lane);
        case 5:  // the request is
            if (asks) fail_somehow(lane);
            return;
        case 6:  // superseded by a copy of its own
            if (asks && lane == Lane::receive) refuse(lane, 409, "superseded");
            return;
        case 7:
        case 8: return say_something(session().delivery().not_sent_from - 1);
        case 9: written += server_closes || opened == 0 ? 0 : 1 + random.below(4); return;
        case 10: return make_some_room();
        case 11: return wait(up_to(random, 3s));
        case 12: return wait(up_to(random, 30s));
        case 13: return end_sometimes();
        }
    }
    void end_sometimes() {
        switch (random.below(12)) {
        case 0: server_closes = server_closes || opened != 0; return;
        case 1: return close_session();
        }
    }

    void check() {
        check_messages();
        CHECK(acknowledged_by_peer() <= taken);
        CHECK(session().delivery().not_sent_from > taken);
        if (has_close) CHECK(taken == accepted + 1);
        if (!closed.empty() && opened != 0) check_end(closed[0].error);
    }
    /// What has ended it: this server breaks no rule.
    void check_end(std::error_code error) {
        if (error == Error::closed) {
            // The server's end was seen, which comes behind all of its messages.
            CHECK(server_closes);
            CHECK(messages.size() == written);
        } else if (error == Error::slow_consumer) {
            CHECK(overflowed);
        } else if (error == Error::close_timeout) {
            CHECK(session_closes);
        } else {
            CHECK(error == Error::session_expired);
        }
    }

    /// Nothing is lost any more: all that was accepted arrives, or a side has ended.
    void finish_well() {
        room(1'000'000, 1'000);
        const auto is_quiet = [&] { return taken == accepted && messages.size() == written; };
        for (int round = 0; round != 500 && !session().finished(); ++round) {
            if (!has_ended() && !server_closes && is_quiet()) return;
            for (const Lane lane : {Lane::send, Lane::receive}) {
                if (!under_way.contains(lane)) continue;
                arrive(lane);
                answer_well(lane);
            }
            check();
            wait(1s);
        }
        CHECK(session().finished());
        check();
    }
};

/// Replies without manners; the fixture checks what must always hold.
void be_rude(test::Random random) {
    RudeServer server{std::move(random)};
    (void)server.session();
    if (!server.dice.one_in(4)) server.open();
    while (!server.dice.is_exhausted() && !server.session().finished()) server.act();
    server.wait(1h);
    CHECK(server.session().finished());
    CHECK(server.closed.size() == 1);
}

void fuzz(ByteView input) {
    test::Random random{input};
    if (random.one_in(4)) return be_rude(std::move(random));
    UnluckyServer server{std::move(random)};
    (void)server.session();
    while (!server.random.is_exhausted() && !server.session().finished()) {
        server.act();
        server.check();
    }
    if (!server.session().finished()) server.finish_well();
    server.wait(1h);
    CHECK(server.session().finished());
    CHECK(server.closed.size() == 1);
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("a client session gives and takes each message once, whatever becomes of its requests") {
    CHECK(offered);
    test::replay("polling_client", fuzz);
    test::try_at_random("polling_client", fuzz, 500);
}
