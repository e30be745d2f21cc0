#include <hawser/transport/tls.hpp>

#include "net/tls_certificate.hpp"
#include "support/raw_peer.hpp"

#include <hawser/client/connect.hpp>
#include <hawser/client/keep_connected.hpp>
#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <asio/co_spawn.hpp>
#include <asio/ssl/error.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

using hawser::Channel;
using hawser::ConnectOptions;
using hawser::Error;
using hawser::LongPolling;
using hawser::Message;
using hawser::WebSocket;
using namespace std::chrono_literals;

namespace {

/// A server of https and wss, for both transports, that shows a certificate for `localhost`.
struct SecureServer {
    explicit SecureServer(test::World& world, hawser::ServerOptions options = {})
        : websocket{world.executor()}, polling{world.executor()} {
        hawser::Router router;
        router.add("/", websocket);
        router.add("/", polling);
        options.tls = std::make_shared<const hawser::TlsAcceptor>(certificate.server());
        server = std::make_unique<hawser::Server>(world.executor(), std::move(router), options);
        REQUIRE_FALSE(server->listen("127.0.0.1", 0));
    }

    [[nodiscard]] std::string url(std::string_view scheme, std::string_view host) const {
        return std::string{scheme} + "://" + std::string{host} + ":" +
               std::to_string(server->port()) + "/";
    }
    [[nodiscard]] std::shared_ptr<const hawser::SecureDialer> dialer() const {
        return std::make_shared<const hawser::TlsDialer>(certificate.client());
    }

    test::Certificate certificate{"localhost"};
    hawser::Endpoint<WebSocket> websocket;
    hawser::Endpoint<LongPolling> polling;
    std::unique_ptr<hawser::Server> server;
};

/// As a client that does not wait for more than `patience` until a session is open.
template <class T>
ConnectOptions<T> with_dialer(std::shared_ptr<const hawser::SecureDialer> dialer,
                              hawser::Duration patience = 1h) {
    ConnectOptions<T> options;
    options.tls = std::move(dialer);
    if constexpr (std::is_same_v<T, LongPolling>) {
        options.transport.client.connect_timeout = patience;
        options.transport.client.back_off = {.base = 1ms, .most = 2ms};
    }
    return options;
}

template <class T>
void greet(test::World& world, hawser::Endpoint<T>& endpoint, const std::string& url,
           std::shared_ptr<const hawser::SecureDialer> dialer) {
    test::Outcome<std::error_code, Channel<T>> accepted;
    test::Outcome<std::error_code, Channel<T>> connected;
    endpoint.async_accept(accepted.handler());
    hawser::connect<T>(world.executor(), url, with_dialer<T>(std::move(dialer)),
                       connected.handler());
    world.run_until("a channel", connected);
    REQUIRE_FALSE(connected.error());
    auto& client = std::get<1>(connected.result());
    REQUIRE_FALSE(test::send(world, client, Message::text("hello")));
    world.run_until("a channel", accepted);
    auto& server = std::get<1>(accepted.result());
    CHECK(test::receive(world, server).message().view() == "hello");
    CHECK(server.info().is_encrypted());
    REQUIRE_FALSE(test::send(world, server, Message::text("welcome")));
    CHECK(test::receive(world, client).message().view() == "welcome");
}

}  // namespace

TEST_CASE("a WebSocket and a long poll go round over TLS") {
    test::World world;
    SecureServer secure{world};
    greet(world, secure.websocket, secure.url("wss", "localhost"), secure.dialer());
    greet(world, secure.polling, secure.url("https", "localhost"), secure.dialer());
}

TEST_CASE_TEMPLATE("a certificate that is not accepted is told at once", T, WebSocket,
                   LongPolling) {
    test::World world;
    SecureServer secure{world};
    std::string url = secure.url("https", "localhost");
    auto options = with_dialer<T>(secure.dialer());
    SUBCASE("as it is another host's") { url = secure.url("https", "127.0.0.1"); }
    SUBCASE("as nobody known has signed it") {
        const test::Certificate other{"localhost"};
        options.tls = std::make_shared<const hawser::TlsDialer>(other.client());
    }
    test::Outcome<std::error_code, Channel<T>> connected;
    hawser::connect<T>(world.executor(), url, std::move(options), connected.handler());
    world.run_until("the end of an attempt", connected);
    CHECK(connected.error() == Error::certificate_refused);
    CHECK(connected.error() == hawser::Condition::refused);
    CHECK_FALSE(std::get<1>(connected.result()));
}

TEST_CASE("a client that stays connected gives up where the certificate is not accepted") {
    test::World world;
    SecureServer secure{world};
    test::Outcome<std::exception_ptr, std::error_code> ended;
    hawser::KeepConnectedOptions<WebSocket> options{.connect =
                                                        with_dialer<WebSocket>(secure.dialer())};
    const auto serve = [](Channel<WebSocket>) -> asio::awaitable<hawser::Again> {
        co_return hawser::Again::connect;
    };
    auto kept = hawser::keep_connected<WebSocket>(secure.url("wss", "127.0.0.1"),
                                                  std::move(options), serve);
    asio::co_spawn(world.executor(), std::move(kept), ended.handler());
    world.run_until("the end", ended);
    CHECK(ended.error() == Error::certificate_refused);
}

