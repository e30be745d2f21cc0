#include <fuzz/target.hpp>

#include <fuzz/unlucky_peer.hpp>

#include <hawser/framing/body.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

using namespace hawser;
using namespace hawser::polling;

// A server session, and requests in whatever order, number and overlap the input says: those of a
// client that keeps to the protocol on a path that does not, or those of one without manners.

namespace {

/// A client whose requests arrive late, twice or never, and whose replies are lost.
struct UnluckyClient : UnluckyPeer<ServerFixture> {
    /// The number of its close frame, 0 before there is one.
    std::uint64_t close_number = 0;
    std::uint64_t newest_request = 0;
    /// The last number that it has got, and the greatest that it has said.
    std::uint64_t got = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t confirmed = 0;
    /// The last message that was put into a reply.
    std::uint64_t given = 0;
    bool close_taken = false;

    explicit UnluckyClient(test::Random choices) : UnluckyPeer{std::move(choices)} {
        options.reply_bytes = body_bytes;
    }

    [[nodiscard]] std::uint64_t last_written() const {
        return close_number == 0 ? written : close_number;
    }
    /// What the server has of the client: messages, and the close frame behind them.
    [[nodiscard]] std::uint64_t inbox() const { return messages.size() + (close_taken ? 1 : 0); }

    /// A request with the numbers from `first` on, at most `most` of them.
    void send_from(std::uint64_t first, std::uint64_t most) {
        std::string body;
        for (std::uint64_t n = first; n <= last_written() && most != 0; ++n, --most) {
            body += n == close_number ? close_frame : frames({text(n)});
        }
        if (body.empty()) return;
        const bool with_after = random.one_in(3);
        if (with_after) acknowledged = std::max(acknowledged, got);
        const auto taken = inbox();
        const auto id = send(first, body, with_after ? std::optional{got} : std::nullopt);
        if (first > taken + 1 && answers.contains(id) && refusal(id)) CHECK(inbox() == taken);
        const bool is_good = answers.contains(id) && !refusal(id);
        if (is_good && with_after) CHECK(acknowledged_by_peer() >= got);
    }
    void receive_after(std::uint64_t after, std::uint64_t request) {
        const bool is_fenced = request < newest_request;
        if (!is_fenced) acknowledged = std::max(acknowledged, after);
        newest_request = std::max(newest_request, request);
        const auto id = receive(request, after, up_to(random, 30s));
        if (is_fenced) {
            CHECK(refusal(id) == Refusal::superseded);
        } else {
            CHECK(acknowledged_by_peer() >= after);
        }
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
        case 11: return make_some_room();
        case 12:
        case 13: return say_something(given);
        case 14: return wait(up_to(random, 30s));
        case 15: return end_sometimes();
        }
    }
    void end_sometimes() {
        switch (random.below(12)) {
        case 0:
            if (close_number == 0) close_number = written + 1;
            return;
        case 1: return close_session();
        }
    }
    RequestId any_request() { return last_id < 3 ? 1 : last_id - random.below(3); }

    /// Reads the answers that have been made, or loses them.
    void read_answers(bool loses_some) {
        for (const auto& [id, reply] : std::exchange(answers, {})) {
            check(reply);
            if (!loses_some || !random.one_in(3)) read(reply);
        }
        CHECK(acknowledged_by_peer() <= acknowledged);
        check_messages();
        // Nothing else ends it, and a client's end comes behind all of its messages.
        const bool may_end = session_closes || overflowed || close_taken || session().finished();
        CHECK((closed.empty() || may_end));
        if (close_taken) CHECK(messages.size() == written);
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
            CHECK(body->next().view() == text(number));
        }
        given = std::max(given, number - 1);
        if (body->close()) CHECK(number == accepted + 1);
    }
    void read(const Reply& reply) {
        if (reply.received) confirmed = std::max(confirmed, *reply.received);
        // It has got everything before, or would have asked for that.
        if (!reply.first || *reply.first > got + 1) return;
        const auto bytes = reply.body.flatten();
        const auto body = framing::decode_frames(bytes, options.message);
        const std::uint64_t last = *reply.first + body->messages() - (body->close() ? 0 : 1);
        got = std::max(got, last);
    }

    /// A channel that its own side has ended takes no more messages; what it was not given before
    /// is never confirmed, and behind it neither is the client's close frame.
    [[nodiscard]] std::uint64_t last_to_confirm() const {
        const bool took_all = closed.empty() || messages.size() == written;
        return took_all ? last_written() : messages.size();
    }
    /// The server's messages, and its end if there is one.
    [[nodiscard]] std::uint64_t last_to_get() const { return accepted + (has_ended() ? 1 : 0); }
    [[nodiscard]] bool is_done() {
        return confirmed == last_to_confirm() && got == last_to_get() &&
               acknowledged_by_peer() == got;
    }

    /// Nothing is lost any more: all that was accepted arrives, and each end is known.
    void finish_well() {
        room(1'000'000, 1'000);
        for (int round = 0; round != 200 && !is_done(); ++round) {
            send_from(confirmed + 1, 1'000);
            receive_after(got, newest_request + 1);
            wait(1s);
            read_answers(false);
        }
        CHECK(confirmed == last_to_confirm());
        CHECK(got == last_to_get());
        CHECK(closed.empty() == !has_ended());
        CHECK(session().is_over() == has_ended());
    }
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
