#include <hawser/server/spawn_each.hpp>

#include "support/world.hpp"

#include <hawser/client/connect.hpp>
#include <hawser/server/server.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using hawser::Channel;
using hawser::Endpoint;
using hawser::WebSocket;

namespace {

struct Fixture {
    test::World world;
    Endpoint<WebSocket> endpoint{world.executor()};

    [[nodiscard]] Channel<WebSocket> connect() {
        hawser::Router router;
        router.add("/", endpoint);
        hawser::Server server{world.executor(), std::move(router)};
        REQUIRE_FALSE(server.listen("127.0.0.1", 0));
        test::Outcome<std::error_code, Channel<WebSocket>> connected;
        hawser::connect<WebSocket>(world.executor(),
                                   "ws://127.0.0.1:" + std::to_string(server.port()),
                                   connected.handler());
        world.run_until("a channel", connected);
        REQUIRE_FALSE(connected.error());
        servers.push_back(std::move(server));
        return std::get<1>(std::move(connected.result()));
    }

    std::vector<hawser::Server> servers;
};

asio::awaitable<void> echo(Channel<WebSocket> channel) {
    while (auto message = co_await channel.receive()) {
        if (!co_await channel.send(*std::move(message))) co_return;
    }
}

asio::awaitable<void> greet_any(hawser::AnyChannel channel) {
    const bool is_sent = co_await channel.send(hawser::Message::text("hello"));
    if (is_sent) static_cast<void>(co_await channel.receive());
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a function may serve channels of any transport") {
    hawser::spawn_each(endpoint, greet_any);
    auto channel = connect();
    CHECK(test::receive(world, channel).message().view() == "hello");
    REQUIRE_FALSE(test::send(world, channel, hawser::Message::text("bye")));
    CHECK(test::reason_of(world, channel).code == 1000);
}

TEST_CASE_FIXTURE(Fixture, "every channel gets a coroutine of its own, on its executor") {
    hawser::spawn_each(endpoint, echo);
    auto one = connect();
    auto other = connect();
    REQUIRE_FALSE(test::send(world, one, hawser::Message::text("one")));
    REQUIRE_FALSE(test::send(world, other, hawser::Message::text("other")));
    CHECK(test::receive(world, other).message().view() == "other");
    CHECK(test::receive(world, one).message().view() == "one");
}

TEST_CASE_FIXTURE(Fixture, "a coroutine that throws closes its channel, and no other") {
    hawser::spawn_each(endpoint, [](Channel<WebSocket> channel) -> asio::awaitable<void> {
        while (const auto message = co_await channel.receive()) {
            if (message->view() == "throw") throw std::runtime_error{"the handler failed"};
        }
    });
    auto one = connect();
    auto other = connect();
    REQUIRE_FALSE(test::send(world, one, hawser::Message::text("throw")));
    const auto reason = test::reason_of(world, one);
    CHECK(reason.error == hawser::Error::closed);
    CHECK(reason.by == hawser::Party::peer);
    CHECK_FALSE(other.is_closed());
}

TEST_CASE_FIXTURE(Fixture, "a coroutine that ends closes its channel") {
    hawser::spawn_each(endpoint,
                       [](Channel<WebSocket>) -> asio::awaitable<void> { co_return; });
    auto channel = connect();
    CHECK(test::reason_of(world, channel).code == 1000);
}
