#include "conformance/ends.hpp"

#include "support/relay.hpp"

#include <hawser/client/connect.hpp>
#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>
#include <hawser/transport/loopback.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace test {

namespace {

using namespace hawser;
using namespace std::chrono_literals;

/// The options of transport `T` for an end that bears `own` and is made with `terms`.
template <class T>
typename T::Options options_of(const EndTerms& own, const Terms& terms);

template <>
WebSocketOptions options_of<WebSocket>(const EndTerms& own, const Terms& terms) {
    return {.connection = {.message = own.message,
                           .backlog = own.backlog,
                           .ping_interval = terms.patience / 2,
                           .pong_timeout = terms.patience / 2,
                           .close_timeout = terms.close_timeout},
            .inbox = own.inbox,
            .keep_head = terms.keep_head};
}

PollingOptions polling_options(const EndTerms& own, const Terms& terms) {
    return {.server = {.message = own.message,
                       .backlog = own.backlog,
                       .inbox = own.inbox,
                       .hold = std::min<Duration>(25s, terms.patience),
                       .interval = 2ms,
                       .grace = terms.patience,
                       .close_timeout = terms.close_timeout},
            .client = {.message = own.message,
                       .backlog = own.backlog,
                       .inbox = own.inbox,
                       .back_off = {.base = 1ms, .most = 10ms},
                       .hold = std::min<Duration>(25s, terms.patience),
                       .least_hold = 1ms,
                       .progress = std::min<Duration>(15s, terms.patience),
                       .close_timeout = terms.close_timeout,
                       .interval = 2ms,
                       .grace = terms.patience},
            .keep_head = terms.keep_head};
}

template <>
PollingOptions options_of<LongPolling>(const EndTerms& own, const Terms& terms) {
    return polling_options(own, terms);
}

template <>
PollingOptions options_of<Polling>(const EndTerms& own, const Terms& terms) {
    return Polling::adapt(polling_options(own, terms));
}

/// A server, and a path to it.
template <class T>
class Network final : public Ground {
public:
    Network(World& world, const EndTerms& server_terms, const Terms& terms)
        : endpoint_{world.executor(), options_of<T>(server_terms, terms)},
          server_{world.executor(), route()} {
        REQUIRE_FALSE(server_.listen("127.0.0.1", 0));
        relay_ = std::make_unique<Relay>(world.executor(), server_.port());
    }

    [[nodiscard]] std::pair<Channel<T>, Channel<T>> connect(World& world,
                                                            typename T::Options options) {
        const std::string url =
            "http://127.0.0.1:" + std::to_string(relay_->port()) + "/channel?room=7";
        Outcome<std::error_code, Channel<T>> accepted;
        Outcome<std::error_code, Channel<T>> connected;
        endpoint_.async_accept(accepted.handler());
        hawser::connect<T>(world.executor(), url,
                           ConnectOptions<T>{.transport = std::move(options)}, connected.handler());
        world.run_until("a connected channel", connected);
        REQUIRE_FALSE(connected.error());
        world.run_until("an accepted channel", accepted);
        REQUIRE_FALSE(accepted.error());
        return {std::get<1>(std::move(accepted.result())),
                std::get<1>(std::move(connected.result()))};
    }

    void sever() override { relay_->cut(); }
    void fall_silent() override { relay_->fall_silent(); }
    Done start_drain(Duration deadline) override {
        Done drained;
        server_.async_drain(deadline, drained.handler());
        return drained;
    }

private:
    Router route() {
        Router router;
        router.add("/channel", endpoint_);
        return router;
    }

    Endpoint<T> endpoint_;
    Server server_;
    std::unique_ptr<Relay> relay_;
};

template <class T>
Ends connect_network(World& world, Role near_role, const Terms& terms) {
    const bool near_serves = near_role == Role::server;
    auto network = std::make_unique<Network<T>>(world, near_serves ? terms.near : terms.far, terms);
    auto [server, client] = network->connect(
        world, options_of<T>(near_serves ? terms.far : terms.near, terms));
    if (near_serves) return {std::move(network), std::move(server), std::move(client)};
    return {std::move(network), std::move(client), std::move(server)};
}

/// A loopback has one set of options for both ends: those of the near one. Of its ends, which have
/// no roles, the first stands for a server.
Ends connect_loopback(World& world, Role near_role, const Terms& terms) {
    auto [first, second] = make_loopback(world.executor(), {.message = terms.near.message,
                                                        .backlog = terms.near.backlog,
                                                        .inbox = terms.near.inbox,
                                                        .close_timeout = terms.close_timeout});
    if (near_role == Role::server) return {nullptr, std::move(first), std::move(second)};
    return {nullptr, std::move(second), std::move(first)};
}

}  // namespace

Ends connect_ends(World& world, Over over, Role near_role, const Terms& terms) {
    switch (over) {
    case Over::websocket: return connect_network<WebSocket>(world, near_role, terms);
    case Over::long_polling: return connect_network<LongPolling>(world, near_role, terms);
    case Over::polling: return connect_network<Polling>(world, near_role, terms);
    case Over::loopback: return connect_loopback(world, near_role, terms);
    }
    FAIL("there is no such transport");
    std::abort();
}

}  // namespace test

using namespace std::chrono_literals;

HAWSER_TEST_EACH("two ends are connected, and leave nothing behind", end, HAWSER_TEST_ENDS) {
    test::World world;
    {
        // A polling client may find its server gone before it could tell that it saw the end.
        auto ends = end.connect(world, {.close_timeout = 50ms});
        CHECK_FALSE(ends.near.is_closed());
        CHECK_FALSE(ends.far.is_closed());
        CHECK_FALSE(ends.near.close_reason());
        CHECK_FALSE(test::close(world, ends.near));
        test::reason_of(world, ends.far);
    }
    world.run_dry();
}
