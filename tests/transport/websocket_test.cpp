#include <hawser/transport/websocket.hpp>

#include "support/raw_peer.hpp"
#include "support/throwing_handlers.hpp"

#include <hawser/channel/concepts.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using hawser::Channel;
using hawser::Error;
using hawser::Message;
using hawser::WebSocket;
using hawser::WebSocketOptions;
using namespace std::chrono_literals;

static_assert(hawser::Transport<WebSocket>);
static_assert(hawser::MessageChannel<Channel<WebSocket>>);
static_assert(WebSocket::guarantee == hawser::Guarantee::at_most_once);

namespace {

using Link = hawser::WebSocketCarrier;

/// A server's channel, whose client is played by the test.
struct Fixture {
    test::World world;
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    std::shared_ptr<int> place = std::make_shared<int>(0);
    std::optional<Channel<WebSocket>> channel;
    std::error_code error;
    int opened = 0;

    void open(WebSocketOptions options = {}) {
        const auto shared = std::make_shared<const WebSocketOptions>(std::move(options));
        hawser::websocket::Upgrade upgrade{.response = {.status = 101}, .subprotocol = "chat"};
        const auto link = std::make_shared<Link>(Link::Parts{
            .stream = std::move(pair.near),
            .connection = hawser::websocket::Connection::server(
                std::move(upgrade), shared->connection, hawser::Clock::now()),
            .loop = hawser::net::Loop::of(world.executor()),
            .options = shared,
            .facts = {.peer_address = "192.0.2.7"},
            .on_open =
                [this](std::error_code failed, auto carrier) {
                    ++opened;
                    error = failed;
                    if (!failed) channel.emplace(std::move(carrier));
                },
            .place = place});
        link->start();
        world.run_until("an open channel", [&] { return opened == 1; });
        REQUIRE_FALSE(error);
        CHECK(peer.response(world).status == 101);
    }
    void await_received(std::string_view bytes) {
        world.run_until("frames", [&] { return peer.received() == bytes; });
        peer.received().clear();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a channel opens once, and moves messages both ways") {
    open();
    CHECK(channel->info().peer_address() == "192.0.2.7");
    CHECK(channel->info().subprotocol() == "chat");
    peer.write(test::masked_text("up"));
    CHECK(test::receive(world, *channel).message().view() == "up");
    REQUIRE_FALSE(test::send(world, *channel, Message::text("down")));
    await_received("\x81\x04"
                   "down");
    CHECK(channel->counters().sent == 1);
    CHECK(channel->counters().received == 1);
    CHECK(opened == 1);
}

TEST_CASE_FIXTURE(Fixture, "what a peer breaks off is told, and the place given back") {
    open();
    peer.close();
    CHECK(test::reason_of(world, *channel).error == Error::connection_lost);
    world.run_until("a free place", [&] { return place.use_count() == 1; });
    CHECK(channel->try_send(Message{}) == Error::closed);
}

TEST_CASE_FIXTURE(Fixture, "what breaks the protocol ends the channel, with the code for it") {
    open();
    peer.write("\x81\x01x");  // not masked
    const auto reason = test::reason_of(world, *channel);
    CHECK(reason.error == Error::unmasked_frame);
    CHECK(reason.code == 1002);
    world.run_until("a close frame", [&] { return peer.received().size() >= 4; });
    CHECK(peer.received().starts_with("\x88"));
    CHECK(peer.received().substr(2, 2) == "\x03\xea");
}

TEST_CASE_FIXTURE(Fixture, "C12 a close that is never answered is told as 1006, and bounded") {
    open({.connection = {.close_timeout = std::chrono::milliseconds{20}}});
    const test::Done closed = test::start_close(*channel);
    await_received("\x88\x02\x03\xe8");
    const auto reason = test::reason_of(world, *channel);
    CHECK(reason.error == Error::close_timeout);
    CHECK(reason.code == 1006);
    world.run_until("a free place", [&] { return place.use_count() == 1; });
    CHECK(closed.times() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a full inbox stops the reading, and taking a message goes on with it") {
    open({.inbox = {.messages = 2}});
    for (int i = 0; i != 20; ++i) peer.write(test::masked_text(std::to_string(i)));
    world.run_ready();
    for (int i = 0; i != 20; ++i) {
        CHECK(test::receive(world, *channel).message().view() == std::to_string(i));
    }
}

TEST_CASE_FIXTURE(Fixture, "reading goes on once the inbox is half empty") {
    open({.inbox = {.messages = 4}});
    for (int i = 0; i != 5; ++i) peer.write(test::masked_text(std::to_string(i)));
    peer.write(std::string_view{"\x89\x80\0\0\0\0", 6});  // a ping
    world.run_ready();
    CHECK(test::receive(world, *channel).message().view() == "0");
    world.run_ready();
    CHECK(peer.received().empty());
    CHECK(test::receive(world, *channel).message().view() == "1");
    await_received(std::string_view{"\x8a\0", 2});
}

TEST_CASE_FIXTURE(Fixture, "E04 a full inbox holds up neither messages, nor pings, nor the close") {
    open({.connection = {.ping_interval = 1ms, .close_timeout = 100ms}, .inbox = {.messages = 1}});
    for (int i = 0; i != 9; ++i) peer.write(test::masked_text("not taken"));
    const auto has_sent = [this](std::string_view bytes) {
        world.run_until(bytes, [&] { return peer.received().find(bytes) != std::string::npos; });
    };
    has_sent(std::string_view{"\x89\0", 2});
    REQUIRE_FALSE(test::send(world, *channel, Message::text("down")));
    has_sent("\x81\x04" "down");
    const auto closed = test::start_close(*channel);
    has_sent("\x88\x02\x03\xe8");
    world.run_until("the end of the close", closed);
    CHECK(channel->close_reason()->error == Error::close_timeout);
    CHECK(test::receive(world, *channel).message().view() == "not taken");
}

TEST_CASE_FIXTURE(Fixture, "E04 a channel that is dropped with a full inbox sees the close") {
    open({.connection = {.close_timeout = std::chrono::hours{1}}, .inbox = {.messages = 1}});
    for (int i = 0; i != 9; ++i) peer.write(test::masked_text("not taken"));
    world.run_ready();
    channel.reset();
    await_received("\x88\x02\x03\xe8");
    peer.write(std::string_view{"\x88\x80\0\0\0\0", 6});
    peer.await_end(world);
    peer.close();
    world.run_until("a free place", [&] { return place.use_count() == 1; });
}

TEST_CASE_FIXTURE(Fixture, "an abort drops what waits, and ends the connection at once") {
    open({.link = {.linger = std::chrono::hours{1}}});
    peer.write(test::masked_text("waits"));
    world.run_ready();
    channel->abort();
    CHECK(test::receive(world, *channel).error() == Error::aborted);
    world.run_until("a free place", [&] { return place.use_count() == 1; });
}

TEST_CASE_FIXTURE(Fixture,
                  "an abort ends the connection at once, though the end's handler throws") {
    open({.link = {.linger = std::chrono::hours{1}}});
    channel->run({.closed = [](const auto&) { throw std::runtime_error{"the test's"}; }});
    channel->abort();
    CHECK_THROWS_AS(world.run_ready(), std::runtime_error);
    world.run_until("a free place", [&] { return place.use_count() == 1; });
}

TEST_CASE_FIXTURE(Fixture, "handlers that throw get what waits when it has ended, then the end") {
    open();
    for (const char* const text : {"one", "two"}) peer.write(test::masked_text(text));
    peer.close();
    test::reason_of(world, *channel);
    world.run_until("a free place", [&] { return place.use_count() == 1; });
    test::Log log;
    channel->run(test::throwing_handlers(log));
    CHECK(test::run_over_exceptions(world) == 3);
    CHECK(log == test::Log{"one", "two", make_error_code(Error::connection_lost).message()});
}

TEST_CASE_FIXTURE(Fixture, "a sender is weak, and knows when the channel has gone") {
    open();
    const auto sender = channel->sender();
    CHECK(sender.send(Message::text("s")));
    await_received("\x81\x01s");
    channel->abort();
    test::reason_of(world, *channel);
    CHECK_FALSE(sender.send(Message::text("s")));
}

TEST_CASE("options that do not fit together are told") {
    CHECK_FALSE(check(WebSocketOptions{}));
    CHECK(check(WebSocketOptions{.connection = {.message = {.bytes = 0}}}) == Error::bad_argument);
    CHECK(check(WebSocketOptions{.connection = {.message = {.bytes = 8 << 20}}}) ==
          Error::bad_argument);
    CHECK(check(WebSocketOptions{.connection = {.message = {.fragments = 0}}}) ==
          Error::bad_argument);
    CHECK(check(WebSocketOptions{.inbox = {.bytes = 0}}) == Error::bad_argument);
    CHECK(check(WebSocketOptions{.inbox = {.messages = 0}}) == Error::bad_argument);
    CHECK(check(WebSocketOptions{.handshake = {.subprotocols = {"a b"}}}) == Error::bad_argument);
    CHECK(check(WebSocketOptions{.request = {.subprotocols = {"a", "a"}}}) == Error::bad_argument);
}
