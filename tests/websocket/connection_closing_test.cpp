#include <hawser/websocket/connection.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;
using test::close_frame;
using test::Driven;
using Frames = std::vector<std::string>;
using Events = std::vector<std::string>;

namespace {

constexpr Role roles[] = {Role::server, Role::client};

test::Bytes from_peer(Role role, unsigned opcode, std::string_view payload = {}) {
    test::Frame frame{.opcode = opcode};
    if (role == Role::server) frame.key = test::some_key;
    return test::encode(frame, payload);
}

constexpr std::string_view going_away = "\x03\xE9"
                                        "bye";
constexpr const char* lost = "closed 1006 the connection ended without a close (network)";
constexpr const char* unanswered = "closed 1006 the close was not answered in time (peer)";

}  // namespace

TEST_CASE("the peer's close is reported, and answered with its code") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.receive(from_peer(role, 8, going_away));
        CHECK(side.events == Events{"opened", "closed 1001 the channel was closed (peer)"});
        CHECK(side.reason.text == "bye");
        CHECK(side.frames() == Frames{close_frame(1001)});
    }
}

TEST_CASE("a close frame without a code is answered with one without a code") {
    Driven server{Role::server};
    server.open().receive(from_peer(Role::server, 8));
    CHECK(server.events == Events{"opened", "closed 1005 the channel was closed (peer)"});
    CHECK(server.frames() == Frames{"close "});
}

TEST_CASE("a server ends the stream when both close frames are exchanged") {
    Driven server{Role::server};
    server.open().receive(from_peer(Role::server, 8, going_away));
    CHECK(server.connection.finished());
}

TEST_CASE("a client waits for the server to end the stream, but not for ever") {
    Driven client{Role::client};
    client.open().receive(from_peer(Role::client, 8, going_away));
    CHECK_FALSE(client.connection.finished());
    CHECK(client.connection.read_limit() > 0);
    CHECK(client.connection.deadline() == client.now + 5s);
    client.receive_eof();
    CHECK(client.connection.finished());

    Driven other{Role::client};
    other.open().receive(from_peer(Role::client, 8, going_away));
    other.pass(5s);
    CHECK(other.connection.finished());
    CHECK(other.events.size() == 2);
}

TEST_CASE("what is queued leaves before the answer to the peer's close") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.stall(true);
        side.send("accepted");
        side.receive(from_peer(role, 8, going_away));
        CHECK(side.events.size() == 2);
        CHECK(side.connection.deadline() == side.now + 5s);
        CHECK_FALSE(side.connection.finished());
        side.stall(false);
        CHECK(side.frames() == Frames{"text accepted", close_frame(1001)});
    }
}

TEST_CASE("an answer that cannot leave in time is given up") {
    Driven server{Role::server};
    server.open().stall(true);
    server.send("accepted");
    server.receive(from_peer(Role::server, 8, going_away));
    server.pass(5s);
    CHECK(server.connection.finished());
    server.stall(false);
    CHECK(server.sent.empty());
}

TEST_CASE("our close leaves after what is queued, and is over when the peer answers") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.stall(true);
        side.send("first");
        side.close(4000, "enough");
        side.stall(false);
        CHECK(side.frames() == Frames{"text first", close_frame(4000, "enough")});
        CHECK(side.events == Events{"opened"});
        CHECK(side.connection.deadline() == side.now + 5s);
        side.receive(from_peer(role, 8, "\x0F\xA0"));
        CHECK(side.last_event() == "closed 4000 the channel was closed (local)");
        CHECK(side.reason.text == "enough");
        CHECK(side.connection.finished() == (role == Role::server));
        side.receive_eof();
        CHECK(side.connection.finished());
    }
}

TEST_CASE("messages that arrive after our close frame has left are delivered, pings not answered") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.close();
        side.receive(from_peer(role, 1, "late"));
        side.receive(from_peer(role, 9, "ping"));
        side.receive(from_peer(role, 8, "\x03\xE8"));
        CHECK(side.events ==
              Events{"opened", "text late", "closed 1000 the channel was closed (local)"});
        CHECK(side.frames() == Frames{close_frame(1000)});
    }
}

TEST_CASE("when both close at the same time, each is told its own reason") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.stall(true);
        side.send("queued");
        side.close(1001);
        side.receive(from_peer(role, 8, "\x03\xE8"));
        CHECK(side.last_event() == "closed 1001 the channel was closed (local)");
        side.stall(false);
        CHECK(side.frames() == Frames{"text queued", close_frame(1001)});
    }
}

TEST_CASE("after close nothing more is accepted, and a second close changes nothing") {
    Driven server{Role::server};
    server.open();
    server.close(1001, "first");
    CHECK(server.connection.send(Message::text("late"), server.now) == Backlog::Push::dropped);
    CHECK_FALSE(server.connection.try_send(Message::text("late")));
    server.pass(3s);
    server.close(1000, "second");
    CHECK(server.frames() == Frames{close_frame(1001, "first")});
    CHECK(server.connection.deadline() == server.now + 2s);
}

TEST_CASE("the reason that the application gives keeps its error") {
    Driven server{Role::server};
    server.connection.close({.error = Error::draining, .code = 1001, .by = Party::peer},
                            server.now);
    server.open().receive(from_peer(Role::server, 8, "\x03\xE9"));
    CHECK(server.reason.error == Error::draining);
    CHECK(server.reason.by == Party::local);
}

