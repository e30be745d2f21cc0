#include <hawser/websocket/keep_alive.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace hawser;
using namespace std::chrono_literals;
using websocket::KeepAlive;
using enum KeepAlive::Verdict;
using enum KeepAlive::Excuse;

namespace {

constexpr TimePoint start{1h};

websocket::ConnectionOptions options() {
    websocket::ConnectionOptions options;
    options.ping_interval = 20s;
    options.pong_timeout = 7s;
    return options;
}

}  // namespace

TEST_CASE("a peer that was silent for the interval is asked") {
    KeepAlive keep_alive{options(), start};
    CHECK(keep_alive.deadline() == start + 20s);
    CHECK(keep_alive.expire(options(), none, start + 20s) == send_ping);
    CHECK(keep_alive.deadline() == start + 27s);
}

TEST_CASE("whatever is heard begins the interval anew") {
    KeepAlive keep_alive{options(), start};
    keep_alive.heard(options(), start + 15s);
    CHECK(keep_alive.deadline() == start + 35s);
    CHECK(keep_alive.expire(options(), none, start + 35s) == send_ping);
    keep_alive.heard(options(), start + 36s);
    CHECK(keep_alive.deadline() == start + 56s);
    CHECK(keep_alive.expire(options(), none, start + 56s) == send_ping);
}

TEST_CASE("a peer that does not answer in time is dead") {
    KeepAlive keep_alive{options(), start};
    CHECK(keep_alive.expire(options(), none, start + 20s) == send_ping);
    CHECK(keep_alive.expire(options(), none, start + 27s) == dead);
}

TEST_CASE("the time to answer begins when the ping leaves") {
    KeepAlive keep_alive{options(), start};
    CHECK(keep_alive.expire(options(), none, start + 20s) == send_ping);
    keep_alive.ping_left(options(), start + 24s);
    CHECK(keep_alive.deadline() == start + 31s);
}

TEST_CASE("a ping that leaves after something was heard asks nothing") {
    KeepAlive keep_alive{options(), start};
    CHECK(keep_alive.expire(options(), none, start + 20s) == send_ping);
    keep_alive.heard(options(), start + 21s);
    keep_alive.ping_left(options(), start + 22s);
    CHECK(keep_alive.deadline() == start + 41s);
}

TEST_CASE("a ping that could not leave is no reason to give up") {
    KeepAlive keep_alive{options(), start};
    CHECK(keep_alive.expire(options(), none, start + 20s) == send_ping);
    CHECK(keep_alive.expire(options(), ping_waits, start + 27s) == send_ping);
    CHECK(keep_alive.deadline() == start + 34s);
    CHECK(keep_alive.expire(options(), none, start + 34s) == dead);
}

TEST_CASE("as long as nobody reads, pings go on and nobody is blamed") {
    KeepAlive keep_alive{options(), start};
    CHECK(keep_alive.expire(options(), none, start + 20s) == send_ping);
    CHECK(keep_alive.expire(options(), paused, start + 27s) == send_ping);
    CHECK(keep_alive.deadline() == start + 47s);
    keep_alive.ping_left(options(), start + 28s);
    CHECK(keep_alive.deadline() == start + 47s);
    CHECK(keep_alive.expire(options(), none, start + 47s) == send_ping);
}

TEST_CASE("an interval without end is never over") {
    auto never_asks = options();
    never_asks.ping_interval = Duration::max();
    const KeepAlive keep_alive{never_asks, start};
    CHECK(keep_alive.deadline() == never);
}
