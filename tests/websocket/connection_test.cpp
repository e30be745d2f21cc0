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
using Push = Backlog::Push;

namespace {

constexpr Role roles[] = {Role::server, Role::client};

/// A frame from the peer of a connection in `role`.
test::Bytes from_peer(Role role, test::Frame frame, std::string_view payload = {}) {
    if (role == Role::server) frame.key = test::some_key;
    return test::encode(frame, payload);
}

/// A connection of which nothing is taken, with room for `hard` bytes.
websocket::ConnectionOptions with_room(std::size_t hard, SlowConsumer policy) {
    websocket::ConnectionOptions options;
    options.backlog.limits = {.high = hard, .low = 0, .hard = hard};
    options.backlog.slow_consumer = policy;
    return options;
}

}  // namespace

TEST_CASE("a server is open at once, and sends the response before anything else") {
    Driven server{Role::server};
    CHECK(server.events == Events{"opened"});
    server.send("first");
    const std::string sent{as_characters(server.sent)};
    const std::string response = test::good_reply("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    REQUIRE(sent.starts_with(response));
    CHECK(test::frames_in(ByteView{server.sent}.subspan(response.size())) == Frames{"text first"});
}

TEST_CASE("a client sends its request, and is open when the reply is here") {
    Driven client{Role::client};
    CHECK(as_characters(client.sent).starts_with("GET /chat HTTP/1.1\r\n"));
    CHECK(client.events.empty());
    client.open();
    CHECK(client.events == Events{"opened"});
}

TEST_CASE("what a client sends before it is open waits for the reply") {
    Driven client{Role::client};
    client.sent.clear();
    client.send("early");
    CHECK(client.sent.empty());
    client.open();
    CHECK(client.frames() == Frames{"text early"});
}

TEST_CASE("B06 frames behind the reply, in the same segment, are not lost") {
    Driven client{Role::client};
    auto bytes = test::bytes_of(test::good_reply(client.request().accept));
    test::append(bytes, test::encode({.opcode = 1}, "first"));
    test::append(bytes, test::encode({.opcode = 1}, "second"));
    client.receive(bytes);
    CHECK(client.events == Events{"opened", "text first", "text second"});
}

TEST_CASE("B10 a client whose handshake fails is closed and never opened") {
    Driven client{Role::client};
    client.sent.clear();
    client.receive("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nNo.");
    CHECK(client.events == Events{"closed 1006 the server did not switch to WebSocket (peer)"});
    CHECK(client.connection.finished());
    CHECK(client.sent.empty());
}

TEST_CASE("messages come out as they went in, each with its kind") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.receive(from_peer(role, {.opcode = 1}, "text"));
        side.receive(from_peer(role, {.opcode = 2}, "\xFF"));
        side.receive(from_peer(role, {.opcode = 1}));
        CHECK(side.events == Events{"opened", "text text", "binary \xFF", "text "});
    }
}

TEST_CASE("no more than one message is taken at a time") {
    Driven server{Role::server};
    auto bytes =
        test::joined({from_peer(Role::server, {}, "one"), from_peer(Role::server, {}, "two")});
    CHECK(server.connection.receive(bytes, server.now) == 9);
    CHECK(server.connection.read_limit() == 0);
    CHECK(server.connection.receive(MutableBytes{bytes}.subspan(9), server.now) == 0);
    CHECK(server.connection.poll_event());
    CHECK(server.connection.read_limit() > 0);
    CHECK(server.connection.receive(MutableBytes{bytes}.subspan(9), server.now) == 9);
}

