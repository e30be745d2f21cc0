#include <hawser/client/fallback.hpp>

#include "client/silent_server.hpp"

#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

using hawser::AnyChannel;
using hawser::ConnectOptions;
using hawser::Error;
using hawser::LongPolling;
using hawser::WebSocket;
using namespace std::chrono_literals;

namespace {

using Connected = test::Outcome<std::error_code, AnyChannel>;

struct Fixture {
    test::World world;
    hawser::Endpoint<WebSocket> sockets{world.executor()};
    hawser::Endpoint<LongPolling> polls{world.executor()};
    std::optional<hawser::Server> server;
    Connected outcome;

    void start(hawser::Router router) {
        server.emplace(world.executor(), std::move(router));
        REQUIRE_FALSE(server->listen("127.0.0.1", 0));
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(server->port()) + "/";
    }
    /// Connects by a WebSocket, or else by long-polling.
    [[nodiscard]] std::error_code connect(const std::string& to) {
        hawser::fallback<WebSocket, LongPolling>(world.executor(), to, outcome.handler());
        CHECK_FALSE(outcome.has_come());
        world.run_until("the end of the attempts", outcome);
        CHECK(static_cast<bool>(std::get<1>(outcome.result())) == !outcome.error());
        return outcome.error();
    }
    [[nodiscard]] hawser::Guarantee guarantee() const {
        return std::get<1>(outcome.result()).guarantee();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the first transport is taken where it gets through") {
    hawser::Router router;
    router.add("/", sockets);
    router.add("/", polls);
    start(std::move(router));
    REQUIRE_FALSE(connect(url()));
    CHECK(guarantee() == WebSocket::guarantee);
}

TEST_CASE_FIXTURE(Fixture, "where upgrades are refused the next transport is taken") {
    hawser::Router router;
    router.add("/", polls);
    start(std::move(router));
    REQUIRE_FALSE(connect(url()));
    CHECK(guarantee() == LongPolling::guarantee);
    CHECK_FALSE(std::get<1>(outcome.result()).is_closed());
}

TEST_CASE_FIXTURE(Fixture, "where none gets through there is no transport left") {
    start({});
    std::tuple<ConnectOptions<WebSocket>, ConnectOptions<LongPolling>> options;
    // A foreign reply is not waited out.
    std::get<1>(options).transport.client.connect_timeout = 1h;
    hawser::fallback<WebSocket, LongPolling>(world.executor(), url(), std::move(options),
                                             outcome.handler());
    world.run_until("the end of the attempts", outcome);
    CHECK(outcome.error() == Error::no_transport_left);
}

TEST_CASE_FIXTURE(Fixture, "each transport is tried with its own options") {
    hawser::Router router;
    router.add("/", polls);
    start(std::move(router));
    std::tuple<ConnectOptions<WebSocket>, ConnectOptions<LongPolling>> options;
    std::get<1>(options).transport.keep_head = false;
    hawser::fallback<WebSocket, LongPolling>(world.executor(), url(), std::move(options),
                                             outcome.handler());
    world.run_until("the end of the attempts", outcome);
    REQUIRE_FALSE(outcome.error());
    CHECK(std::get<1>(outcome.result()).info().headers().empty());
}

TEST_CASE_FIXTURE(Fixture, "the application's own mistake stops at once") {
    CHECK(connect("nonsense") == Error::bad_url);
}

TEST_CASE_FIXTURE(Fixture, "the application's own mistake in the first options stops at once") {
    hawser::Router router;
    router.add("/", polls);
    start(std::move(router));
    std::tuple<ConnectOptions<WebSocket>, ConnectOptions<LongPolling>> options;
    std::get<0>(options).transport.inbox.messages = 0;
    hawser::fallback<WebSocket, LongPolling>(world.executor(), url(), std::move(options),
                                             outcome.handler());
    world.run_until("the end of the attempts", outcome);
    CHECK(outcome.error() == Error::bad_argument);
}

TEST_CASE_TEMPLATE("cancelling gives up, whichever transport is being tried", First, WebSocket,
                   LongPolling) {
    test::World world;
    Connected outcome;
    test::SilentServer silent{world};
    asio::cancellation_signal cancellation;
    hawser::fallback<First, WebSocket>(
        world.executor(), silent.url(),
        asio::bind_cancellation_slot(cancellation.slot(), outcome.handler()));
    test::RawPeer& peer = silent.await_request(world);
    for (int i = 0; i != 2; ++i) cancellation.emit(asio::cancellation_type::terminal);
    world.run_until("the end of the attempts", outcome);
    CHECK(outcome.error() == asio::error::operation_aborted);
    peer.await_end(world);
    silent.stop_listening();
    world.run_dry();  // no other transport is tried
    CHECK(outcome.times() == 1);
}
