#include <hawser/polling/client_session.hpp>

#include <doctest/doctest.h>

#include <polling/client_fixture.hpp>

using namespace hawser;
using namespace hawser::polling;

// Opening.

TEST_CASE_FIXTURE(ClientFixture, "a client begins by opening a session") {
    const auto& open = exchange(Lane::receive);
    CHECK(open.head.method == "POST");
    CHECK(open.head.target == "/channel");
    CHECK_FALSE(open.head.fields.contains("Hawser-Session"));
    CHECK(open.body.empty());
    CHECK(open.times.first_byte == 15s);
    CHECK(open.times.progress == 15s);
    CHECK_FALSE(is_sending());
}

TEST_CASE_FIXTURE(ClientFixture, "an opened session asks for messages at once") {
    open();
    CHECK(opened == 1);
    CHECK(exchange(Lane::receive).head.method == "GET");
    CHECK(field(Lane::receive, "Hawser-Session") == "t0ken");
    CHECK(field(Lane::receive, "Hawser-After") == "0");
    CHECK(field(Lane::receive, "Hawser-Request") == "1");
    CHECK(field(Lane::receive, "Hawser-Hold") == "25000");
    CHECK(session().message_limit() == 1000);
}

TEST_CASE_FIXTURE(ClientFixture, "a held receive may take its hold besides the usual time") {
    open();
    CHECK(exchange(Lane::receive).times.first_byte == 25s + 15s);
    CHECK(exchange(Lane::receive).times.progress == 15s);
}

TEST_CASE_FIXTURE(ClientFixture, "the application's fields go into every request") {
    extra.add("Authorization", "Bearer x");
    CHECK(field(Lane::receive, "Authorization") == "Bearer x");
    open();
    say("a");
    CHECK(field(Lane::receive, "Authorization") == "Bearer x");
    CHECK(field(Lane::send, "Authorization") == "Bearer x");
}

TEST_CASE_FIXTURE(ClientFixture, "what a server does not say about itself is assumed") {
    options.grace = 50s;
    reply(Lane::receive, 201, {{"Hawser", "1"}, {"Hawser-Session", "t0ken"}});
    CHECK(opened == 1);
    CHECK(field(Lane::receive, "Hawser-Hold") == "0");
    CHECK(session().deadline() == now + 50s);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a server that grants no time at all is not waited for in a loop") {
    reply(Lane::receive, 201,
          {{"Hawser", "1"}, {"Hawser-Session", "t0ken"}, {"Hawser-Grace", "0"}});
    CHECK(session().deadline() == now + 1ms);
}

TEST_CASE_FIXTURE(ClientFixture, "messages queued while opening are sent when it is open") {
    say("a");
    say("b");
    CHECK_FALSE(is_sending());
    open();
    CHECK(body(Lane::send) == frames({"a", "b"}));
}

