#include <hawser/server/server.hpp>

#include "support/raw_peer.hpp"

#include <hawser/server/endpoint.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using hawser::Channel;
using hawser::Endpoint;
using hawser::LongPolling;
using hawser::Server;
using hawser::WebSocket;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view hello = "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n";

/// A route that keeps the duty to answer until the test has it answered.
class KeepingRoute final : public hawser::Route {
public:
    hawser::HeadVerdict judge(const hawser::http::RequestHead&, const hawser::PeerFacts&) override {
        return {};
    }
    void handle(hawser::http::Request, const hawser::PeerFacts& peer,
                hawser::Responder responder) override {
        asked_by = peer;
        asked_by.place = nullptr;
        kept.emplace(std::move(responder));
    }

    hawser::PeerFacts asked_by;
    std::optional<hawser::Responder> kept;
};

struct Fixture {
    test::World world;
    std::shared_ptr<KeepingRoute> keeping = std::make_shared<KeepingRoute>();
    Endpoint<WebSocket> sockets{world.executor()};
    Endpoint<LongPolling> polls{world.executor()};
    std::optional<Server> server;
    test::Done drained;
    bool served_long = false;

    void start(hawser::ServerOptions options = {}) {
        hawser::Router router;
        router.add("/chat", sockets);
        router.add("/chat", polls);
        router.add("/hello", [](const hawser::http::Request&) {
            return hawser::http::make_text_response(200, "hello");
        });
        router.add("/long", [this](const hawser::http::Request&) {
            served_long = true;
            return hawser::http::make_text_response(200, std::string(4 << 20, 'x'));
        });
        router.add("/keep", std::shared_ptr<hawser::Route>{keeping});
        server.emplace(world.executor(), std::move(router), std::move(options));
        REQUIRE_FALSE(server->listen("127.0.0.1", 0));
    }
    [[nodiscard]] test::RawPeer::Socket dial() {
        return test::RawPeer::dial(world, server->port());
    }
    /// Whether somebody listens at `port`.
    [[nodiscard]] bool can_connect(std::uint16_t port) {
        asio::ip::tcp::socket socket{world.io()};
        std::error_code error;
        socket.connect({asio::ip::address_v4::loopback(), port}, error);
        return !error;
    }
    /// A request that is under way until `keeping` answers it.
    void begin_request(test::RawPeer& peer) {
        peer.write("GET /keep HTTP/1.1\r\nHost: here\r\n\r\n");
        world.run_until("a request", [&] { return keeping->kept.has_value(); });
    }
    void drain(hawser::Duration deadline) { server->async_drain(deadline, drained.handler()); }
    void await_drained() {
        world.run_until("the end of the drain", drained);
        CHECK_FALSE(drained.error());
        CHECK(server->connections() == 0);
    }
    /// The server's end of a WebSocket that `peer` opens.
    [[nodiscard]] Channel<WebSocket> open_websocket(test::RawPeer& peer,
                                                    std::string_view more_fields = {}) {
        test::Outcome<std::error_code, Channel<WebSocket>> accepted;
        sockets.async_accept(accepted.handler());
        REQUIRE(peer.exchange(world, test::upgrade_request("/chat", more_fields)).status == 101);
        world.run_until("a channel", accepted);
        return std::get<1>(std::move(accepted.result()));
    }
    /// The token of a session that was opened and is used by nobody.
    [[nodiscard]] std::string open_session(test::RawPeer& peer) {
        const auto response = peer.exchange(
            world, "POST /chat HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n");
        REQUIRE(response.status == 201);
        return response.field("Hawser-Session");
    }
};

std::string receive(const std::string& token, int number, int after) {
    return "GET /chat HTTP/1.1\r\nHost: here\r\nHawser-Session: " + token +
           "\r\nHawser-Request: " + std::to_string(number) +
           "\r\nHawser-After: " + std::to_string(after) + "\r\n\r\n";
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a server listens on a port that the system chooses") {
    start();
    CHECK(server->port() != 0);
    test::RawPeer peer{dial()};
    CHECK(peer.exchange(world, hello).body == "hello");
    CHECK(server->connections() == 1);
    CHECK(server->listen("127.0.0.1", server->port()));  // taken
    CHECK(server->listen("not an address", 0));
}

TEST_CASE_FIXTURE(Fixture, "a route is told who asks") {
    start();
    test::RawPeer peer{dial()};
    begin_request(peer);
    CHECK(keeping->asked_by.address == "127.0.0.1");
    CHECK(keeping->asked_by.port != 0);
    CHECK(keeping->asked_by.security == hawser::http::Security::plain);
}

