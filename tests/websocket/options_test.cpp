#include <hawser/websocket/options.hpp>

#include <doctest/doctest.h>

using hawser::are_valid;
using hawser::websocket::ConnectionOptions;

TEST_CASE("the defaults fit together") {
    const ConnectionOptions options;
    CHECK(are_valid(options.backlog.limits, options.message.bytes));
    CHECK(options.close_timeout < options.pong_timeout);
    CHECK(options.pong_timeout <= options.ping_interval);
    CHECK(options.ping_interval + options.pong_timeout < options.message_timeout);
}
