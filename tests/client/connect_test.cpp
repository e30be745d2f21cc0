#include <hawser/client/connect.hpp>

#include "client/silent_server.hpp"
#include "transport/patient_dialer.hpp"

#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

using hawser::Channel;
using hawser::ConnectOptions;
using hawser::Endpoint;
using hawser::Error;
using hawser::LongPolling;
using hawser::Message;
using hawser::Polling;
using hawser::WebSocket;
using namespace std::chrono_literals;

namespace {

template <class T>
using Connected = test::Outcome<std::error_code, Channel<T>>;

/// A port of this machine where nobody listens.
std::uint16_t closed_port(test::World& world) {
    const asio::ip::tcp::acceptor acceptor{world.io(), {asio::ip::address_v4::loopback(), 0}};
    return acceptor.local_endpoint().port();
}

std::string url_of(std::uint16_t port, std::string_view scheme = "http") {
    return std::string{scheme} + "://127.0.0.1:" + std::to_string(port) + "/";
}

template <class T>
ConnectOptions<T> impatient() {
    ConnectOptions<T> options;
    if constexpr (requires { options.transport.client; }) {
        options.transport.client.connect_timeout = 500ms;
        options.transport.client.back_off = {.base = 1ms, .most = 2ms};
        options.transport.client.foreign_reply = hawser::polling::ForeignReply::give_up;
    }
    return options;
}

template <class T>
std::error_code error_of(test::World& world, const std::string& url) {
    Connected<T> outcome;
    hawser::connect<T>(world.executor(), url, impatient<T>(), outcome.handler());
    CHECK_FALSE(outcome.has_come());  // never from inside the call
    world.run_until("the end of an attempt", outcome);
    CHECK_FALSE(std::get<1>(outcome.result()));
    return outcome.error();
}

}  // namespace

TEST_CASE_TEMPLATE("a client and a server of one transport talk to each other", T, WebSocket,
                   LongPolling, Polling) {
    test::World world;
    Endpoint<T> endpoint{world.executor()};
    hawser::Router router;
    router.add("/", endpoint);
    hawser::Server server{world.executor(), std::move(router)};
    REQUIRE_FALSE(server.listen("127.0.0.1", 0));
    for (const std::string_view scheme : {"http", "ws"}) {
        Connected<T> accepted;
        Connected<T> connected;
        endpoint.async_accept(accepted.handler());
        hawser::connect<T>(world.executor(), url_of(server.port(), scheme), connected.handler());
        world.run_until("a channel", connected);
        REQUIRE_FALSE(connected.error());
        auto& client = std::get<1>(connected.result());
        REQUIRE_FALSE(test::send(world, client, Message::text("hello")));
        world.run_until("a channel", accepted);
        CHECK(test::receive(world, std::get<1>(accepted.result())).message().view() == "hello");
    }
}

TEST_CASE_TEMPLATE("mistaken arguments are told from one another", T, WebSocket, LongPolling,
                   Polling) {
    test::World world;
    CHECK(error_of<T>(world, "nonsense") == Error::bad_url);
    CHECK(error_of<T>(world, "http://here/#fragment") == Error::bad_url);
    CHECK(error_of<T>(world, "ftp://here/") == Error::unsupported_scheme);
    CHECK(error_of<T>(world, "") == hawser::Condition::misuse);
}

TEST_CASE("https and wss need the part that secures") {
    test::World world;
    CHECK(error_of<WebSocket>(world, "wss://127.0.0.1/") == Error::tls_required);
    CHECK(error_of<LongPolling>(world, "https://127.0.0.1/") == Error::tls_required);
}

TEST_CASE_TEMPLATE("a port where nobody listens is told as it is", T, WebSocket, LongPolling,
                   Polling) {
    test::World world;
    const auto url = url_of(closed_port(world));
    CHECK(error_of<T>(world, url) == asio::error::connection_refused);
}

TEST_CASE_TEMPLATE("a name that does not resolve is told as it is", T, WebSocket, LongPolling,
                   Polling) {
    test::World world;
    // A label is too long (RFC 1035 §2.3.4), so that no server is asked.
    const std::error_code error = error_of<T>(world, "http://" + std::string(64, 'n') + ".invalid");
    const bool is_resolvers = error.category() == asio::error::get_netdb_category() ||
                              error.category() == asio::error::get_addrinfo_category();
    CHECK(is_resolvers);
}

