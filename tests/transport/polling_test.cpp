#include <hawser/transport/polling.hpp>

#include <hawser/channel/concepts.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <type_traits>

using hawser::LongPolling;
using hawser::Polling;
using hawser::PollingOptions;
using namespace std::chrono_literals;

static_assert(hawser::Transport<Polling>);
static_assert(hawser::Transport<LongPolling>);
static_assert(hawser::MessageChannel<hawser::Channel<LongPolling>>);
static_assert(std::is_aggregate_v<PollingOptions>);
static_assert(Polling::name != LongPolling::name);
static_assert(Polling::guarantee == hawser::Guarantee::exactly_once);
static_assert(LongPolling::guarantee == hawser::Guarantee::exactly_once);

TEST_CASE("short polling is long polling with a hold of zero, and nothing else") {
    const PollingOptions options{.server = {.hold = 7s, .grace = 8s},
                                 .client = {.hold = 9s, .grace = 10s},
                                 .keep_head = false};
    const auto held = LongPolling::adapt(options);
    CHECK(held.server.hold == 7s);
    CHECK(held.client.hold == 9s);
    const auto polled = Polling::adapt(options);
    CHECK(polled.server.hold == 0s);
    CHECK(polled.client.hold == 0s);
    CHECK(polled.server.grace == 8s);
    CHECK(polled.client.grace == 10s);
    CHECK_FALSE(polled.keep_head);
}

TEST_CASE("the defaults are safe on a public network") {
    const PollingOptions options;
    CHECK(options.server.hold == 25s);
    CHECK(options.server.grace == 120s);
    CHECK(options.server.unused == 10s);
    CHECK(options.server.caps.sessions == 65536);
    CHECK_FALSE(options.server.origin.any);
    CHECK(options.server.origin.allowed.empty());
    CHECK_FALSE(options.admit);
    CHECK(options.keep_head);
    CHECK_FALSE(hawser::polling::check(options.server));
    CHECK_FALSE(hawser::polling::check(options.client));
}
