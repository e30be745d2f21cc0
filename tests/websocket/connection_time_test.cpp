#include <hawser/websocket/connection.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;
using test::Driven;
using Frames = std::vector<std::string>;
using Events = std::vector<std::string>;

namespace {

constexpr Role roles[] = {Role::server, Role::client};

test::Bytes from_peer(Role role, test::Frame frame, std::string_view payload = {}) {
    if (role == Role::server) frame.key = test::some_key;
    return test::encode(frame, payload);
}

constexpr const char* dead = "closed 1006 a ping was not answered in time (network)";

}  // namespace

TEST_CASE("a client whose handshake takes too long is closed") {
    Driven client{Role::client};
    CHECK(client.connection.deadline() == test::start + 10s);
    client.receive("HTTP/1.1 101 Switching");
    client.pass(10s - 1ns);
    CHECK(client.events.empty());
    client.pass(1ns);
    CHECK(client.events == Events{"closed 1006 the handshake took too long (peer)"});
    CHECK(client.connection.finished());
}

TEST_CASE("a silent peer is pinged after the interval, and given up when it does not answer") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        CHECK(side.connection.deadline() == side.now + 20s);
        side.pass(20s - 1ns);
        CHECK(side.sent.empty());
        side.pass(1ns);
        CHECK(side.frames() == Frames{"ping "});
        CHECK(side.connection.deadline() == side.now + 20s);
        side.pass(20s - 1ns);
        CHECK(side.events == Events{"opened"});
        side.pass(1ns);
        CHECK(side.last_event() == dead);
        CHECK(side.connection.finished());
        CHECK(side.frames() == Frames{"ping "});
    }
}

TEST_CASE("a peer that answers is asked again and again, for a day") {
    Driven server{Role::server};
    server.open();
    for (int i = 0; i != 24 * 60 * 3; ++i) {
        server.pass(20s);
        REQUIRE(server.frames() == Frames{"ping "});
        server.sent.clear();
        server.receive(from_peer(Role::server, {.opcode = 10}));
    }
    CHECK(server.events == Events{"opened"});
}

TEST_CASE("any byte is a sign of life, also in the middle of a message") {
    Driven server{Role::server};
    server.open();
    const auto bytes = from_peer(Role::server, {}, "twelve bytes");
    for (const auto& piece : test::in_pieces_of(bytes, 1)) {
        server.pass(15s);
        server.receive(piece);
    }
    CHECK(server.sent.empty());
    CHECK(server.last_event() == "binary twelve bytes");
}

TEST_CASE("C05 a message that is announced and never sent ends with the keep-alive") {
    Driven server{Role::server};
    server.open().receive(test::encode({.key = test::some_key, .announced = 1'000'000}, "x"));
    server.pass(40s);
    CHECK(server.last_event() == dead);
}

TEST_CASE("the time to answer begins when the ping is taken") {
    Driven server{Role::server};
    server.open().stall(true);
    server.pass(35s);
    server.stall(false);
    CHECK(server.frames() == Frames{"ping "});
    CHECK(server.connection.deadline() == server.now + 20s);
}

TEST_CASE("a ping that cannot be taken blames nobody: that is a stalled write") {
    Driven server{Role::server};
    server.open().stall(true);
    server.pass(10min);
    CHECK(server.events == Events{"opened"});
    server.stall(false);
    CHECK(server.frames() == Frames{"ping "});
    server.pass(20s);
    CHECK(server.last_event() == dead);
}

TEST_CASE("a peer is not blamed for answers that are not read while paused") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.pass(20s);
        side.pause();
        side.receive(from_peer(role, {.opcode = 10}));
        side.pass(1h);
        CHECK(side.events == Events{"opened"});
        // Asked from time to time all the same, so that a dead stream is noticed.
        CHECK(side.frames().size() > 100);
        side.resume();
        CHECK(side.connection.deadline() == side.now + 20s);
        side.pass(40s);
        CHECK(side.last_event() == dead);
    }
}

TEST_CASE("a peer that was asked just before a pause has its time to answer afterwards") {
    Driven server{Role::server};
    server.open();
    server.pass(39s);
    server.pause();
    server.pass(500ms);
    server.resume();
    CHECK(server.connection.deadline() == server.now + 20s);
    server.pass(30s);
    CHECK(server.events == Events{"opened"});
    CHECK(server.frames() == Frames{"ping ", "ping "});
}

TEST_CASE("C09 a message must be complete in time, however busily it is dribbled") {
    Driven server{Role::server};
    server.open();
    server.receive(from_peer(Role::server, {.opcode = 2, .fin = false}));
    for (int i = 0; i != 29; ++i) {
        server.pass(10s);
        server.receive(from_peer(Role::server, {.opcode = 0, .fin = false}));
    }
    CHECK(server.events == Events{"opened"});
    server.pass(10s);
    CHECK(server.last_event() == test::violation(1008, Error::message_timeout));
    const std::string why = make_error_code(Error::message_timeout).message();
    CHECK(server.last_frame() == test::close_frame(1008, why));
    CHECK(server.connection.finished());
}

TEST_CASE("the time for a message does not run while we do not read it") {
    Driven server{Role::server};
    server.open();
    server.receive(from_peer(Role::server, {.opcode = 1, .fin = false}, "slow "));
    server.pass(10s);
    server.pause();
    server.pass(1h);
    server.resume();
    server.pass(10s);
    server.receive(from_peer(Role::server, {.opcode = 0}, "reader"));
    CHECK(server.events == Events{"opened", "text slow reader"});
}

TEST_CASE("messages in a row have each their time") {
    Driven server{Role::server};
    server.open();
    for (int i = 0; i != 100; ++i) {
        server.receive(from_peer(Role::server, {.opcode = 1, .fin = false}, "a"));
        server.pass(10s);
        server.receive(from_peer(Role::server, {.opcode = 0}, "b"));
    }
    CHECK(server.events.size() == 101);
}

TEST_CASE("the first ping of a client is due an interval after the reply") {
    Driven client{Role::client, {.handshake_timeout = 1h}};
    client.pass(30min);
    client.open();
    CHECK(client.connection.deadline() == client.now + 20s);
}

TEST_CASE("a tick that comes too early changes nothing") {
    Driven server{Role::server};
    server.open();
    server.connection.tick(server.now + 20s - 1ns);
    CHECK(server.connection.deadline() == server.now + 20s);
    server.stall(false);
    CHECK(server.sent.empty());
}

TEST_CASE("no pings are sent while closing") {
    Driven server{Role::server, {.ping_interval = 1s}};
    server.open();
    server.close();
    server.pass(4s);
    CHECK(server.frames() == Frames{test::close_frame(1000)});
}

TEST_CASE("every state has exactly one deadline, and none after the end") {
    Driven calling{Role::client};
    CHECK(calling.connection.deadline() == test::start + 10s);
    calling.open();
    CHECK(calling.connection.deadline() == test::start + 20s);
    calling.receive(from_peer(Role::client, {.opcode = 8}));
    CHECK(calling.connection.deadline() == test::start + 5s);
    calling.receive_eof();
    CHECK(calling.connection.deadline() == never);
}