TEST_CASE("a WebSocket waits for the handshake as long as its options say") {
    test::World world;
    const test::SilentServer silent{world};
    Connected<WebSocket> outcome;
    hawser::connect<WebSocket>(world.executor(), silent.url(),
                               {.transport = {.connection = {.handshake_timeout = 200ms}}},
                               outcome.handler());
    world.run_until("the end of an attempt", outcome);
    CHECK(outcome.error() == Error::handshake_timeout);
}

TEST_CASE("a server that is not Hawser's is not taken for one") {
    test::World world;
    hawser::Router router;
    router.add("/*", [](const hawser::http::Request&) {
        return hawser::http::make_text_response(200, "A page.\n");
    }, {.methods = {"GET", "POST"}});
    hawser::Server server{world.executor(), std::move(router)};
    REQUIRE_FALSE(server.listen("127.0.0.1", 0));
    CHECK(error_of<WebSocket>(world, url_of(server.port())) == Error::upgrade_refused);
    CHECK(error_of<LongPolling>(world, url_of(server.port())) == Error::foreign_reply);
}

TEST_CASE_TEMPLATE("a server that says nothing can be given up", T, WebSocket, LongPolling) {
    test::World world;
    test::SilentServer silent{world};
    asio::cancellation_signal cancellation;
    Connected<T> outcome;
    hawser::connect<T>(world.executor(), silent.url(),
                       asio::bind_cancellation_slot(cancellation.slot(), outcome.handler()));
    test::RawPeer& peer = silent.await_request(world);
    for (int i = 0; i != 2; ++i) cancellation.emit(asio::cancellation_type::terminal);
    CHECK_FALSE(outcome.has_come());
    world.run_until("the end of the attempt", outcome);
    CHECK(outcome.error() == asio::error::operation_aborted);
    CHECK_FALSE(std::get<1>(outcome.result()));
    peer.await_end(world);
}

TEST_CASE("a polling client asks for no hold, whatever its server offers") {
    test::World world;
    test::SilentServer server{world};
    Connected<Polling> outcome;
    hawser::connect<Polling>(world.executor(), server.url(), outcome.handler());
    test::RawPeer& peer = server.await_request(world);
    peer.received().clear();
    peer.write("HTTP/1.1 201 Created\r\nHawser: 1\r\nHawser-Session: token\r\n"
               "Hawser-Hold: 25000\r\nContent-Length: 0\r\n\r\n");
    world.run_until("a poll", [&] { return peer.received().ends_with("\r\n\r\n"); });
    CHECK(peer.received().find("\r\nHawser-Hold: 0\r\n") != std::string::npos);
}

TEST_CASE("a WebSocket dials with the patience for its handshake, until it has given up") {
    test::World world;
    const auto dialer = std::make_shared<const test::PatientDialer>();
    asio::cancellation_signal cancellation;
    Connected<WebSocket> outcome;
    hawser::connect<WebSocket>(
        world.executor(), "wss://127.0.0.1/",
        {.transport = {.connection = {.handshake_timeout = 77min}}, .tls = dialer},
        asio::bind_cancellation_slot(cancellation.slot(), outcome.handler()));
    CHECK(dialer->patience == 77min);
    CHECK(dialer->is_dialling());
    cancellation.emit(asio::cancellation_type::terminal);
    CHECK_FALSE(dialer->is_dialling());
    world.run_until("the end of the attempt", outcome);
    CHECK(outcome.error() == asio::error::operation_aborted);
}

TEST_CASE("options that do not fit together are refused") {
    test::World world;
    Connected<WebSocket> socket;
    hawser::connect<WebSocket>(world.executor(), "ws://127.0.0.1/",
                               {.transport = {.inbox = {.messages = 0}}}, socket.handler());
    Connected<LongPolling> poll;
    hawser::connect<LongPolling>(world.executor(), "http://127.0.0.1/",
                                 {.transport = {.client = {.message = {.bytes = 8 << 20}}}},
                                 poll.handler());
    world.run_until("the ends", [&] { return socket.has_come() && poll.has_come(); });
    CHECK(socket.error() == Error::bad_argument);
    CHECK(poll.error() == Error::bad_argument);
}
