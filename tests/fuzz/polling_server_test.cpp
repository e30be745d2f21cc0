#include <fuzz/target.hpp>

#include <polling/rude_peers.hpp>

#include <hawser/framing/body.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace hawser;
using namespace hawser::polling;

// A server session, and requests in whatever order, number and overlap the input says: those of a
// client that keeps to the protocol on a path that does not, or those of one without manners.

namespace {

/// The message with a number, as the client or the server sends it.
std::string numbered(std::uint64_t number) { return "m" + std::to_string(number); }

/// A client that is right about everything, whose requests arrive late, twice or never, and whose
/// replies are lost. It knows what exactly-once means.
struct UnluckyClient : ServerFixture {
    test::Random random;
    /// Messages that the client has been given by its application.
    std::uint64_t written = 0;
    /// The number of its close frame, 0 before there is one.
    std::uint64_t close_number = 0;
    std::uint64_t newest_request = 0;
    /// The last number that it has got, and the greatest that it has said.
    std::uint64_t got = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t got_close = 0;
    std::uint64_t confirmed = 0;
    /// Messages that the server has accepted from its application.
    std::uint64_t accepted = 0;
    bool server_closes = false;

    explicit UnluckyClient(test::Random choices) : random{std::move(choices)} {
        options.message.bytes = 100;
        options.backlog.limits = {.high = 1'000, .low = 100, .hard = 2'000, .messages = 50};
        options.reply_bytes = random.one_in(2) ? 8 : 50;
        options.hold = random.one_in(4) ? 0s : 25s;
    }

    [[nodiscard]] std::uint64_t last_written() const {
        return close_number == 0 ? written : close_number;
    }

    /// A request with the numbers from `first` on, at most `most` of them.
    void send_from(std::uint64_t first, std::uint64_t most) {
        std::string body;
        for (std::uint64_t n = first; n <= last_written() && most != 0; ++n, --most) {
            body += n == close_number ? close_frame : frames({numbered(n)});
        }
        if (body.empty()) return;
        const bool with_after = random.one_in(3);
        if (with_after) acknowledged = std::max(acknowledged, got);
        const auto taken = inbox();
        const auto id = send(first, body, with_after ? std::optional{got} : std::nullopt);
        if (first > taken + 1 && answers.contains(id) && refusal(id)) CHECK(inbox() == taken);
    }
    void receive_after(std::uint64_t after, std::uint64_t request) {
        if (request >= newest_request) acknowledged = std::max(acknowledged, after);
        newest_request = std::max(newest_request, request);
        receive(request, after, up_to(random, 30s));
    }
    void say_something() {
        const auto pushed = session().send_message(Message::text(numbered(accepted + 1)), now);
        if (pushed == Backlog::Push::accepted) ++accepted;
        collect();
    }
    /// What the server has of the client: messages, and the close frame behind them.
    [[nodiscard]] std::uint64_t inbox() const {
        return messages.size() + (close_taken ? 1 : 0);
    }

    void act() {
        switch (random.below(16)) {
        case 0:
        case 1: written += close_number == 0 ? 1 + random.below(4) : 0; return;
        case 2:
        case 3: return send_from(confirmed + 1, 1 + random.below(6));
        case 4: return send_from(1 + random.below(confirmed + 2), 1 + random.below(6));
        case 5:
        case 6: return receive_after(got, newest_request + 1);
        case 7: return receive_after(random.below(got + 1), 1 + random.below(newest_request + 2));
        case 8: return disconnect(any_request());
        case 9: return interrupt(any_request());
        case 10: return ServerFixture::written(any_request());
        case 11: return room(random.below(30), random.below(5));
        case 12:
        case 13: return say_something();
        case 14: return wait(up_to(random, 30s));
        case 15: return end_sometimes();
        }
    }
    void end_sometimes() {
        switch (random.below(12)) {
        case 0:
            if (close_number == 0) close_number = written + 1;
            return;
        case 1:
            server_closes = true;
            return close();
        }
    }
    RequestId any_request() { return last_id < 3 ? 1 : last_id - random.below(3); }

    /// Reads the answers that have been made, or loses them.
    void read_answers(bool loses_some) {
        for (const auto& [id, reply] : std::exchange(answers, {})) {
            check(reply);
            if (!loses_some || !random.one_in(3)) read(reply);
        }
        CHECK(session().delivery().acknowledged <= acknowledged);
        for (std::size_t i = 0; i != messages.size(); ++i) {
            if (messages[i] != numbered(i + 1)) REQUIRE(messages[i] == numbered(i + 1));
        }
        CHECK(messages.size() <= written);
    }
    /// What is true of a reply, whether or not it arrives.
    void check(const Reply& reply) {
        if (reply.received) {
            close_taken = close_taken || (close_number != 0 && *reply.received == close_number);
            CHECK(*reply.received <= inbox());
        }
        if (!reply.first) return;
        const auto bytes = reply.body.flatten();
        auto body = framing::decode_frames(bytes, options.message);
        REQUIRE(body);
        std::uint64_t number = *reply.first;
        CHECK(number <= acknowledged + 1);
        for (; body->messages() != 0; ++number) {
            CHECK(number <= accepted);
            CHECK(body->next().view() == numbered(number));
        }
        if (body->close()) CHECK(number == accepted + 1);
    }
    void read(const Reply& reply) {
        if (reply.received) confirmed = std::max(confirmed, *reply.received);
        if (!reply.first) return;
        const auto bytes = reply.body.flatten();
        const auto body = framing::decode_frames(bytes, options.message);
        // It has got everything before, or would have asked for that.
        const std::uint64_t last = *reply.first + body->messages() - 1;
        if (*reply.first > got + 1) return;
        got = std::max(got, last + (body->close() ? 1 : 0));
        if (body->close()) got_close = last + 1;
    }

    /// Nothing is lost any more: all that was accepted arrives.
    void finish_well() {
        room(1'000'000, 1'000);
        for (int round = 0; round != 200 && !session().finished(); ++round) {
            send_from(confirmed + 1, 1'000);
            if (got_close == 0) receive_after(got, newest_request + 1);
            wait(1s);
            read_answers(false);
        }
        // A channel that has ended takes nothing more.
        if (session().finished() || !closed.empty()) return;
        CHECK(confirmed == last_written());
        CHECK(got == accepted);
        CHECK(messages.size() == written);
    }

    bool close_taken = false;
};

/// Calls without manners; the fixture checks what must always hold.
void be_rude(test::Random random) {
    RudeClient client{std::move(random)};
    while (!client.dice.is_exhausted() && !client.session().finished()) client.act();
    client.wait(1h);
    CHECK(client.session().finished());
    CHECK(client.closed.size() == static_cast<std::size_t>(client.opened));
}

void fuzz(ByteView input) {
    test::Random random{input};
    if (random.one_in(4)) return be_rude(std::move(random));
    UnluckyClient client{std::move(random)};
    while (!client.random.is_exhausted() && !client.session().finished()) {
        client.act();
        client.read_answers(true);
    }
    if (!client.session().finished()) client.finish_well();
    client.wait(1h);
    CHECK(client.session().finished());
    CHECK(client.closed.size() == static_cast<std::size_t>(client.opened));
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("a server session takes and gives each message once, however requests come") {
    CHECK(offered);
    test::replay("polling_server", fuzz);
    test::try_at_random("polling_server", fuzz, 500);
}
