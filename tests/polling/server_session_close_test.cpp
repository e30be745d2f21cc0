#include <hawser/polling/server_session.hpp>

#include <doctest/doctest.h>

#include <polling/server_fixture.hpp>

using namespace hawser;
using namespace hawser::polling;
using Texts = std::vector<std::string>;

// Close (rule 6).

TEST_CASE_FIXTURE(ServerFixture, "the server's close frame comes behind what was accepted") {
    receive(1, 0, 0s);
    say("a");
    close();
    const auto id = receive(2);
    CHECK(body(id) == frames({"a"}) + close_frame);
    CHECK(answer(id).first == 1);
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ServerFixture, "a held receive is answered by the close frame") {
    const auto id = receive(1);
    session().close({.code = 4000, .text = "bye"}, now);
    collect();
    CHECK(body(id) == bye_frame);
}

TEST_CASE_FIXTURE(ServerFixture, "the server's close is complete when the client acknowledges it") {
    receive(1);
    close();
    CHECK_FALSE(session().is_over());
    const auto id = receive(2, 1, 0s);
    CHECK(status(id) == 204);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{});
    CHECK(session().is_over());
}

TEST_CASE_FIXTURE(ServerFixture, "a send may acknowledge the close") {
    receive(1);
    close();
    send(1, "", 1);
    CHECK(closed.size() == 1);
    CHECK(session().is_over());
}

TEST_CASE_FIXTURE(ServerFixture, "a receive is not held once the end has been seen") {
    receive(1);
    close();
    // Both arrive before the events of either are polled.
    pending = {7, 8};
    session().receive(7, {.after = 0, .request = 2}, now);
    session().send(8, {.first = 1, .after = 1}, now);
    collect();
    CHECK(status(7) == 204);
    CHECK(status(8) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "nothing follows the server's close") {
    receive(1);
    close();
    CHECK(session().send_message(Message::text("a"), now) == Backlog::Push::dropped);
    CHECK_FALSE(session().try_send_message(Message::text("a"), now));
    session().close({.code = 4000}, now);
    CHECK(body(receive(2)) == close_frame);
}

TEST_CASE_FIXTURE(ServerFixture, "a second close changes nothing") {
    receive(1, 0, 0s);
    session().close({.code = 4000}, now);
    wait(2s);
    session().close({.code = 4001}, now);
    CHECK(session().deadline() == now + 3s);
    wait(3s);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].code == 4000);
    session().close({.code = 4002}, now);
    collect();
    CHECK(session().deadline() == TimePoint{1h} + 120s);
}

TEST_CASE_FIXTURE(ServerFixture, "messages still arrive while the server closes") {
    receive(1);
    close();
    send(1, frames({"a"}));
    CHECK(messages == Texts{"a"});
}

TEST_CASE_FIXTURE(ServerFixture,
                  "a close that is not acknowledged is reported after five seconds") {
    receive(1, 0, 0s);
    session().close({.code = 4000, .text = "bye"}, now);
    CHECK(session().deadline() == now + 5s);
    wait(5s - 1ns);
    CHECK(closed.empty());
    wait(1ns);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{Error::close_timeout, 4000, "bye", Party::local});
}

TEST_CASE_FIXTURE(ServerFixture, "the session outlives the report of its close") {
    receive(1, 0, 0s);
    say("a");
    close();
    wait(60s);
    CHECK(closed.size() == 1);
    CHECK(body(receive(2)) == frames({"a"}) + close_frame);
    CHECK(status(receive(3, 2)) == 204);
    CHECK(session().is_over());
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "messages that come after the report are not taken") {
    receive(1, 0, 0s);
    close();
    wait(5s);
    const auto id = send(1, frames({"a"}));
    CHECK(refusal(id) == Refusal::busy);
    CHECK(answer(id).received == 0);
    CHECK(messages.empty());
}

TEST_CASE_FIXTURE(ServerFixture, "a send that waits for room is refused when the channel ends") {
    receive(1, 0, 0s);
    room(0, 0);
    close();
    wait(1s);
    const auto id = send(1, frames({"a"}));
    CHECK(waits(id));
    wait(4s);
    CHECK(closed.size() == 1);
    CHECK(refusal(id) == Refusal::busy);
}