TEST_CASE("C12 a close that is never answered ends at the deadline with 1006") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.close();
        side.pass(5s - 1ns);
        CHECK(side.events == Events{"opened"});
        side.receive(from_peer(role, 1, "still talking"));
        side.pass(1ns);
        CHECK(side.last_event() == unanswered);
        CHECK(side.connection.finished());
    }
}

TEST_CASE("C12 a close that cannot leave ends at the deadline") {
    Driven server{Role::server};
    server.open().stall(true);
    server.close();
    server.pass(5s);
    CHECK(server.last_event() == unanswered);
    server.stall(false);
    CHECK(server.sent.empty());
}

TEST_CASE("C12 what follows a close frame is thrown away, a second one as well") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.receive(test::joined({from_peer(role, 8, "\x03\xE8"), from_peer(role, 1, "late"),
                                   from_peer(role, 8, "\x03\xE9"), test::bytes_of({0xFF, 0xFF})}));
        CHECK(side.events == Events{"opened", "closed 1000 the channel was closed (peer)"});
        CHECK(side.frames() == Frames{close_frame(1000)});
        CHECK(side.unread() == 0);
    }
}

TEST_CASE("C12 the end of input without a close frame is 1006, wherever it comes") {
    for (const Role role : roles) {
        Driven open{role};
        open.open();
        open.receive_eof();
        CHECK(open.last_event() == lost);
        CHECK(open.connection.finished());

        Driven inside{role};
        inside.open();
        inside.receive("\x81");
        inside.receive_eof();
        CHECK(inside.last_event() == lost);

        Driven closing{role};
        closing.open();
        closing.close();
        closing.receive_eof();
        CHECK(closing.last_event() == lost);
        CHECK(closing.connection.finished());
    }
    Driven calling{Role::client};
    calling.receive_eof();
    CHECK(calling.events == Events{lost});
}

TEST_CASE("a peer that ends its half right after its close frame still gets the answer") {
    Driven server{Role::server};
    server.open().stall(true);
    server.send("queued");
    server.receive(from_peer(Role::server, 8, "\x03\xE8"));
    server.receive_eof();
    CHECK_FALSE(server.connection.finished());
    server.stall(false);
    CHECK(server.frames() == Frames{"text queued", close_frame(1000)});
    CHECK(server.connection.finished());
}

TEST_CASE("a broken stream ends everything at once, with the error of the stream") {
    for (const Role role : roles) {
        Driven open{role};
        open.open();
        open.stall(true);
        open.send("queued");
        open.receive_error(make_error_code(std::errc::connection_reset));
        CHECK(open.reason.error == std::errc::connection_reset);
        CHECK(open.reason.by == Party::network);
        CHECK(open.reason.code == 1006);
        CHECK(open.connection.finished());
        open.stall(false);
        CHECK(open.sent.empty());

        Driven closing{role};
        closing.open();
        closing.close();
        closing.receive_error({});
        CHECK(closing.last_event() == lost);

        Driven leaving{role};
        leaving.open();
        leaving.stall(true);
        leaving.receive(from_peer(role, 8, "\x03\xE8"));
        leaving.receive_error(make_error_code(Error::write_stalled));
        CHECK(leaving.events == Events{"opened", "closed 1000 the channel was closed (peer)"});
        CHECK(leaving.connection.finished());
    }
}

TEST_CASE("a client that is closed before it is open ends at once, without a frame") {
    Driven client{Role::client};
    client.sent.clear();
    client.close(1001, "changed my mind");
    CHECK(client.events == Events{"closed 1001 the channel was closed (local)"});
    CHECK(client.connection.finished());
    CHECK(client.sent.empty());
}

TEST_CASE("aborting ends every state at once") {
    for (const Role role : roles) {
        Driven open{role};
        open.open();
        open.stall(true);
        open.send("queued");
        open.connection.abort(Error::aborted);
        open.stall(false);
        CHECK(open.last_event() == "closed 1006 the channel was aborted (local)");
        CHECK(open.sent.empty());

        Driven closing{role};
        closing.open();
        closing.close();
        closing.connection.abort(Error::aborted);
        closing.pass(0s);
        closing.stall(false);
        CHECK(closing.last_event() == "closed 1006 the channel was aborted (local)");
        CHECK(closing.connection.finished());
    }
    Driven calling{Role::client};
    calling.connection.abort(Error::aborted);
    calling.stall(false);
    CHECK(calling.events == Events{"closed 1006 the channel was aborted (local)"});

    Driven lingering{Role::client};
    lingering.open().receive(from_peer(Role::client, 8, "\x03\xE8"));
    lingering.connection.abort(Error::aborted);
    CHECK(lingering.connection.finished());
    CHECK(lingering.events.size() == 2);
}

TEST_CASE("our close frame says what may be said") {
    Driven server{Role::server};
    server.open();
    server.close(1006, std::string(200, 'x'));
    CHECK(server.frames() == Frames{close_frame(1011, std::string(123, 'x'))});
    Driven none{Role::server};
    none.open();
    none.close(1005);
    CHECK(none.frames() == Frames{"close "});
}
