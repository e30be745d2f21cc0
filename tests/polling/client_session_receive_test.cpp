#include <hawser/polling/client_session.hpp>

#include <doctest/doctest.h>

#include <polling/client_fixture.hpp>

using namespace hawser;
using namespace hawser::polling;
using Texts = std::vector<std::string>;

TEST_CASE_FIXTURE(ClientFixture,
                  "messages are taken, and acknowledged by the next request at once") {
    open();
    deliver(1, frames({"a", "b"}));
    CHECK(messages == Texts{"a", "b"});
    CHECK(field(Lane::receive, "Hawser-After") == "2");
    CHECK(field(Lane::receive, "Hawser-Request") == "2");
}

TEST_CASE_FIXTURE(ClientFixture, "what is already here is dropped") {
    open();
    deliver(1, frames({"a", "b"}));
    deliver(1, frames({"a", "b", "c"}));
    deliver(2, frames({"b"}));
    deliver(4, frames({"d"}));
    CHECK(messages == Texts{"a", "b", "c", "d"});
    CHECK(field(Lane::receive, "Hawser-After") == "4");
}

TEST_CASE_FIXTURE(ClientFixture,
                  "messages missing before the first are an error that ends the session") {
    open();
    deliver(1, frames({"a"}));
    deliver(3, frames({"c"}));
    CHECK(messages == Texts{"a"});
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::bad_polling_reply);
    CHECK(closed[0].code == 1002);
    CHECK(closed[0].by == Party::peer);
    // The server is told, too.
    CHECK(body(Lane::send) == "\x88\x02\x03\xEA");
    CHECK_FALSE(is_asking());
    answer(Lane::send, 204, 1);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a message above the client's limit ends the session with 1009") {
    options.message.bytes = 3;
    open();
    deliver(1, frames({"abc"}));
    deliver(2, frames({"d", "abcd"}));
    CHECK(messages == Texts{"abc"});
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::message_too_big);
    CHECK(closed[0].code == 1009);
    CHECK(closed[0].by == Party::peer);
    CHECK(body(Lane::send) == "\x88\x02\x03\xF1");
}

TEST_CASE_FIXTURE(ClientFixture, "a reply too long for the connection ends the session likewise") {
    open();
    fail(Lane::receive, Error::body_too_big);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].code == 1009);
}

TEST_CASE_FIXTURE(ClientFixture, "frames that do not parse are a fault of the path") {
    open();
    deliver(1, frames({"a"}) + "\x81\x05oops");
    CHECK(messages.empty());
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-After") == "0");
    CHECK(field(Lane::receive, "Hawser-Request") == "2");
    deliver(1, "");
    wait_for_retry();
    answer(Lane::receive, 200, 0, {}, frames({"a"}));
    CHECK(messages.empty());
    CHECK(closed.empty());
    wait_for_retry();
    answer(Lane::receive, 200, 0, {{"Hawser-First", "x"}}, frames({"a"}));
    CHECK(messages.empty());
    wait_for_retry();
    deliver(1, frames({"a"}));
    CHECK(messages == Texts{"a"});
}

TEST_CASE_FIXTURE(ClientFixture, "good statuses that answer no receive are faults of the path") {
    open();
    deliver(1, "");
    CHECK_FALSE(is_asking());
    wait_for_retry();
    answer(Lane::receive, 201, 0);
    CHECK_FALSE(is_asking());
    wait_for_retry();
    answer(Lane::receive, 206, 0, {{"Hawser-First", "1"}}, frames({"a"}));
    CHECK_FALSE(is_asking());
    CHECK(messages.empty());
    wait_for_retry();
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "a close frame under a number that is already here is dropped") {
    open();
    deliver(1, frames({"a"}));
    deliver(1, close_frame);
    CHECK(closed.empty());
    CHECK(field(Lane::receive, "Hawser-After") == "1");
}

TEST_CASE_FIXTURE(ClientFixture, "a lost reply is asked for again, with the next number") {
    open();
    deliver(1, frames({"a"}));
    fail(Lane::receive);
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-After") == "1");
    CHECK(field(Lane::receive, "Hawser-Request") == "3");
}

