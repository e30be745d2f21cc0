#include <hawser/transport/loopback.hpp>

#include "support/throwing_handlers.hpp"

#include <hawser/channel/concepts.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

using hawser::Error;
using hawser::Message;
using test::Log;
using test::throwing_handlers;
using namespace std::chrono_literals;

static_assert(hawser::Transport<hawser::Loopback>);
static_assert(hawser::MessageChannel<hawser::Channel<hawser::Loopback>>);

TEST_CASE("messages go both ways, each with its kind") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor());
    REQUIRE_FALSE(one.try_send(Message::text("text")));
    REQUIRE_FALSE(one.try_send(Message::binary(hawser::as_bytes("bytes"))));
    REQUIRE_FALSE(other.try_send(Message::text("back")));
    CHECK((test::receive(world, other).message() == Message::text("text")));
    CHECK((test::receive(world, other).message() == Message::binary(hawser::as_bytes("bytes"))));
    CHECK(test::receive(world, one).message().view() == "back");
    CHECK(one.guarantee() == hawser::Guarantee::exactly_once);
    CHECK(one.counters().sent == 2);
    CHECK(other.counters().received == 2);
}

TEST_CASE("a full inbox holds the sender up, until messages are taken") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor(), {.inbox = {.messages = 2}});
    for (int i = 0; i != 5; ++i) REQUIRE_FALSE(one.try_send(Message::text(std::to_string(i))));
    world.run_ready();
    CHECK(one.backlog().messages == 3);
    for (int i = 0; i != 5; ++i) {
        CHECK(test::receive(world, other).message().view() == std::to_string(i));
    }
    CHECK(one.backlog().messages == 0);
}

TEST_CASE("limits hold as on other transports") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor(), {.message = {.bytes = 3}});
    CHECK(one.try_send(Message::text("four")) == Error::message_too_big);
    CHECK(one.try_send(Message::text("\xff")) == Error::invalid_text);
    CHECK_FALSE(one.try_send(Message::text("abc")));
}

TEST_CASE("an end that is dropped closes the other, after what it had sent") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor());
    REQUIRE_FALSE(one.try_send(Message::text("last")));
    { const auto dropped = std::move(one); }
    CHECK(test::receive(world, other).message().view() == "last");
    CHECK(test::receive(world, other).error() == Error::closed);
    world.run_dry();
}

TEST_CASE("a close that the other end does not let happen is bounded in time") {
    test::World world;
    auto [one, other] = hawser::make_loopback(
        world.executor(), {.inbox = {.messages = 1}, .close_timeout = 1ms});
    for (int i = 0; i != 3; ++i) REQUIRE_FALSE(one.try_send(Message::text("unread")));
    CHECK_FALSE(test::close(world, one));
    CHECK(one.close_reason()->error == Error::close_timeout);
    CHECK(test::reason_of(world, other).error == Error::connection_lost);
}

TEST_CASE("an end that has closed waits for nothing, and is held by nobody") {
    test::World world;
    auto [one, other] =
        hawser::LoopbackCarrier::make_pair(world.executor(), {.close_timeout = 1h});
    one->close({});
    world.run_dry();
    CHECK(one->port().is_closed());
    CHECK(other->port().is_closed());
    const std::weak_ptr<hawser::LoopbackCarrier> alive = one;
    one.reset();
    CHECK(alive.expired());
}

TEST_CASE("of two closes the first is the one that is said") {
    test::World world;
    auto [one, other] = hawser::LoopbackCarrier::make_pair(world.executor(), {});
    one->close({.code = 4000});
    one->close({.code = 4001});
    world.run_ready();
    CHECK(one->port().reason()->code == 4000);
    CHECK(other->port().reason()->code == 4000);
}

TEST_CASE("an abort is seen by the other end as a loss") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor());
    one.abort();
    CHECK(test::reason_of(world, one).error == Error::aborted);
    CHECK(test::reason_of(world, other).error == Error::connection_lost);
}

TEST_CASE("handlers that throw get every message and the end, once") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor(), {.inbox = {.messages = 2}});
    Log log;
    SUBCASE("as they come") { other.run(throwing_handlers(log)); }
    for (const char* text : {"1", "2", "3", "4", "5"}) {
        REQUIRE_FALSE(one.try_send(Message::text(text)));
    }
    const auto closed = test::start_close(one);
    SUBCASE("out of a full inbox") {
        world.run_ready();
        other.run(throwing_handlers(log));
    }
    CHECK(run_over_exceptions(world) == 6);
    CHECK(log == Log{"1", "2", "3", "4", "5", "the channel was closed"});
    CHECK(closed.times() == 1);
    CHECK(other.counters().received == 5);
}

TEST_CASE("handlers that throw get what has arrived before a loss, and the loss") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor());
    Log log;
    for (const char* text : {"1", "2"}) REQUIRE_FALSE(one.try_send(Message::text(text)));
    world.run_ready();
    one.abort();
    other.run(throwing_handlers(log));
    CHECK(run_over_exceptions(world) == 3);
    CHECK(log == Log{"1", "2", make_error_code(Error::connection_lost).message()});
}

TEST_CASE("a handler that throws when the backlog has drained does not hold up what follows") {
    test::World world;
    auto [one, other] = hawser::make_loopback(
        world.executor(),
        {.message = {.bytes = 4}, .backlog = {.limits = {.high = 8, .low = 4, .hard = 24}}});
    Log log;
    one.run(throwing_handlers(log));
    while (!one.try_send(Message::text("text"))) {}
    CHECK(run_over_exceptions(world) == 1);
    REQUIRE_FALSE(other.try_send(Message::text("back")));
    const auto closed = test::start_close(one);
    CHECK(run_over_exceptions(world) == 2);
    CHECK(log == Log{"drained", "back", "the channel was closed"});
    CHECK(closed.times() == 1);
}

TEST_CASE("options that do not fit together throw") {
    asio::io_context io;
    CHECK_THROWS_AS((void)hawser::make_loopback(io.get_executor(), {.message = {.bytes = 8 << 20}}),
                    std::system_error);
}
