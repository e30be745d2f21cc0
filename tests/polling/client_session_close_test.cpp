#include <hawser/polling/client_session.hpp>

#include <doctest/doctest.h>

#include <polling/client_fixture.hpp>

using namespace hawser;
using namespace hawser::polling;
using Texts = std::vector<std::string>;

TEST_CASE_FIXTURE(ClientFixture, "the client's close frame follows what was accepted") {
    open();
    say("a");
    say("b");
    close({.code = 4000, .text = "bye"});
    answer(Lane::send, 204, 1);
    CHECK(body(Lane::send) == frames({"b"}) + bye_frame);
    CHECK(session().send_message(Message::text("c"), now) == Backlog::Push::dropped);
    CHECK_FALSE(session().try_send_message(Message::text("c"), now));
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ClientFixture, "messages still arrive until the server's close is here") {
    open();
    close({.code = 4000});
    answer(Lane::send, 204, 1);
    deliver(1, frames({"a"}), 1);
    CHECK(messages == Texts{"a"});
    deliver(2, close_frame, 1);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{.code = 4000});
}

TEST_CASE_FIXTURE(ClientFixture,
                  "the server's close is acknowledged by a receive that is not held") {
    open();
    deliver(1, frames({"a"}) + bye_frame);
    CHECK(messages == Texts{"a"});
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{Error::closed, 4000, "bye", Party::peer});
    CHECK(field(Lane::receive, "Hawser-After") == "2");
    CHECK(field(Lane::receive, "Hawser-Hold") == "0");
    CHECK_FALSE(session().finished());
    answer(Lane::receive, 204, 0);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a client that takes the server's close sends none of its own") {
    open();
    say("a");
    deliver(1, close_frame);
    CHECK(cancelled == 1);
    CHECK_FALSE(is_sending());
    answer(Lane::receive, 204, 0);
    CHECK(session().finished());
    CHECK(session().delivery() == session::Delivery{.acknowledged = 0, .not_sent_from = 2});
}

TEST_CASE_FIXTURE(ClientFixture,
                  "the acknowledgement is repeated until it is answered, for a while") {
    open();
    deliver(1, close_frame);
    const TimePoint end = now + 5s;
    for (int i = 0; i != 3; ++i) {
        fail(Lane::receive);
        wait_for_retry();
        CHECK(field(Lane::receive, "Hawser-After") == "1");
    }
    wait(end - now);
    CHECK(session().finished());
    CHECK(cancelled == 1);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "a server that has already forgotten the session needs no more") {
    open();
    deliver(1, close_frame);
    refuse(Lane::receive, 404, "unknown-session");
    CHECK(session().finished());
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "any final refusal ends the farewell") {
    open();
    deliver(1, close_frame);
    refuse(Lane::receive, 400, "bad-number");
    CHECK(session().finished());
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a close that the server does not answer ends after five seconds") {
    open();
    close({.code = 4000, .text = "bye"});
    answer(Lane::send, 204, 1);
    CHECK(session().deadline() == now + 5s);
    wait(5s - 1ns);
    CHECK(closed.empty());
    wait(1ns);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{Error::close_timeout, 4000, "bye", Party::local});
    CHECK(session().finished());
    CHECK(cancelled == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "after its close has arrived a client polls short without rest") {
    options.hold = 0s;
    open();
    answer(Lane::receive, 204, 0);
    CHECK_FALSE(is_asking());
    close();
    answer(Lane::send, 204, 1);
    CHECK(is_asking());
    deliver(1, close_frame, 1);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "but a back-off is not cut short") {
    open();
    fail(Lane::receive);
    close();
    answer(Lane::send, 204, 1);
    CHECK_FALSE(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "and a back-off that is over does not count") {
    options.hold = 0s;
    open();
    fail(Lane::receive);
    wait_for_retry();
    answer(Lane::receive, 204, 0);
    CHECK_FALSE(is_asking());
    close();
    answer(Lane::send, 204, 1);
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "a session whose grace time ends before its close has expired") {
    open();
    now += 118s;
    close({.code = 4000});
    wait(2s);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::session_expired);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "both sides may close at the same time") {
    open();
    close({.code = 4000});
    deliver(1, "\x88\x02\x0F\xA1");
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{.code = 4000});
    CHECK(cancelled == 1);
    answer(Lane::receive, 204, 0);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a close while opening ends at once") {
    close({.code = 4000});
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].code == 4000);
    CHECK(cancelled == 1);
    CHECK(session().finished());
    close();
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "a second close changes nothing") {
    open();
    close({.code = 4000});
    wait(2s);
    close({.code = 4001});
    CHECK(body(Lane::send) == "\x88\x02\x0F\xA0");
    CHECK(session().deadline() == now + 3s);
}

TEST_CASE_FIXTURE(ClientFixture, "the close frame of a broken session is repeated, for a while") {
    open();
    deliver(7, frames({"a"}));
    REQUIRE(closed.size() == 1);
    fail(Lane::send);
    wait_for_retry();
    CHECK(body(Lane::send) == "\x88\x02\x03\xEA");
    wait(5s);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a broken session that is unknown meanwhile is not opened anew") {
    answer(Lane::receive, 201, 0, {{"Hawser-Session", "t0ken"}, {"Hawser-Grace", "30000"}});
    room(0, 0);
    wait(10s);
    CHECK(body(Lane::send) == "");
    fail(Lane::receive, Error::body_too_big);
    CHECK(closed.size() == 1);
    refuse(Lane::send, 404, "unknown-session");
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a session that breaks while it says farewell just ends") {
    open();
    deliver(7, frames({"a"}));
    answer(Lane::send, 204, 9);
    CHECK(session().finished());
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "an abort cuts the farewell short") {
    open();
    deliver(1, close_frame);
    session().abort(Error::aborted, now);
    collect();
    CHECK(session().finished());
    CHECK(closed.size() == 1);
    CHECK(closed[0].error == Error::closed);
}