TEST_CASE_FIXTURE(ClientFixture, "a superseded request is made again after a back-off") {
    open();
    refuse(Lane::receive, 409, "superseded");
    CHECK_FALSE(is_asking());
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-Request") == "2");
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ClientFixture, "only 429 and 503 may say how long to wait") {
    open();
    refuse(Lane::receive, 409, "superseded", {{"Retry-After", "9"}});
    wait_for_retry();
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture,
                  "after an empty reply at the end of its hold the next follows at once") {
    open();
    now += 25s;
    answer(Lane::receive, 204, 0);
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "after an empty short poll the client rests for the interval") {
    options.hold = 0s;
    open();
    CHECK(field(Lane::receive, "Hawser-Hold") == "0");
    answer(Lane::receive, 204, 0);
    wait(1s - 1ns);
    CHECK_FALSE(is_asking());
    wait(1ns);
    CHECK(is_asking());
    // A reply may name another interval.
    answer(Lane::receive, 204, 0, {{"Hawser-Interval", "3000"}});
    wait(3s - 1ns);
    CHECK_FALSE(is_asking());
    wait(1ns);
    CHECK(is_asking());
    // With messages there is no rest.
    deliver(1, frames({"a"}));
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "the reply to the open names the interval") {
    options.hold = 0s;
    reply(Lane::receive, 201,
          {{"Hawser", "1"}, {"Hawser-Session", "t0ken"}, {"Hawser-Interval", "3000"}});
    answer(Lane::receive, 204, 0);
    wait(3s - 1ns);
    CHECK_FALSE(is_asking());
    wait(1ns);
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "a server that grants no hold is polled short") {
    open("0");
    CHECK(field(Lane::receive, "Hawser-Hold") == "0");
    answer(Lane::receive, 204, 0);
    CHECK_FALSE(is_asking());
    CHECK(session().deadline() == now + 1s);
}

TEST_CASE_FIXTURE(ClientFixture, "five early empty replies running are a fault of the path") {
    open();
    for (int i = 0; i != 4; ++i) {
        answer(Lane::receive, 204, 0);
        CHECK(is_asking());
    }
    answer(Lane::receive, 204, 0);
    CHECK_FALSE(is_asking());
    wait_for_retry();
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "a reply with messages ends a run of early empty ones") {
    open();
    for (int i = 0; i != 4; ++i) answer(Lane::receive, 204, 0);
    deliver(1, frames({"a"}));
    for (int i = 0; i != 4; ++i) {
        answer(Lane::receive, 204, 0);
        CHECK(is_asking());
    }
}

TEST_CASE_FIXTURE(ClientFixture, "a hold that the path does not bear is halved") {
    open();
    fail(Lane::receive, Error::exchange_timeout);
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-Hold") == "12500");
    CHECK(exchange(Lane::receive).times.first_byte == 27500ms);
    reply(Lane::receive, 504, {});
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-Hold") == "6250");
    reply(Lane::receive, 502, {});
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-Hold") == "3125");
    fail(Lane::receive, Error::connection_lost);
    wait_for_retry();
    reply(Lane::receive, 500, {});
    wait_for_retry();
    CHECK(field(Lane::receive, "Hawser-Hold") == "3125");
}

TEST_CASE_FIXTURE(ClientFixture, "a shortened hold is restored after ten minutes of health") {
    open();
    fail(Lane::receive, make_error_code(std::errc::timed_out));
    wait_for_retry();
    const TimePoint restored = now - wait_after_fault + 10min;
    while (now < restored) {
        CHECK(field(Lane::receive, "Hawser-Hold") == "12500");
        now += 12500ms;
        answer(Lane::receive, 204, 0);
    }
    CHECK(field(Lane::receive, "Hawser-Hold") == "25000");
}

// The inbox.

TEST_CASE_FIXTURE(ClientFixture, "what does not fit the inbox is not acknowledged") {
    open();
    room(100, 2);
    deliver(1, frames({"a", "b", "c"}) + close_frame);
    CHECK(messages == Texts{"a", "b"});
    CHECK(closed.empty());
    CHECK_FALSE(is_asking());
    room(100, 2);
    CHECK(field(Lane::receive, "Hawser-After") == "2");
    deliver(3, frames({"c"}) + close_frame);
    CHECK(messages == Texts{"a", "b", "c"});
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "without room nothing is asked for") {
    open();
    room(0, 10);
    deliver(1, frames({"a"}));
    CHECK(messages.empty());
    CHECK_FALSE(is_asking());
    room(10, 0);
    CHECK_FALSE(is_asking());
    room(1, 1);
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "without room empty sends keep the session alive") {
    open();
    room(0, 0);
    deliver(1, frames({"a"}));
    wait(40s - 1ns);
    CHECK_FALSE(is_sending());
    wait(1ns);
    CHECK(field(Lane::send, "Hawser-First") == "1");
    CHECK(body(Lane::send) == "");
    answer(Lane::send, 204, 0);
    CHECK_FALSE(is_sending());
    CHECK(session().deadline() == now + 40s);
    wait(1h);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "an empty send whose reply does not say what arrived is a fault") {
    open();
    room(0, 0);
    wait(40s);
    CHECK(is_sending());
    reply(Lane::send, 204, {{"Hawser", "1"}});
    CHECK_FALSE(is_sending());
    wait_for_retry();
    CHECK(is_sending());
}

TEST_CASE_FIXTURE(ClientFixture, "messages are counted, repeats not") {
    open();
    deliver(1, frames({"a", "b"}));
    deliver(1, frames({"a", "b"}));
    CHECK(session().counters().received == 2);
}
