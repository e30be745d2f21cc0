#include <hawser/polling/client_session.hpp>

#include <doctest/doctest.h>

#include <polling/client_fixture.hpp>

using namespace hawser;
using namespace hawser::polling;

TEST_CASE_FIXTURE(ClientFixture, "a message is sent at once, beside the held receive") {
    open();
    say("a");
    CHECK(is_asking());
    CHECK(exchange(Lane::send).head.method == "POST");
    CHECK(field(Lane::send, "Hawser-Session") == "t0ken");
    CHECK(field(Lane::send, "Hawser-First") == "1");
    CHECK(field(Lane::send, "Hawser-After") == "0");
    CHECK(field(Lane::send, "Content-Type") == "application/vnd.hawser.frames");
    CHECK(exchange(Lane::send).times.first_byte == 15s);
    CHECK(body(Lane::send) == frames({"a"}));
}

TEST_CASE_FIXTURE(ClientFixture, "while a send is under way the next messages gather") {
    open();
    say("a");
    say("b");
    say("c");
    CHECK(body(Lane::send) == frames({"a"}));
    answer(Lane::send, 204, 1);
    CHECK(field(Lane::send, "Hawser-First") == "2");
    CHECK(body(Lane::send) == frames({"b", "c"}));
    answer(Lane::send, 204, 3);
    CHECK_FALSE(is_sending());
    CHECK(session().backlog_messages() == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "messages queued in one turn leave in one body") {
    open();
    for (const char* text : {"a", "b"}) {
        CHECK(session().try_send_message(Message::text(text), now));
    }
    collect();
    CHECK(body(Lane::send) == frames({"a", "b"}));
    CHECK(session().counters().sent == 2);
}

TEST_CASE_FIXTURE(ClientFixture, "a send tells what has been received") {
    open();
    deliver(1, frames({"x", "y"}));
    say("a");
    CHECK(field(Lane::send, "Hawser-After") == "2");
}

TEST_CASE_FIXTURE(ClientFixture, "a lost reply is cured by sending again, with the same numbers") {
    open();
    say("a");
    fail(Lane::send);
    say("b");
    CHECK_FALSE(is_sending());
    wait_for_retry();
    CHECK(field(Lane::send, "Hawser-First") == "1");
    CHECK(body(Lane::send) == frames({"a", "b"}));
    CHECK(session().counters().retransmitted == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "what a server took in part goes on behind it") {
    open();
    say("x");
    say("a");
    say("b");
    answer(Lane::send, 204, 1);
    answer(Lane::send, 204, 2);
    CHECK(field(Lane::send, "Hawser-First") == "3");
    CHECK(body(Lane::send) == frames({"b"}));
}

TEST_CASE_FIXTURE(ClientFixture, "the greatest acknowledgement counts, whichever reply brings it") {
    open();
    say("a");
    deliver(1, frames({"x"}), 1);
    CHECK(session().backlog_messages() == 0);
    answer(Lane::send, 204, 0);
    CHECK_FALSE(is_sending());
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ClientFixture, "a refusal's acknowledgement counts as well") {
    open();
    say("a");
    say("b");
    answer(Lane::send, 503, 1, {{"Hawser-Error", "busy"}, {"Retry-After", "2"}});
    wait(2s - 1ns);
    CHECK_FALSE(is_sending());
    wait(1ns);
    CHECK(field(Lane::send, "Hawser-First") == "2");
}

TEST_CASE_FIXTURE(ClientFixture, "an acknowledgement above what was sent ends the session") {
    open();
    say("a");
    answer(Lane::send, 204, 2);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::bad_polling_reply);
    CHECK(closed[0].code == 1002);
    CHECK(cancelled == 1);
    CHECK(body(Lane::send) == frames({"a"}) + "\x88\x02\x03\xEA");
}

TEST_CASE_FIXTURE(ClientFixture, "a gap is a fault: what is missing is sent again") {
    open();
    say("a");
    answer(Lane::send, 409, 0, {{"Hawser-Error", "gap"}});
    CHECK_FALSE(is_sending());
    wait_for_retry();
    CHECK(body(Lane::send) == frames({"a"}));
}

TEST_CASE_FIXTURE(ClientFixture, "a good reply that took nothing, or does not say, is a fault") {
    open();
    say("a");
    answer(Lane::send, 204, 0);
    CHECK_FALSE(is_sending());
    wait_for_retry();
    reply(Lane::send, 204, {{"Hawser", "1"}});
    CHECK_FALSE(is_sending());
    wait_for_retry();
    answer(Lane::send, 204, 1);
    CHECK(session().backlog_messages() == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "a foreign or broken reply to a send is a fault") {
    open();
    say("a");
    reply(Lane::send, 204, {});
    wait_for_retry();
    answer(Lane::send, 500, 0);
    wait_for_retry();
    reply(Lane::send, 204, {{"Hawser", "1"}, {"Hawser-Received", "many"}});
    CHECK(closed.empty());
    wait_for_retry();
    CHECK(is_sending());
}

TEST_CASE_FIXTURE(ClientFixture, "a send has as many messages as fit both limits, but always one") {
    options.request_bytes = 8;
    say("a");
    say("b");
    say("c");
    open();
    CHECK(body(Lane::send) == frames({"a", "b"}));
    answer(Lane::send, 204, 2);
    CHECK(body(Lane::send) == frames({"c"}));
    say(std::string(100, 'x'));
    say("d");
    answer(Lane::send, 204, 3);
    CHECK(body(Lane::send) == frames({std::string(100, 'x')}));
}

TEST_CASE_FIXTURE(ClientFixture, "a send is never above the server's limit of a body") {
    for (int i = 0; i != 3; ++i) say(std::string(900, 'x'));
    open();
    CHECK(exchange(Lane::send).body.size() == 2 * 904);
}

TEST_CASE_FIXTURE(ClientFixture, "after a deadline the next send has half as many messages") {
    for (int i = 0; i != 10; ++i) say("a");
    open();
    CHECK(body(Lane::send).size() == 30);
    for (const std::size_t count : {5U, 2U, 1U, 1U}) {
        fail(Lane::send, Error::exchange_timeout);
        wait_for_retry();
        CHECK(body(Lane::send).size() == 3 * count);
    }
    // Each success doubles it again.
    answer(Lane::send, 204, 1);
    CHECK(body(Lane::send).size() == 3 * 2);
    answer(Lane::send, 204, 3);
    CHECK(body(Lane::send).size() == 3 * 4);
}

TEST_CASE_FIXTURE(ClientFixture, "other faults do not shorten sends") {
    for (int i = 0; i != 10; ++i) say("a");
    open();
    fail(Lane::send, Error::connection_lost);
    wait_for_retry();
    CHECK(body(Lane::send).size() == 30);
}

TEST_CASE("a refusal of the protocol's own to a send is final, and names the cause") {
    const std::vector<std::tuple<unsigned, const char*, Error>> refusals{
        {400, "bad-frames", Error::bad_frames},
        {413, "message-too-big", Error::message_too_big},
        {413, "body-too-big", Error::body_too_big},
        {415, "media-type", Error::media_type},
        {403, "origin", Error::origin_refused},
        {401, "", Error::refused_by_peer},
    };
    for (const auto& [status, word, error] : refusals) {
        ClientFixture client;
        client.open();
        client.say("a");
        client.refuse(Lane::send, status, word);
        REQUIRE(client.closed.size() == 1);
        CHECK(client.closed[0].error == error);
        CHECK(client.closed[0].by == Party::peer);
        CHECK(client.session().finished());
        CHECK(client.cancelled == 1);
    }
}

TEST_CASE_FIXTURE(ClientFixture, "a queue above its hard limit closes the session, and says so") {
    options.message.bytes = 1;
    options.backlog.limits = {.high = 4, .low = 0, .hard = 6};
    open();
    say("a");
    say("b");
    CHECK_FALSE(session().try_send_message(Message::text("c"), now));
    CHECK(session().send_message(Message::text("c"), now) == Backlog::Push::overflow);
    collect();
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::slow_consumer);
    CHECK(closed[0].code == 1008);
    CHECK(closed[0].by == Party::peer);
    CHECK(session().send_message(Message::text("d"), now) == Backlog::Push::dropped);
    fail(Lane::send);
    wait_for_retry();
    // "b" had no number yet, so it was given up; "a" may have arrived, so it is repeated.
    CHECK(body(Lane::send) == frames({"a"}) + "\x88\x02\x03\xF0");
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a queue that overflows before there is a session ends the opening") {
    options.message.bytes = 1;
    options.backlog.limits = {.high = 4, .low = 0, .hard = 6};
    say("a");
    say("b");
    CHECK(session().send_message(Message::text("c"), now) == Backlog::Push::overflow);
    collect();
    CHECK(closed[0].error == Error::slow_consumer);
    CHECK(session().finished());
}
