#include <hawser/polling/server_session.hpp>

#include <doctest/doctest.h>

#include <polling/server_fixture.hpp>
#include <support/allocated_bytes.hpp>

using namespace hawser;
using namespace hawser::polling;

// Receive (rule 1).

TEST_CASE_FIXTURE(ServerFixture, "a receive without messages is held") {
    CHECK(waits(receive(1)));
    CHECK(session().deadline() == now + 25s);
}

TEST_CASE_FIXTURE(ServerFixture, "D13 a hold is shortened by up to a tenth, drawn anew for each") {
    drawn = 2500ms;
    const auto first = receive(1);
    CHECK(session().deadline() == now + 22500ms);
    drawn = 1s;
    const auto second = receive(2);
    CHECK(session().deadline() == now + 24s);
    drawn = 2500ms + 1ns;  // more than a tenth of 25 s
    receive(3);
    CHECK(session().deadline() == now + 25s);
    drawn = 1s;
    receive(4, 0, 10s);
    CHECK(session().deadline() == now + 9s);
    CHECK(refusal(first) == Refusal::superseded);
    CHECK(refusal(second) == Refusal::superseded);
}

TEST_CASE("D13 sessions opened together are not answered together") {
    std::set<TimePoint> answered;
    for (int i = 0; i != 100; ++i) {
        const ServerOptions options;
        const TimePoint now{1h};
        ServerSession session{options, system_entropy(), now};
        session.receive(1, {}, now);
        answered.insert(session.deadline());
    }
    CHECK(answered.size() == 100);
    CHECK(*answered.begin() >= TimePoint{1h} + 22500ms);
    CHECK(*answered.rbegin() <= TimePoint{1h} + 25s);
}

TEST_CASE_FIXTURE(ServerFixture, "a jitter of nothing leaves holds as they are") {
    options.hold_jitter_percent = 0;
    drawn = 1ns;
    receive(1);
    CHECK(session().deadline() == now + 25s);
}

TEST_CASE_FIXTURE(ServerFixture, "a held receive is answered by the first message") {
    const auto id = receive(1);
    sleep(3s);
    say("a");
    CHECK(status(id) == 200);
    CHECK(answer(id).first == 1);
    CHECK(answer(id).received == 0);
    CHECK(body(id) == frames({"a"}));
}