TEST_CASE_FIXTURE(ClientFixture, "an open that got no reply is repeated after a back-off") {
    fail(Lane::receive);
    CHECK_FALSE(is_asking());
    wait(wait_after_fault - 1ns);
    CHECK_FALSE(is_asking());
    wait(1ns);
    CHECK(exchange(Lane::receive).head.method == "POST");
    open();
    CHECK(opened == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "replies to the open that mean nothing are faults of the path") {
    reply(Lane::receive, 200, {{"Content-Type", "text/html"}}, "<html>");
    wait_for_retry();
    reply(Lane::receive, 502, {});
    wait_for_retry();
    reply(Lane::receive, 201, {{"Hawser-Session", "t0ken"}});
    wait_for_retry();
    reply(Lane::receive, 201, {{"Hawser", "1"}});
    wait_for_retry();
    reply(Lane::receive, 204, {{"Hawser", "1"}, {"Hawser-Session", "t0ken"}});
    wait_for_retry();
    reply(Lane::receive, 201, {{"Hawser", "1"}, {"Hawser-Session", "a b"}});
    wait_for_retry();
    refuse(Lane::receive, 404, "unknown-session");
    CHECK(closed.empty());
    CHECK(opened == 0);
    wait_for_retry();
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "a server that is full or draining is asked again when it says") {
    refuse(Lane::receive, 503, "draining", {{"Retry-After", "3"}});
    wait(3s - 1ns);
    CHECK_FALSE(is_asking());
    wait(1ns);
    refuse(Lane::receive, 429, "too-many", {{"Retry-After", "2"}});
    wait(2s - 1ns);
    CHECK_FALSE(is_asking());
    wait(1ns);
    refuse(Lane::receive, 503, "too-many");
    wait_for_retry();
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture, "opening is given up at its deadline, with the last status seen") {
    fail(Lane::receive);
    while (closed.empty()) {
        wait(1s);
        if (is_asking()) reply(Lane::receive, 502, {});
    }
    CHECK(now == TimePoint{1h} + 30s);
    CHECK(closed[0].error == Error::connect_timeout);
    CHECK(closed[0].text == "HTTP status 502");
    CHECK(closed[0].by == Party::network);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "opening is given up with the cause of the last failure") {
    SUBCASE("at first") {
        reply(Lane::receive, 502, {});
    }
    SUBCASE("anew") {
        open();
        refuse(Lane::receive, 404, "unknown-session");
    }
    while (closed.empty()) {
        wait(1s);
        if (is_asking()) fail(Lane::receive, std::make_error_code(std::errc::host_unreachable));
    }
    CHECK(now == TimePoint{1h} + 30s);
    CHECK(closed[0].error == std::errc::host_unreachable);
    CHECK(closed[0].by == Party::network);
}

TEST_CASE_FIXTURE(ClientFixture, "what fails at every try to open ends the session at the first") {
    std::error_code error = Error::certificate_refused;
    SUBCASE("a refused certificate") {}
    SUBCASE("a mistake") {
        error = Error::tls_required;
    }
    SUBCASE("anew") {
        open();
        refuse(Lane::receive, 404, "unknown-session");
        wait_for_retry();
    }
    fail(Lane::receive, error);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == error);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a server that never answers is given up, and the request dropped") {
    (void)session();
    wait(30s);
    CHECK(closed[0].error == Error::connect_timeout);
    CHECK(closed[0].text == "");
    CHECK(cancelled == 1);
}

TEST_CASE("a refusal of the protocol's own to the open is final") {
    for (const unsigned status : {400U, 401U, 403U, 405U, 413U, 415U}) {
        ClientFixture client;
        client.reply(Lane::receive, status, {{"Hawser", "1"}});
        REQUIRE(client.closed.size() == 1);
        CHECK(client.closed[0].error == Error::refused_by_peer);
        CHECK(client.closed[0].text == "HTTP status " + std::to_string(status));
        CHECK(client.closed[0].by == Party::peer);
        CHECK(client.opened == 0);
        CHECK(client.session().finished());
    }
}

TEST_CASE("the same statuses from something else are faults of the path") {
    for (const unsigned status : {400U, 401U, 403U, 404U, 405U, 413U, 415U, 429U, 503U}) {
        ClientFixture client;
        client.reply(Lane::receive, status, {{"Retry-After", "9"}});
        CHECK(client.closed.empty());
        client.wait_for_retry();
        CHECK(client.is_asking());
    }
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a client with another way to go gives up at the first foreign reply") {
    options.foreign_reply = ForeignReply::give_up;
    fail(Lane::receive);
    wait_for_retry();
    reply(Lane::receive, 200, {}, "<html>");
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::foreign_reply);
    CHECK(closed[0].text == "HTTP status 200");
}

TEST_CASE_FIXTURE(ClientFixture, "once open, foreign replies end nothing") {
    options.foreign_reply = ForeignReply::give_up;
    open();
    reply(Lane::receive, 404, {{"Hawser-Error", "unknown-session"}});
    CHECK(closed.empty());
    wait_for_retry();
    CHECK(is_asking());
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a session that is unknown before it ever answered is opened anew") {
    open();
    refuse(Lane::receive, 404, "unknown-session");
    CHECK(closed.empty());
    wait_for_retry();
    CHECK(exchange(Lane::receive).head.method == "POST");
    CHECK_FALSE(exchange(Lane::receive).head.fields.contains("Hawser-Session"));
    say("a");
    CHECK_FALSE(is_sending());
    open();
    CHECK(opened == 1);
    CHECK(field(Lane::receive, "Hawser-After") == "0");
    CHECK(body(Lane::send) == frames({"a"}));
}