TEST_CASE_TEMPLATE("a server that does not talk TLS is no refused certificate", T, WebSocket,
                   LongPolling) {
    test::World world;
    asio::ip::tcp::acceptor plain{world.io(), {asio::ip::address_v4::loopback(), 0}};
    std::list<test::RawPeer> peers;
    const std::function<void()> accept = [&] {
        plain.async_accept([&](std::error_code error, asio::ip::tcp::socket socket) {
            if (error) return;
            peers.emplace_back(std::move(socket)).write("This is not TLS at all, but plain text.");
            accept();
        });
    };
    accept();
    const test::Certificate certificate{"localhost"};
    test::Outcome<std::error_code, Channel<T>> connected;
    hawser::connect<T>(
        world.executor(),
        "https://127.0.0.1:" + std::to_string(plain.local_endpoint().port()) + "/",
        with_dialer<T>(std::make_shared<const hawser::TlsDialer>(certificate.client()), 500ms),
        connected.handler());
    world.run_until("the end of an attempt", connected);
    CHECK(connected.error().category() == asio::error::get_ssl_category());
    plain.close();
    world.run_ready();
}

TEST_CASE("a server that does not shake hands is given up in time") {
    test::World world;
    const asio::ip::tcp::acceptor silent{world.io(), {asio::ip::address_v4::loopback(), 0}};
    const test::Certificate certificate{"localhost"};
    auto options = with_dialer<WebSocket>(
        std::make_shared<const hawser::TlsDialer>(certificate.client()));
    options.transport.connection.handshake_timeout = 200ms;
    test::Outcome<std::error_code, Channel<WebSocket>> connected;
    hawser::connect<WebSocket>(
        world.executor(), "wss://127.0.0.1:" + std::to_string(silent.local_endpoint().port()),
        std::move(options), connected.handler());
    world.run_until("the end of an attempt", connected);
    CHECK(connected.error() == Error::handshake_timeout);
}

TEST_CASE("E01 a client that does not shake hands, or not to the end, is given up in time") {
    test::World world;
    SecureServer secure{world, {.http = {.head_timeout = 100ms}}};
    test::RawPeer silent{test::RawPeer::dial(world, secure.server->port())};
    test::RawPeer stalled{test::RawPeer::dial(world, secure.server->port())};
    stalled.write(std::string_view{"\x16\x03\x01\x02\0\x01", 6});  // of 512 bytes of a hello
    silent.await_end(world);
    stalled.await_end(world);
    CHECK(secure.server->connections() == 0);
}

TEST_CASE("E01 who shakes hands counts as a connection, and those beyond the cap are closed") {
    test::World world;
    SecureServer secure{world, {.http = {.head_timeout = 1h}, .caps = {.connections = 2}}};
    test::RawPeer first{test::RawPeer::dial(world, secure.server->port())};
    const test::RawPeer second{test::RawPeer::dial(world, secure.server->port())};
    world.run_until("two connections", [&] { return secure.server->connections() == 2; });
    test::RawPeer third{test::RawPeer::dial(world, secure.server->port())};
    third.await_end(world);
    CHECK(third.received().empty());
    first.close();
    world.run_until("a free place", [&] { return secure.server->connections() == 1; });
    greet(world, secure.websocket, secure.url("wss", "localhost"), secure.dialer());
}

TEST_CASE("an attempt that is given up while it shakes hands ends its connection") {
    test::World world;
    asio::ip::tcp::acceptor silent{world.io(), {asio::ip::address_v4::loopback(), 0}};
    const test::Certificate certificate{"localhost"};
    const hawser::TlsDialer dialer{certificate.client()};
    asio::ip::tcp::socket accepted{world.io()};
    bool has_come = false;
    silent.async_accept(accepted, [&](std::error_code) { has_come = true; });
    bool is_called = false;
    auto attempt = dialer.dial(hawser::net::Loop::of(world.executor()),
                               {.host = "127.0.0.1", .port = silent.local_endpoint().port()}, 1h,
                               [&](std::error_code, auto) { is_called = true; });
    world.run_until("a connection", [&] { return has_come; });
    test::RawPeer peer{std::move(accepted)};
    world.run_until("a hello", [&] { return !peer.received().empty(); });
    attempt.reset();
    peer.await_end(world);
    CHECK_FALSE(is_called);
}

TEST_CASE("files that hold no certificate are refused when they are named") {
    CHECK_THROWS_AS(static_cast<void>(hawser::tls_acceptor("nowhere.pem", "nowhere.pem")),
                    std::system_error);
    CHECK_THROWS_AS(static_cast<void>(hawser::tls_dialer("nowhere.pem")), std::system_error);
}
