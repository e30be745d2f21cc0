#include <hawser/polling/options.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <vector>

using namespace hawser;
using namespace hawser::polling;
using namespace std::chrono_literals;

TEST_CASE("the defaults fit together") {
    CHECK_FALSE(check(ServerOptions{}));
    CHECK_FALSE(check(ClientOptions{}));
}

TEST_CASE("a body may be as long as a message and its framing") {
    CHECK(body_limit({}) == (std::size_t{1} << 20) + 256);
    CHECK(body_limit({.message = {.bytes = 100}}) == 356);
    CHECK(body_limit({.message = {.bytes = 100}, .body_bytes = 10'000}) == 10'000);
    CHECK(reply_limit({.message = {.bytes = 100}, .reply_bytes = 10}) == 356);
    CHECK(reply_limit({.message = {.bytes = 100}, .reply_bytes = 10'000}) == 10'000);
}

TEST_CASE("a session lives for three intervals at least") {
    CHECK(grace_time({}) == 120s);
    CHECK(grace_time({.interval = 60s}) == 180s);
    CHECK(grace_time({.interval = 1s, .grace = 2s}) == 3s);
}

TEST_CASE("server options that admit nothing are refused") {
    const std::vector<std::function<void(ServerOptions&)>> faults{
        [](auto& options) { options.backlog.limits.hard = options.message.bytes; },
        [](auto& options) { options.inbox.bytes = 0; },
        [](auto& options) { options.inbox.messages = 0; },
        [](auto& options) { options.reply_bytes = 0; },
        [](auto& options) { options.hold = -1ms; },
        [](auto& options) { options.hold_jitter_percent = 11; },
        [](auto& options) { options.room_wait = -1ms; },
        [](auto& options) { options.interval = 0ms; },
        [](auto& options) { options.grace = 0ms; },
        [](auto& options) { options.unused = 0ms; },
        [](auto& options) { options.close_timeout = 0ms; },
        [](auto& options) { options.write_limit = 0ms; },
        [](auto& options) { options.retry_after = 0ms; },
    };
    for (const auto& fault : faults) {
        ServerOptions options;
        fault(options);
        CHECK(check(options) == Error::bad_argument);
    }
}

TEST_CASE("client options that admit nothing are refused") {
    const std::vector<std::function<void(ClientOptions&)>> faults{
        [](auto& options) { options.backlog.limits.low = options.backlog.limits.high + 1; },
        [](auto& options) { options.inbox.messages = 0; },
        [](auto& options) { options.request_bytes = 0; },
        [](auto& options) { options.early_replies = 0; },
        [](auto& options) { options.back_off.base = 31s; },
        [](auto& options) { options.back_off.base = 0ms; },
        [](auto& options) { options.back_off.reset_after = -1ms; },
        [](auto& options) { options.hold = -1ms; },
        [](auto& options) { options.least_hold = 0ms; },
        [](auto& options) { options.hold_restored_after = 0ms; },
        [](auto& options) { options.progress = 0ms; },
        [](auto& options) { options.connect_timeout = 0ms; },
        [](auto& options) { options.close_timeout = 0ms; },
        [](auto& options) { options.interval = 0ms; },
        [](auto& options) { options.grace = 0ms; },
    };
    for (const auto& fault : faults) {
        ClientOptions options;
        fault(options);
        CHECK(check(options) == Error::bad_argument);
    }
}

TEST_CASE("the jitter of a hold is so many percent of it") {
    CHECK(hold_jitter(25s, 10) == 2500ms);
    CHECK(hold_jitter(25s, 0) == 0s);
    CHECK(hold_jitter(0s, 10) == 0s);
    CHECK_FALSE(check(ServerOptions{.hold_jitter_percent = 0}));
}

TEST_CASE("holds of none are short polling, and allowed") {
    CHECK_FALSE(check(ServerOptions{.hold = 0s}));
    CHECK_FALSE(check(ClientOptions{.hold = 0s}));
}
