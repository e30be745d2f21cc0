#include <hawser/polling/server_session.hpp>

#include <doctest/doctest.h>

#include <polling/server_fixture.hpp>
#include <support/allocated_bytes.hpp>

using namespace hawser;
using namespace hawser::polling;

TEST_CASE("an idle session is small") { CHECK(sizeof(ServerSession) <= 400); }

TEST_CASE("a session that has been polled empty keeps no memory for events") {
    constexpr std::size_t count = 1000;
    const ServerOptions options;
    const TimePoint now{1h};
    std::vector<ServerSession> sessions;
    sessions.reserve(count);
    const std::size_t before = test::allocated_bytes();
    std::size_t events = 0;
    for (std::size_t i = 0; i != count; ++i) {
        ServerSession& session = sessions.emplace_back(options, system_entropy(), now);
        session.receive(1, {}, now);
        session.interrupt(1, now);
        while (session.poll_event()) ++events;
    }
    CHECK(events == 2 * count);
    CHECK(test::allocated_bytes() < before + count * sizeof(ServerSession::Event));
}

// The life of a session (rule 5).

TEST_CASE_FIXTURE(ServerFixture, "the application sees the channel at its first valid request") {
    CHECK_FALSE(session().poll_event());
    receive(1);
    CHECK(opened == 1);
    receive(2);
    CHECK(opened == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "a send opens the channel as well as a receive") {
    send(1, frames({"a"}));
    CHECK(opened == 1);
    CHECK(messages == std::vector<std::string>{"a"});
}

TEST_CASE_FIXTURE(ServerFixture, "refused requests do not open the channel") {
    send(2, frames({"a"}));
    send(1, "\x81");
    receive(1, 5);
    CHECK(opened == 0);
}

TEST_CASE_FIXTURE(ServerFixture, "D11 a session that is never used dies unseen after ten seconds") {
    CHECK(session().deadline() == now + 10s);
    wait(10s - 1ns);
    CHECK_FALSE(session().finished());
    wait(1ns);
    CHECK(session().finished());
    CHECK(closed.empty());
    CHECK(opened == 0);
}

TEST_CASE_FIXTURE(ServerFixture, "refused requests do not lengthen the life of an unused session") {
    (void)session();
    sleep(9s);
    send(2, frames({"a"}));
    CHECK(session().deadline() == now + 1s);
}

TEST_CASE_FIXTURE(ServerFixture, "a client that rests a second less than the grace time is known") {
    receive(1, 0, 0s);
    sleep(119s);
    CHECK(status(receive(2, 0, 0s)) == 204);
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ServerFixture, "a client that rests exactly the grace time is forgotten") {
    receive(1, 0, 0s);
    sleep(120s);
    const auto id = receive(2, 0, 0s);
    CHECK(refusal(id) == Refusal::unknown_session);
    CHECK_FALSE(answer(id).received);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::session_expired);
    CHECK(closed[0].by == Party::network);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ServerFixture, "a client that rests a second more is forgotten") {
    receive(1, 0, 0s);
    sleep(121s);
    CHECK(refusal(receive(2, 0, 0s)) == Refusal::unknown_session);
}

TEST_CASE_FIXTURE(ServerFixture, "the grace time passes by itself") {
    receive(1, 0, 0s);
    wait(120s - 1ns);
    CHECK(closed.empty());
    wait(1ns);
    CHECK(closed.size() == 1);
    CHECK(session().finished());
    CHECK(session().deadline() == never);
}

TEST_CASE_FIXTURE(ServerFixture, "a body that arrives whole after the grace time is not applied") {
    send(1, frames({"a"}));
    sleep(120s);
    CHECK(refusal(send(2, frames({"b"}))) == Refusal::unknown_session);
    CHECK(messages == std::vector<std::string>{"a"});
}

TEST_CASE_FIXTURE(ServerFixture, "a client that only sends keeps its session") {
    for (std::uint64_t number = 1; number != 10; ++number) {
        CHECK(status(send(number, frames({"a"}))) == 204);
        wait(119s);
    }
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ServerFixture, "the grace time is three intervals at least") {
    options.interval = 60s;
    receive(1, 0, 0s);
    wait(180s - 1ns);
    CHECK(closed.empty());
    wait(1ns);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "superseded and malformed requests do not lengthen the life") {
    receive(2, 0, 0s);
    sleep(100s);
    CHECK(refusal(receive(1)) == Refusal::superseded);
    CHECK(refusal(send(1, "x")) == Refusal::bad_frames);
    CHECK(refusal(send(7, frames({"a"}))) == Refusal::gap);
    CHECK(session().deadline() == now + 20s);
}

TEST_CASE_FIXTURE(ServerFixture,
                  "a held request keeps the session, and the grace follows its end") {
    options.hold = 200s;
    receive(1);
    CHECK(session().deadline() == now + 200s);
    wait(200s);
    CHECK(closed.empty());
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ServerFixture, "D07 a connection that drops while held frees the slot, no more") {
    const auto id = receive(1);
    sleep(10s);
    disconnect(id);
    CHECK(session().deadline() == now + 120s);
    say("a");
    CHECK(closed.empty());
    CHECK(body(receive(2)) == frames({"a"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a reply on its way keeps the session until it is written") {
    const auto id = receive(1);
    say("a");
    CHECK(session().deadline() == now + 10min);
    wait(9min);
    CHECK(closed.empty());
    written(id);
    CHECK(session().deadline() == now + 120s);
    written(id);
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ServerFixture,
                  "a reply that never gets written does not keep the session for ever") {
    receive(1);
    say("a");
    wait(10min);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ServerFixture, "D09 a reply whose connection drops is cured by asking again") {
    const auto id = receive(1);
    say("a");
    say("b");
    disconnect(id);
    CHECK(session().deadline() == now + 120s);
    const auto again = receive(2);
    CHECK(answer(again).first == 1);
    CHECK(body(again) == frames({"a", "b"}));
}

TEST_CASE_FIXTURE(ServerFixture, "a send does not shorten the time for a reply on its way") {
    receive(1);
    say("a");
    const TimePoint before = session().deadline();
    send(1, frames({"x"}));
    CHECK(session().deadline() == before);
}

TEST_CASE_FIXTURE(ServerFixture, "what says nothing to an unknown request changes nothing") {
    const auto id = receive(1);
    session().written(77, now);
    session().disconnected(77, now);
    session().interrupt(77, now);
    collect();
    CHECK(waits(id));
}

TEST_CASE_FIXTURE(ServerFixture, "an aborted session is gone at once") {
    const auto held = receive(1);
    room(0, 0);
    const auto waiting = send(1, frames({"a"}));
    session().abort(Error::aborted, now);
    collect();
    CHECK(refusal(held) == Refusal::unknown_session);
    CHECK(refusal(waiting) == Refusal::unknown_session);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::aborted);
    CHECK(closed[0].by == Party::local);
    CHECK(session().finished());
    CHECK(refusal(receive(2)) == Refusal::unknown_session);
    CHECK(refusal(send(1, frames({"a"}))) == Refusal::unknown_session);
    session().abort(Error::aborted, now);
    session().close({}, now);
    collect();
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "counters tell what was moved") {
    send(1, frames({"a", "b"}));
    receive(1);
    say("x");
    say("y");
    receive(2);
    CHECK(session().counters() == Counters{.received = 2, .sent = 2, .retransmitted = 1});
    CHECK(session().delivery() == session::Delivery{.acknowledged = 0, .not_sent_from = 3});
    receive(3, 2);
    CHECK(session().delivery() == session::Delivery{.acknowledged = 2, .not_sent_from = 3});
}