TEST_CASE_FIXTURE(Fixture, "the options of a server are those of its connections") {
    start({.http = {.head = {.bytes = 60}}});
    test::RawPeer peer{dial()};
    CHECK(peer.exchange(world, "GET /hello HTTP/1.1\r\nHost: here\r\nX: " +
                                   std::string(100, 'x') + "\r\n\r\n")
              .status == 431);
}

TEST_CASE_FIXTURE(Fixture, "servers share a port where their options say so") {
    const hawser::ServerOptions shared{.listen = {.reuse_port = true}};
    start(shared);
    Server other{world.executor(), {}, shared};
    CHECK(other.port() == 0);  // it does not listen yet
    CHECK_FALSE(other.listen("127.0.0.1", server->port()));
    CHECK(other.port() == server->port());
}

TEST_CASE_FIXTURE(Fixture, "a server cuts off who reads nothing for as long as its options say") {
    start({.link = {.write_stall = 1ms}});
    test::SocketPair pair{world};
    server->serve(std::move(pair.near));
    asio::write(pair.far, asio::buffer("GET /long HTTP/1.1\r\nHost: here\r\n\r\n"sv));
    world.run_until("a request", [&] { return served_long; });
    world.run_until("the end of a connection", [&] { return server->connections() == 0; });
}

TEST_CASE_FIXTURE(Fixture, "a server listens on a local socket") {
    start();
    const auto path = std::filesystem::temp_directory_path() /
                      ("hawser_server_test_" + std::to_string(server->port()));
    REQUIRE_FALSE(server->listen_local(path.string()));
    asio::local::stream_protocol::socket socket{world.io()};
    socket.connect({path.string()});
    test::RawPeer peer{std::move(socket)};
    CHECK(peer.exchange(world, hello).body == "hello");
    begin_request(peer);
    CHECK(keeping->asked_by.address == path.string());
    server->stop();
    asio::local::stream_protocol::socket late{world.io()};
    std::error_code error;
    late.connect({path.string()}, error);
    CHECK(error == asio::error::connection_refused);
    std::filesystem::remove(path);
}

TEST_CASE_FIXTURE(Fixture, "a server serves a stream that was accepted elsewhere") {
    start();
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    server->serve(std::move(pair.near));
    CHECK(peer.exchange(world, hello).body == "hello");
}

TEST_CASE_FIXTURE(Fixture, "a connection beyond the cap is answered 503, until there is a place") {
    start({.caps = {.connections = 1}});
    test::RawPeer first{dial()};
    REQUIRE(first.exchange(world, test::upgrade_request("/chat")).status == 101);
    test::RawPeer second{dial()};
    const auto refusal = second.response(world);
    CHECK(refusal.status == 503);
    CHECK(refusal.field("Retry-After") == "1");
    second.await_end(world);
    first.close();
    world.run_until("a free place", [&] { return server->connections() == 0; });
    test::RawPeer third{dial()};
    CHECK(third.exchange(world, hello).status == 200);
}

TEST_CASE_FIXTURE(Fixture, "a server that has nothing to do drains at once, and listens no more") {
    start();
    const auto port = server->port();
    drain(30s);
    CHECK_FALSE(drained.has_come());
    await_drained();
    CHECK_FALSE(can_connect(port));
}

TEST_CASE_FIXTURE(Fixture, "a drain refuses new WebSockets, and serves plain requests meanwhile") {
    start();
    test::RawPeer peer{dial()};
    const auto channel = open_websocket(peer);
    drain(30s);
    test::RawPeer late{dial()};
    const auto refusal = late.exchange(world, test::upgrade_request("/chat"));
    CHECK(refusal.status == 503);
    CHECK(refusal.field("Retry-After") == "1");
    CHECK(late.exchange(world, hello).body == "hello");
    CHECK_FALSE(drained.has_come());
    peer.close();
    late.await_end(world);
    late.close();
    await_drained();
}

TEST_CASE_FIXTURE(Fixture, "a drain waits for a request that is under way") {
    start();
    const auto port = server->port();
    test::RawPeer peer{dial()};
    begin_request(peer);
    drain(30s);
    world.run_until("the end of listening", [&] { return !can_connect(port); });
    world.run_ready();
    CHECK_FALSE(drained.has_come());
    std::move(*keeping->kept).respond(hawser::http::make_text_response(200, "at last"),
                                      world.executor());
    const auto answer = peer.response(world);
    CHECK(answer.body == "at last");
    CHECK(answer.field("Connection") == "close");
    peer.await_end(world);
    peer.close();
    await_drained();
}