TEST_CASE("a received message can be sent on without a copy") {
    Driven server{Role::server};
    auto bytes = from_peer(Role::server, {}, std::string(50'000, 'x'));
    REQUIRE(server.connection.receive(bytes, server.now) == bytes.size());
    const auto message = std::get<Message>(*server.connection.poll_event());
    CHECK(server.connection.send(Message{message}, server.now) == Push::accepted);
    Output output;
    server.connection.take_output(output, test::any_budget, server.now);
    ByteView views[3];
    REQUIRE(output.gather(views) == 1);
    CHECK(views[0].data() == message.frame().data());
}

TEST_CASE("pings are answered with their bytes, pongs are ignored") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.receive(from_peer(role, {.opcode = 9}, "are you there?"));
        CHECK(side.frames() == Frames{"pong are you there?"});
        side.receive(from_peer(role, {.opcode = 10}, "unasked"));
        CHECK(side.frames().size() == 1);
        CHECK(side.events == Events{"opened"});
    }
}

TEST_CASE("a budget ends the taking of messages, and what is left is taken later") {
    Driven server{Role::server};
    server.open();
    server.stall(true);
    for (int i = 0; i != 10; ++i)
        server.send(std::string(98, 'x'));
    CHECK(server.connection.backlog().messages() == 10);
    CHECK(server.connection.backlog().bytes() == 1000);
    Output output;
    server.connection.take_output(output, 250, server.now);
    CHECK(output.size() == 300);
    CHECK(server.connection.backlog().messages() == 7);
    server.connection.set_elsewhere(300);
    CHECK(server.connection.backlog().bytes() == 1000);
    server.connection.take_output(output, test::any_budget, server.now);
    CHECK(output.size() == 1000);
    CHECK(server.connection.backlog().bytes() == 300);
}

TEST_CASE("nothing is received while paused, and everything afterwards") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.pause();
        CHECK(side.connection.paused());
        side.receive(from_peer(role, {.opcode = 1}, "waits"));
        CHECK(side.events == Events{"opened"});
        CHECK(side.connection.read_limit() == 0);
        side.resume();
        CHECK_FALSE(side.connection.paused());
        CHECK(side.events == Events{"opened", "text waits"});
        CHECK(side.unread() == 0);
    }
}

TEST_CASE("a client that is paused before it is open does not read the reply") {
    Driven client{Role::client};
    client.pause();
    client.receive(test::good_reply(client.request().accept));
    CHECK(client.events.empty());
    client.resume();
    CHECK(client.events == Events{"opened"});
}

