#include "conformance/faulty_proxy.hpp"

#include "conformance/conversation.hpp"
#include "support/random.hpp"
#include "support/world.hpp"

#include <hawser/client/connect.hpp>
#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <chrono>
#include <optional>
#include <string>

using namespace hawser;
using namespace std::chrono_literals;

namespace {

/// Small bodies, so that there are many requests; everything in milliseconds.
PollingOptions quick_options() {
    return {.server = {.reply_bytes = 512, .hold = 20ms, .interval = 1ms},
            .client = {.back_off = {.base = 1ms, .most = 5ms},
                       .request_bytes = 512,
                       .hold = 20ms,
                       .least_hold = 5ms,
                       .progress = 100ms,
                       .interval = 1ms}};
}

template <class T>
struct FaultyPath {
    explicit FaultyPath(std::size_t percent)
        : endpoint{world.executor(), T::adapt(quick_options())},
          server{world.executor(), route(endpoint)} {
        REQUIRE_FALSE(server.listen("127.0.0.1", 0));
        proxy.emplace(world.executor(), server.port(), percent, random);
    }

    static Router route(const Endpoint<T>& endpoint) {
        Router router;
        router.add("/channel", endpoint);
        return router;
    }

    void connect() {
        test::Outcome<std::error_code, Channel<T>> accepted;
        test::Outcome<std::error_code, Channel<T>> connected;
        endpoint.async_accept(accepted.handler());
        hawser::connect<T>(world.executor(),
                           "http://127.0.0.1:" + std::to_string(proxy->port()) + "/channel",
                           ConnectOptions<T>{.transport = quick_options()}, connected.handler());
        world.run_until("a connected channel", connected);
        REQUIRE_FALSE(connected.error());
        world.run_until("an accepted channel", accepted);
        near = std::get<1>(std::move(accepted.result()));
        far = std::get<1>(std::move(connected.result()));
    }

    test::World world;
    test::Random random;
    Endpoint<T> endpoint;
    Server server;
    std::optional<test::FaultyProxy> proxy;
    AnyChannel near;
    AnyChannel far;
};

}  // namespace

TEST_CASE_TEMPLATE("a bad path neither loses nor doubles nor reorders a message", T, LongPolling,
                   Polling) {
    FaultyPath<T> path{30};
    CAPTURE(path.random.seed());
    path.connect();
    constexpr std::size_t count = 10'000;
    const auto short_message = [](std::size_t i) { return Message::text(std::to_string(i)); };
    const auto other = [](std::size_t i) {
        return Message::binary(as_bytes("other " + std::to_string(i)));
    };
    const test::Source there{path.near, count, short_message};
    const test::Source back{path.far, count, other};
    const test::Sink there_sink{path.far, count, short_message};
    const test::Sink back_sink{path.near, count, other};
    path.world.run_until("10,000 messages each way", [&] {
        return there.is_done() && back.is_done() && there_sink.is_done() && back_sink.is_done();
    });
    CHECK(there_sink.received() == count);
    CHECK(back_sink.received() == count);
    CHECK(path.near.counters().retransmitted > 0);
    CHECK(path.far.counters().retransmitted > 0);
    CHECK(path.proxy->count(test::Fate::passed) > 300);

    CHECK_FALSE(test::close(path.world, path.far, {.code = 4000}));
    CHECK(path.far.close_reason()->error == Error::closed);
    CHECK(test::receive(path.world, path.near).error() == Error::closed);
    CHECK(path.near.close_reason()->code == 4000);
}

TEST_CASE("the proxy does all that it is said to do") {
    FaultyPath<LongPolling> path{50};
    CAPTURE(path.random.seed());
    path.connect();
    for (std::size_t fate = 0; fate != test::FaultyProxy::fates; ++fate) {
        CAPTURE(fate);
        // A message at a time, so that there are as many requests as it takes.
        while (path.proxy->count(static_cast<test::Fate>(fate)) == 0) {
            REQUIRE_FALSE(test::send(path.world, path.far, Message::text("request")));
            REQUIRE(test::receive(path.world, path.near).message().view() == "request");
        }
    }
    REQUIRE_FALSE(test::send(path.world, path.near, Message::text("last")));
    CHECK(test::receive(path.world, path.far).message().view() == "last");
}