TEST_CASE_FIXTURE(ClientFixture, "a session that may have taken messages is not opened anew") {
    open();
    say("a");
    refuse(Lane::receive, 404, "unknown-session");
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::unknown_session);
    CHECK(cancelled == 1);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "nor is one opened anew after the connect deadline") {
    open();
    now += 30s;
    refuse(Lane::receive, 404, "unknown-session");
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::unknown_session);
}

TEST_CASE_FIXTURE(ClientFixture, "a session that is lost again and again is given up") {
    while (closed.empty()) {
        if (is_asking()) {
            open();
            refuse(Lane::receive, 404, "unknown-session");
        }
        wait(10s);
        REQUIRE(now < TimePoint{1h} + 60s);
    }
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a session that is unknown later is gone") {
    open();
    answer(Lane::receive, 204, 0);
    refuse(Lane::receive, 404, "unknown-session");
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::unknown_session);
    CHECK(closed[0].code == 1006);
    CHECK(closed[0].by == Party::peer);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "a 404 that does not say unknown-session is a fault") {
    open();
    answer(Lane::receive, 204, 0);
    reply(Lane::receive, 404, {{"Hawser", "1"}});
    CHECK(closed.empty());
}

// Giving up.

TEST_CASE_FIXTURE(ClientFixture,
                  "a session is given up when the grace time passed without a good reply") {
    open();
    now += 5s;
    answer(Lane::receive, 204, 0);
    const TimePoint last_good = now;
    while (closed.empty()) {
        if (is_asking()) reply(Lane::receive, 502, {});
        wait(1s);
    }
    CHECK(now == last_good + 120s);
    CHECK(closed[0].error == Error::session_expired);
    CHECK(closed[0].by == Party::network);
    CHECK(session().finished());
}

TEST_CASE_FIXTURE(ClientFixture, "the grace time begins with the reply to the open") {
    (void)session();
    now += 20s;
    open();
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ClientFixture, "half a minute of health has a back-off begin small again") {
    drawn = 400ms;
    constexpr Duration of_250ms = 400ms - 250ms - 1ns;
    open();
    const auto wait_after_failure = [this] {
        fail(Lane::receive);
        const TimePoint failed = now;
        while (!is_asking()) wait(session().deadline() - now);
        return now - failed;
    };
    CHECK(wait_after_failure() == of_250ms);
    CHECK(wait_after_failure() == 400ms);
    answer(Lane::receive, 204, 0);
    now += 30s - 1ns;
    CHECK(wait_after_failure() == 400ms);
    answer(Lane::receive, 204, 0);
    now += 30s;
    CHECK(wait_after_failure() == of_250ms);
}

TEST_CASE_FIXTURE(ClientFixture, "a good reply to a send keeps the session, too") {
    open();
    for (std::uint64_t number = 1; number != 5; ++number) {
        wait(100s);
        say("a");
        answer(Lane::send, 204, number);
    }
    CHECK(closed.empty());
}

TEST_CASE_FIXTURE(ClientFixture, "refusals are not good replies") {
    open();
    say("a");
    for (int i = 0; i != 3; ++i) {
        wait(30s);
        refuse(Lane::send, 503, "busy", {{"Retry-After", "1"}});
        CHECK(closed.empty());
    }
    wait(30s);
    CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "an aborted session is gone at once") {
    open();
    say("a");
    session().abort(Error::aborted, now);
    collect();
    CHECK(cancelled == 2);
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].error == Error::aborted);
    CHECK(closed[0].by == Party::local);
    CHECK(session().finished());
    session().abort(Error::aborted, now);
    session().tick(now);
    collect();
    CHECK(session().send_message(Message::text("b"), now) == Backlog::Push::dropped);
    CHECK(session().delivery() == session::Delivery{.acknowledged = 0, .not_sent_from = 2});
}

TEST_CASE_FIXTURE(ClientFixture, "what comes for a lane that asked nothing is ignored") {
    open();
    session().replied(Lane::send, {{.status = 404, .fields = {{"Hawser", "1"}}}, {}}, now);
    session().failed(Lane::send, Error::connection_lost, now);
    collect();
    CHECK(closed.empty());
    say("a");
    CHECK(is_sending());
}
