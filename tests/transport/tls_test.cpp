#include <hawser/transport/tls.hpp>

#include "net/tls_certificate.hpp"
#include "support/raw_peer.hpp"

#include <hawser/client/connect.hpp>
#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

using hawser::Channel;
using hawser::ConnectOptions;
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

template <class T>
void greet(test::World& world, hawser::Endpoint<T>& endpoint, const std::string& url,
           std::shared_ptr<const hawser::SecureDialer> dialer) {
    test::Outcome<std::error_code, Channel<T>> accepted;
    test::Outcome<std::error_code, Channel<T>> connected;
    endpoint.async_accept(accepted.handler());
    ConnectOptions<T> options;
    options.tls = std::move(dialer);
    hawser::connect<T>(world.executor(), url, std::move(options), connected.handler());
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

TEST_CASE("a certificate of another host is not taken") {
    test::World world;
    SecureServer secure{world};
    test::Outcome<std::error_code, Channel<WebSocket>> connected;
    ConnectOptions<WebSocket> options;
    options.tls = secure.dialer();
    hawser::connect<WebSocket>(world.executor(), secure.url("wss", "127.0.0.1"),
                               std::move(options), connected.handler());
    world.run_until("the end of an attempt", connected);
    CHECK(connected.error());
    CHECK_FALSE(std::get<1>(connected.result()));
}

TEST_CASE("files that hold no certificate are refused when they are named") {
    CHECK_THROWS_AS(static_cast<void>(hawser::tls_acceptor("nowhere.pem", "nowhere.pem")),
                    std::system_error);
    CHECK_THROWS_AS(static_cast<void>(hawser::tls_dialer("nowhere.pem")), std::system_error);
}
