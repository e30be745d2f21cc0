#include <hawser/client/keep_connected.hpp>

#include "support/world.hpp"

#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hawser::Again;
using hawser::Channel;
using hawser::Error;
using hawser::WebSocket;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    test::World world;
    hawser::Endpoint<WebSocket> endpoint{world.executor(),
                                         {.handshake = {.subprotocols = {"chat"}}}};
    std::optional<hawser::Server> server;
    test::Outcome<std::exception_ptr, std::error_code> outcome;
    asio::cancellation_signal cancellation;
    int served = 0;
    std::uint16_t port = 0;

    Fixture() {
        hawser::Router router;
        router.add("/chat", endpoint);
        server.emplace(world.executor(), std::move(router));
        REQUIRE_FALSE(server->listen("127.0.0.1", 0));
        port = server->port();
    }
    /// Stays connected until the `last` channel has ended.
    void keep(const std::string& path, int last) {
        hawser::KeepConnectedOptions<WebSocket> options{
            .back_off = {.base = 1ms, .most = 1h, .reset_after = 0s}};
        options.connect.transport.request.subprotocols = {"chat"};
        const auto serve = [this, last](Channel<WebSocket> channel) -> asio::awaitable<Again> {
            ++served;
            CHECK(channel.info().subprotocol() == "chat");
            while (co_await channel.receive()) {}
            co_return served == last ? Again::stop : Again::connect;
        };
        auto kept = hawser::keep_connected<WebSocket>(
            "ws://127.0.0.1:" + std::to_string(port) + path, std::move(options), serve);
        asio::co_spawn(world.executor(), std::move(kept),
                       asio::bind_cancellation_slot(cancellation.slot(), outcome.handler()));
    }
    [[nodiscard]] std::error_code error() {
        world.run_until("the end", outcome);
        CHECK(std::get<0>(outcome.result()) == nullptr);
        return outcome.error();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a client connects anew until it wants no more") {
    endpoint.each([](Channel<WebSocket>) {});
    // Did what was served not count as a success, the waits would grow to minutes.
    keep("/chat", 50);
    CHECK_FALSE(error());
    CHECK(served == 50);
}

TEST_CASE_FIXTURE(Fixture, "a refusal is final") {
    keep("/nowhere", 1);
    CHECK(error() == Error::upgrade_refused);
    CHECK(served == 0);
}

TEST_CASE_FIXTURE(Fixture, "a mistaken URL is final") {
    keep("/chat#fragment", 1);
    CHECK(error() == Error::bad_url);
}

TEST_CASE_FIXTURE(Fixture, "cancelling gives up while a channel is open") {
    std::vector<Channel<WebSocket>> opened;
    endpoint.each([&](Channel<WebSocket> channel) { opened.push_back(std::move(channel)); });
    keep("/chat", 100);
    world.run_until("a channel", [&] { return served == 1 && opened.size() == 1; });
    cancellation.emit(asio::cancellation_type::terminal);
    world.run_until("the end", outcome);
    CHECK(served == 1);
    CHECK(test::reason_of(world, opened[0]).by == hawser::Party::peer);
}

TEST_CASE_FIXTURE(Fixture, "cancelling gives up while nobody can be reached") {
    server->stop();
    keep("/chat", 100);
    world.run_ready();
    cancellation.emit(asio::cancellation_type::terminal);
    CHECK(error() == asio::error::operation_aborted);
    CHECK(served == 0);
}