TEST_CASE("pausing in the middle of a message loses nothing of it") {
    Driven server{Role::server};
    const std::string text(40'000, 'x');
    const auto pieces = test::in_pieces_of(from_peer(Role::server, {.opcode = 1}, text), 20'000);
    server.receive(pieces[0]);
    CHECK_FALSE(server.connection.prepare().empty());
    server.pause();
    server.receive(pieces[1]);
    CHECK(server.events == Events{"opened"});
    server.resume();
    server.receive(pieces[2]);
    CHECK(server.events == Events{"opened", "text " + text});
}

TEST_CASE("messages are sent while receiving is paused") {
    Driven server{Role::server};
    server.open();
    server.pause();
    server.send("out");
    CHECK(server.frames() == Frames{"text out"});
}

TEST_CASE("a consumer that is too slow is closed with 1008, by default") {
    for (const Role role : roles) {
        Driven side{role, with_room(1000, SlowConsumer::close)};
        side.open();
        side.stall(true);
        side.send(std::string(600, 'a'));
        CHECK(side.connection.send(Message::text(std::string(600, 'b')), side.now) ==
              Push::overflow);
        side.stall(false);
        const std::string why = make_error_code(Error::slow_consumer).message();
        CHECK(side.events == Events{"opened", test::violation(1008, Error::slow_consumer)});
        CHECK(side.frames() == Frames{test::close_frame(1008, why)});
        CHECK(side.connection.finished());
    }
}

TEST_CASE("a client that sends too much before it is open ends") {
    Driven client{Role::client, with_room(1000, SlowConsumer::close)};
    client.sent.clear();
    CHECK(client.connection.send(Message::text(std::string(2000, 'b')), client.now) ==
          Push::overflow);
    client.pass(0s);
    client.stall(false);
    CHECK(client.events == Events{test::violation(1008, Error::slow_consumer)});
    CHECK(client.sent.empty());
}

TEST_CASE("other policies drop messages and go on") {
    Driven newest{Role::server, with_room(1000, SlowConsumer::drop_newest)};
    newest.open().stall(true);
    newest.send(std::string(600, 'a'));
    CHECK(newest.connection.send(Message::text(std::string(600, 'b')), newest.now) ==
          Push::dropped);
    newest.stall(false);
    CHECK(newest.frames() == Frames{"text " + std::string(600, 'a')});

    Driven oldest{Role::server, with_room(1000, SlowConsumer::drop_oldest)};
    oldest.open().stall(true);
    oldest.send(std::string(600, 'a'));
    oldest.send(std::string(600, 'b'));
    oldest.stall(false);
    CHECK(oldest.frames() == Frames{"text " + std::string(600, 'b')});
    CHECK(oldest.connection.backlog().dropped() == 1);
}

TEST_CASE("trying to send refuses what does not fit, and nothing else happens") {
    Driven server{Role::server, with_room(1000, SlowConsumer::close)};
    server.open().stall(true);
    CHECK(server.connection.try_send(Message::text(std::string(600, 'a'))));
    CHECK_FALSE(server.connection.try_send(Message::text(std::string(600, 'b'))));
    server.stall(false);
    CHECK(server.frames() == Frames{"text " + std::string(600, 'a')});
    CHECK(server.events == Events{"opened"});
}

TEST_CASE("what is taken but not written counts as backlog") {
    Driven server{Role::server, with_room(1000, SlowConsumer::close)};
    server.open();
    server.connection.set_elsewhere(900);
    CHECK_FALSE(server.connection.try_send(Message::text(std::string(600, 'a'))));
    server.connection.set_elsewhere(0);
    CHECK(server.connection.try_send(Message::text(std::string(600, 'a'))));
}

TEST_CASE("nothing is accepted after the end, and nothing happens any more") {
    for (const Role role : roles) {
        Driven side{role};
        side.open();
        side.connection.abort(Error::aborted);
        side.stall(false);
        CHECK(side.events == Events{"opened", "closed 1006 the channel was aborted (local)"});
        CHECK(side.connection.send(Message::text("late"), side.now) == Push::dropped);
        CHECK_FALSE(side.connection.try_send(Message::text("late")));
        side.close();
        side.connection.abort(Error::aborted);
        side.receive(from_peer(role, {.opcode = 1}, "late"));
        side.receive(from_peer(role, {.opcode = 8}));
        side.receive_eof();
        side.receive_error(make_error_code(std::errc::io_error));
        side.resume();
        side.pass(1h);
        CHECK(side.events.size() == 2);
        CHECK(side.sent.empty());
        CHECK(side.connection.finished());
    }
}

TEST_CASE("a message that was received before the end is still delivered") {
    Driven server{Role::server};
    auto bytes = from_peer(Role::server, {.opcode = 1}, "last");
    REQUIRE(server.connection.receive(bytes, server.now) == bytes.size());
    server.connection.abort(Error::aborted);
    CHECK_FALSE(server.connection.finished());
    server.stall(false);
    CHECK(server.events ==
          Events{"opened", "text last", "closed 1006 the channel was aborted (local)"});
    CHECK(server.connection.finished());
}

TEST_CASE("a connection can be moved") {
    const websocket::ConnectionOptions options;
    auto first = websocket::Connection::server(test::upgrade(), options, test::start);
    auto bytes = from_peer(Role::server, {.opcode = 1, .fin = false}, "half");
    REQUIRE(first.receive(bytes, test::start) == bytes.size());
    auto second = std::move(first);
    CHECK(second.poll_event());
    bytes = from_peer(Role::server, {.opcode = 0}, " and half");
    for (MutableBytes left{bytes}; !left.empty();) {
        left = left.subspan(second.receive(left, test::start));
    }
    CHECK(std::get<Message>(*second.poll_event()) == Message::text("half and half"));
}