TEST_CASE_FIXTURE(ServerFixture, "the client's close is reported behind its messages") {
    const auto id = send(1, frames({"a"}) + bye_frame);
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 2);
    CHECK(messages == Texts{"a"});
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{Error::closed, 4000, "bye", Party::peer});
}

TEST_CASE_FIXTURE(ServerFixture, "the server answers the client's close behind what was accepted") {
    receive(1, 0, 0s);
    say("a");
    send(1, close_frame);
    CHECK(body(receive(2)) == frames({"a"}) + close_frame);
    CHECK(session().send_message(Message::text("b"), now) == Backlog::Push::dropped);
    receive(3, 2, 0s);
    CHECK(session().is_over());
}

TEST_CASE_FIXTURE(ServerFixture, "a close frame without a code is answered by one without") {
    send(1, std::string{"\x88\0", 2});
    CHECK(closed[0].code == 1005);
    CHECK(body(receive(1)) == std::string{"\x88\0", 2});
}

TEST_CASE_FIXTURE(ServerFixture, "a repeated close is acknowledged again, and reported once") {
    const std::string sent = frames({"a"}) + close_frame;
    send(1, sent);
    for (const auto& [first, repeat] :
         {std::pair{1U, sent}, {2U, close_frame}, {1U, frames({"a"})}}) {
        const auto id = send(first, repeat);
        CHECK(status(id) == 204);
        CHECK(answer(id).received == 2);
    }
    CHECK(closed.size() == 1);
    CHECK(messages.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "nothing follows the client's close") {
    send(1, close_frame);
    const auto id = send(2, frames({"a"}));
    CHECK(status(id) == 400);
    CHECK(refusal(id) == Refusal::bad_request);
    CHECK(messages.empty());
    CHECK(refusal(send(2, close_frame)) == Refusal::bad_request);
    CHECK(status(send(2, "", 0)) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "a close frame behind messages that do not fit waits with them") {
    room(100, 1);
    CHECK(answer(send(1, frames({"a", "b"}) + close_frame)).received == 1);
    CHECK(closed.empty());
    room(100, 1);
    CHECK(answer(send(2, frames({"b"}) + close_frame)).received == 3);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "a close frame needs no room") {
    room(0, 0);
    CHECK(status(send(1, close_frame)) == 204);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "both sides may close at the same time") {
    receive(1);
    session().close({.code = 4000}, now);
    collect();
    send(1, "\x88\x02\x0F\xA1");
    REQUIRE(closed.size() == 1);
    CHECK(closed[0] == CloseReason{.code = 4000});
    CHECK(status(receive(2, 1)) == 204);
    CHECK(session().is_over());
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "an over session still answers repeats for the grace time") {
    send(1, frames({"a"}) + close_frame);
    receive(1);
    CHECK(status(receive(2, 1, 0s)) == 204);
    REQUIRE(session().is_over());
    CHECK(session().backlog_bytes() == 0);
    wait(119s);
    CHECK(status(receive(2, 1, 0s)) == 204);
    CHECK(status(receive(3, 1, 25s)) == 204);
    CHECK(refusal(receive(1)) == Refusal::superseded);
    wait(119s);
    CHECK(answer(send(1, frames({"a"}) + close_frame)).received == 2);
    wait(120s);
    CHECK(session().finished());
    CHECK(refusal(receive(4, 1)) == Refusal::unknown_session);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "a session that was never used is closed without a word") {
    session().close({}, now);
    collect();
    CHECK(session().finished());
    CHECK(closed.empty());
    CHECK(refusal(receive(1)) == Refusal::unknown_session);
}

TEST_CASE_FIXTURE(ServerFixture, "a grace time that ends a closing session reports it once") {
    options.close_timeout = 200s;
    receive(1, 0, 0s);
    close();
    wait(120s);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::session_expired);
    CHECK(session().finished());
}