TEST_CASE_FIXTURE(ServerFixture, "messages queued in one turn leave in one reply") {
    const auto id = receive(1);
    for (const char* text : {"a", "b", "c"}) {
        CHECK(session().send_message(Message::text(text), now) == Backlog::Push::accepted);
    }
    collect();
    CHECK(body(id) == frames({"a", "b", "c"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a receive is answered empty when nothing came within the hold") {
    const auto id = receive(1, 0, 10s);
    wait(10s - 1ns);
    CHECK(waits(id));
    wait(1ns);
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 0);
    CHECK_FALSE(answer(id).interval);
}

TEST_CASE_FIXTURE(ServerFixture, "what a batch needed is given back when a hold passes in vain") {
    receive(1);
    for (std::size_t i = 0; i != Backlog::kept; ++i)
        CHECK(session().try_send_message(Message{}, now));
    collect();
    receive(2, Backlog::kept);
    const std::size_t busy = test::allocated_bytes();
    wait(options.hold);
    CHECK(test::allocated_bytes() + Backlog::kept * sizeof(Message) / 2 <= busy);
}

TEST_CASE_FIXTURE(ServerFixture, "D13 a hold is never longer than granted") {
    const auto id = receive(1, 0, 1h);
    wait(25s);
    CHECK(status(id) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "a hold that is not named is the granted one") {
    options.hold = 5s;
    const auto id = receive(1);
    wait(5s - 1ns);
    CHECK(waits(id));
    wait(1ns);
    CHECK(status(id) == 204);
}

TEST_CASE_FIXTURE(ServerFixture,
                  "a hold of 0 is short polling: an answer at once, and when to rest") {
    const auto id = receive(1, 0, 0s);
    CHECK(status(id) == 204);
    CHECK(answer(id).interval == 1s);
    say("a");
    const auto next = receive(2, 0, 0s);
    CHECK(body(next) == frames({"a"}));
    CHECK(answer(next).interval == 1s);
}

TEST_CASE_FIXTURE(ServerFixture, "a server that grants no hold polls short with everyone") {
    options.hold = 0s;
    CHECK(status(receive(1, 0, 25s)) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "what follows `after` is answered at once") {
    receive(1);
    say("a");
    say("b");
    const auto id = receive(2, 1);
    CHECK(answer(id).first == 2);
    CHECK(body(id) == frames({"b"}));
}

TEST_CASE_FIXTURE(ServerFixture, "what is acknowledged is released") {
    receive(1);
    say("a");
    say("b");
    CHECK(session().backlog_messages() == 2);
    receive(2, 1);
    CHECK(session().backlog_messages() == 1);
    CHECK(waits(receive(3, 2)));
    CHECK(session().backlog_messages() == 0);
}

TEST_CASE_FIXTURE(ServerFixture, "a lost reply is cured by asking again with the same `after`") {
    receive(1);
    say("a");
    for (std::uint64_t request = 2; request != 20; ++request) {
        const auto id = receive(request);
        CHECK(answer(id).first == 1);
        CHECK(body(id) == frames({"a"}));
    }
    CHECK(session().counters().retransmitted == 18);
}

TEST_CASE_FIXTURE(ServerFixture, "D10 an older `after` is harmless: what was released stays so") {
    receive(1);
    say("a");
    say("b");
    receive(2, 1);
    receive(3, 2);
    say("c");
    const auto id = receive(4, 0);
    CHECK(answer(id).first == 3);
    CHECK(body(id) == frames({"c"}));
}

TEST_CASE_FIXTURE(ServerFixture,
                  "D10 an `after` beyond what was sent is refused, the session unharmed") {
    const auto held = receive(1);
    const auto id = receive(2, 1);
    CHECK(refusal(id) == Refusal::bad_number);
    CHECK(status(id) == 400);
    CHECK(waits(held));
    say("a");
    CHECK(body(held) == frames({"a"}));
    // A waiting message has no number yet, so it cannot have arrived.
    say("b");
    CHECK(refusal(receive(3, 2)) == Refusal::bad_number);
    CHECK(body(receive(2)) == frames({"a", "b"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a reply has as many messages as fit its limit") {
    options.reply_bytes = 7;
    receive(1, 0, 0s);
    for (const char* text : {"a", "b", "c"}) say(text);
    const auto id = receive(2);
    CHECK(body(id) == frames({"a", "b"}));
    CHECK(body(receive(3, 2)) == frames({"c"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a reply has one message even if that exceeds its limit") {
    options.reply_bytes = 1;
    receive(1, 0, 0s);
    say("long");
    say("b");
    CHECK(body(receive(2)) == frames({"long"}));
    CHECK(body(receive(3)) == frames({"long"}));
    CHECK(body(receive(4, 1)) == frames({"b"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a number is given when a message is first put into a reply") {
    receive(1, 0, 0s);
    say("a");
    CHECK(session().delivery().not_sent_from == 1);
    receive(2);
    CHECK(session().delivery().not_sent_from == 2);
}

// The fence (rule 2).

TEST_CASE_FIXTURE(ServerFixture, "a lower number than the highest seen is superseded") {
    receive(5, 0, 0s);
    const auto id = receive(4);
    CHECK(status(id) == 409);
    CHECK(refusal(id) == Refusal::superseded);
    CHECK(answer(id).received == 0);
}

TEST_CASE_FIXTURE(ServerFixture, "a fenced request changes nothing") {
    receive(1);
    say("a");
    const auto held = receive(5, 1);
    CHECK(refusal(receive(4, 0)) == Refusal::superseded);
    CHECK(waits(held));
    say("b");
    CHECK(answer(held).first == 2);
    // Not even its acknowledgement counts, or its bad number.
    CHECK(refusal(receive(4, 2)) == Refusal::superseded);
    CHECK(refusal(receive(4, 99)) == Refusal::superseded);
    CHECK(body(receive(6, 1)) == frames({"b"}));
}

TEST_CASE_FIXTURE(ServerFixture, "D04 a newer receive supersedes the held one at once") {
    const auto older = receive(1);
    const auto newer = receive(2);
    CHECK(refusal(older) == Refusal::superseded);
    CHECK(waits(newer));
    say("a");
    CHECK(body(newer) == frames({"a"}));
}

TEST_CASE_FIXTURE(ServerFixture,
                  "D04 a copy with the same number takes the place of the held one") {
    const auto original = receive(1);
    const auto copy = receive(1);
    CHECK(refusal(original) == Refusal::superseded);
    CHECK(waits(copy));
}

TEST_CASE_FIXTURE(ServerFixture, "a late copy of an answered request is answered like it") {
    receive(1);
    say("a");
    const auto copy = receive(1);
    CHECK(answer(copy).first == 1);
    CHECK(body(copy) == frames({"a"}));
}

TEST_CASE_FIXTURE(ServerFixture, "D04 the session never dies of overlaps") {
    for (std::uint64_t request = 1; request != 1000; ++request) receive(request);
    CHECK(pending.size() == 1);
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ServerFixture, "a request numbered 0 is refused before and after others") {
    CHECK(refusal(receive(0)) == Refusal::bad_number);
    receive(1);
    CHECK(refusal(receive(0)) == Refusal::superseded);
}

// Connections (rule 11).

TEST_CASE_FIXTURE(ServerFixture,
                  "D08 a held receive is answered at once when its connection has more") {
    const auto id = receive(1);
    sleep(1s);
    interrupt(id);
    CHECK(status(id) == 204);
    CHECK(session().deadline() == now + 120s);
    interrupt(id);
    CHECK(answers.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "an interruption loses no message that was just queued") {
    const auto id = receive(1);
    CHECK(session().send_message(Message::text("a"), now) == Backlog::Push::accepted);
    interrupt(id);
    CHECK(body(id) == frames({"a"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a hold that ends just as a message was queued loses nothing") {
    const auto id = receive(1);
    now += 25s;
    CHECK(session().send_message(Message::text("a"), now) == Backlog::Push::accepted);
    session().tick(now);
    collect();
    CHECK(body(id) == frames({"a"}));
}

// What the application may queue.

TEST_CASE_FIXTURE(ServerFixture, "D12 an absent client's queue is closed at its hard limit") {
    options.message.bytes = 1;
    options.backlog.limits = {.high = 4, .low = 0, .hard = 6};
    receive(1, 0, 0s);
    say("a");
    say("b");
    CHECK_FALSE(session().try_send_message(Message::text("c"), now));
    CHECK(closed.empty());
    CHECK(session().send_message(Message::text("c"), now) == Backlog::Push::overflow);
    collect();
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::slow_consumer);
    CHECK(closed[0].code == 1008);
    CHECK(closed[0].by == Party::peer);
    CHECK(session().send_message(Message::text("d"), now) == Backlog::Push::dropped);
    CHECK_FALSE(session().try_send_message(Message::text("d"), now));
}

TEST_CASE_FIXTURE(ServerFixture,
                  "D12 a client that comes back is told why, behind what has a number") {
    options.message.bytes = 1;
    options.backlog.limits = {.high = 4, .low = 0, .hard = 6};
    receive(1);
    say("a");
    say("b");
    CHECK(session().send_message(Message::text("c"), now) == Backlog::Push::overflow);
    collect();
    const auto id = receive(2);
    CHECK(body(id) == frames({"a"}) + "\x88\x02\x03\xF0");
    CHECK(status(receive(3, 2)) == 204);
    CHECK(session().is_over());
}

TEST_CASE_FIXTURE(ServerFixture,
                  "D12 where the policy drops the oldest, those with a number stay") {
    options.message.bytes = 1;
    options.backlog = {.limits = {.high = 4, .low = 0, .hard = 6},
                       .slow_consumer = SlowConsumer::drop_oldest};
    receive(1);
    for (const char* text : {"a", "b", "c"}) say(text);
    CHECK(session().counters().dropped == 1);
    CHECK(body(receive(2)) == frames({"a", "c"}));
}

TEST_CASE_FIXTURE(ServerFixture, "nothing can be sent before the channel is seen") {
    CHECK(session().send_message(Message::text("a"), now) == Backlog::Push::dropped);
    CHECK_FALSE(session().try_send_message(Message::text("a"), now));
}

TEST_CASE_FIXTURE(ServerFixture, "an accepted try is sent like any other message") {
    const auto id = receive(1);
    CHECK(session().try_send_message(Message::text("a"), now));
    collect();
    CHECK(body(id) == frames({"a"}));
    CHECK(session().counters().sent == 1);
}
