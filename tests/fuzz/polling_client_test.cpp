#include <fuzz/target.hpp>

#include <polling/rude_peers.hpp>

#include <hawser/framing/body.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace hawser;
using namespace hawser::polling;

// A client session, and replies as the input says: those of a server that keeps to the protocol,
// where requests are lost, replies are lost, cut or those of others; or any replies at all.

namespace {

std::string numbered(std::uint64_t number) { return "m" + std::to_string(number); }

/// A server that is right about everything, behind a path that is not. It knows what exactly-once
/// means.
struct UnluckyServer : ClientFixture {
    test::Random random;
    /// Messages that the client has accepted from its application.
    std::uint64_t accepted = 0;
    /// The last number that the server has taken; messages that it has been given; what is its
    /// client's.
    std::uint64_t taken = 0;
    std::uint64_t written = 0;
    std::uint64_t released = 0;
    std::uint64_t newest_request = 0;
    bool client_closes = false;
    bool has_close = false;
    bool server_closes = false;

    explicit UnluckyServer(test::Random choices) : random{std::move(choices)} {
        options.message.bytes = 100;
        options.backlog.limits = {.high = 1'000, .low = 100, .hard = 2'000, .messages = 50};
        options.request_bytes = random.one_in(2) ? 8 : 50;
        options.hold = random.one_in(4) ? 0s : 25s;
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
            CHECK(*after <= messages.size() + (saw_close() ? 1 : 0));
            CHECK(*after <= last_number());
            released = std::max(released, *after);
        }
        if (const auto request = number(lane, "Hawser-Request")) newest_request = *request;
        if (const auto first = number(lane, "Hawser-First")) take_frames(lane, *first);
    }
    void take_frames(Lane lane, std::uint64_t first) {
        const std::string text = body(lane);
        auto frames = framing::decode_frames(as_bytes(text), {});
        REQUIRE(frames);
        // Everything before has been taken, and nothing has changed its number.
        CHECK(first >= 1);
        CHECK(first <= taken + 1);
        std::uint64_t number = first;
        for (; frames->messages() != 0; ++number) {
            CHECK(number <= accepted);
            CHECK(frames->next().view() == numbered(number));
            if (number == taken + 1 && has_room()) ++taken;
        }
        if (frames->close()) {
            if (number == taken + 1) {
                taken = number;
                has_close = true;
            }
        }
    }
    [[nodiscard]] bool has_room() { return !random.one_in(8); }
    [[nodiscard]] bool saw_close() const { return !closed.empty(); }
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
            all += frames({numbered(n)});
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
        default:
            return refuse(lane, 503, "busy", {{"Retry-After", "1"}});
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
        case 8: return say_something();
        case 9: written += server_closes || opened == 0 ? 0 : 1 + random.below(4); return;
        case 10: return room(random.below(30), random.below(5));
        case 11: return wait(up_to(random, 3s));
        case 12: return wait(up_to(random, 30s));
        case 13: return end_sometimes();
        }
    }
    void say_something() {
        const auto pushed = session().send_message(Message::text(numbered(accepted + 1)), now);
        if (pushed == Backlog::Push::accepted) ++accepted;
        collect();
    }
    void end_sometimes() {
        switch (random.below(12)) {
        case 0: server_closes = opened != 0; return;
        case 1:
            client_closes = true;
            return close();
        }
    }

    void check() {
        REQUIRE(messages.size() <= written);
        for (std::size_t i = 0; i != messages.size(); ++i) {
            if (messages[i] != numbered(i + 1)) REQUIRE(messages[i] == numbered(i + 1));
        }
        CHECK(session().delivery().acknowledged <= taken);
        CHECK(session().delivery().not_sent_from > taken);
    }

    /// Nothing is lost any more: all that was accepted arrives.
    void finish_well() {
        room(1'000'000, 1'000);
        for (int round = 0; round != 500 && !session().finished(); ++round) {
            for (const Lane lane : {Lane::send, Lane::receive}) {
                if (!under_way.contains(lane)) continue;
                arrive(lane);
                answer_well(lane);
            }
            check();
            wait(1s);
        }
        if (!closed.empty()) return;
        CHECK(opened == 1);
        CHECK(taken == accepted);
        CHECK(messages.size() == written);
        CHECK(!client_closes);
        CHECK(!server_closes);
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