TEST_CASE_FIXTURE(Fixture, "a drain closes idle connections") {
    start();
    test::RawPeer one{dial()};
    test::RawPeer other{dial()};
    CHECK(one.exchange(world, hello).status == 200);
    CHECK(other.exchange(world, hello).status == 200);
    drain(30s);
    one.await_end(world);
    other.await_end(world);
    one.close();
    other.close();
    await_drained();
}

TEST_CASE_FIXTURE(Fixture, "a drain closes a WebSocket with 1001") {
    start();
    test::RawPeer peer{dial()};
    const auto channel = open_websocket(peer);
    drain(30s);
    world.run_until("a close frame", [&] { return peer.received().size() == 4; });
    CHECK(peer.received() == "\x88\x02\x03\xe9");
    CHECK_FALSE(drained.has_come());
    peer.write(std::string("\x88\x82\0\0\0\0\x03\xe9", 8));
    peer.await_end(world);
    peer.close();
    await_drained();
    CHECK(channel.close_reason()->error == hawser::Error::closed);
}

TEST_CASE_FIXTURE(Fixture, "a drain answers held polls, and serves their sessions to the end") {
    start();
    test::Outcome<std::error_code, Channel<LongPolling>> accepted;
    polls.async_accept(accepted.handler());
    test::RawPeer peer{dial()};
    const auto token = open_session(peer);
    peer.write(receive(token, 1, 0));
    world.run_until("a channel", accepted);
    drain(30s);
    const auto told = peer.response(world);
    CHECK(told.status == 200);
    CHECK(told.body == "\x88\x02\x03\xe9");
    test::RawPeer late{dial()};
    CHECK(late.exchange(world, "POST /chat HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n")
              .field("Hawser-Error") == "draining");
    CHECK(late.exchange(world, receive(token, 2, 1)).status == 204);
    peer.await_end(world);
    late.await_end(world);
    peer.close();
    late.close();
    await_drained();
}

TEST_CASE_FIXTURE(Fixture, "at its deadline a drain ends what has not ended by itself") {
    start();
    test::RawPeer peer{dial()};
    const auto channel = open_websocket(peer);
    test::RawPeer polling{dial()};
    const auto token = open_session(polling);
    polling.write(receive(token, 1, 0));
    test::RawPeer asking{dial()};
    begin_request(asking);
    const auto port = server->port();
    drain(5ms);
    await_drained();  // the peer never answers the close, nor does the route its request
    CHECK(channel.is_closed());
    CHECK_FALSE(can_connect(port));
    peer.await_end(world);
    polling.await_end(world);
    asking.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "a stream that comes after the end is closed") {
    start();
    drain(30s);
    await_drained();
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    server->serve(std::move(pair.near));
    peer.await_end(world);
    CHECK(peer.received().empty());
    CHECK(server->connections() == 0);
}

TEST_CASE_FIXTURE(Fixture, "two drains end together") {
    start();
    test::Done second;
    drain(30s);
    server->async_drain(30s, second.handler());
    await_drained();
    world.run_until("the second drain", second);
}

TEST_CASE_FIXTURE(Fixture, "stopping ends everything at once") {
    start();
    test::RawPeer peer{dial()};
    const auto channel = open_websocket(peer);
    test::RawPeer idle{dial()};
    CHECK(idle.exchange(world, hello).status == 200);
    const auto port = server->port();
    server->stop();
    CHECK_FALSE(can_connect(port));
    CHECK(test::reason_of(world, channel).error == hawser::Error::aborted);
    peer.await_end(world);
    idle.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "a server that is destroyed or replaced is stopped") {
    start();
    test::RawPeer peer{dial()};
    CHECK(peer.exchange(world, hello).status == 200);
    auto replaced = std::move(*server);
    hawser::Router router;
    replaced = Server{world.executor(), std::move(router)};
    peer.await_end(world);
    start();
    test::RawPeer other{dial()};
    CHECK(other.exchange(world, hello).status == 200);
    server.reset();
    other.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "what a trusted proxy says counts for the endpoints") {
    start({.trusted_proxies = {"127.0.0.1"}});
    test::RawPeer peer{dial()};
    const auto channel = open_websocket(peer, "X-Forwarded-For: 192.0.2.7\r\n");
    CHECK(channel.info().peer_address() == "192.0.2.7");
}
