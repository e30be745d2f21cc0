#include <hawser/transport/loopback.hpp>

#include "support/world.hpp"

#include <hawser/channel/concepts.hpp>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

using hawser::Error;
using hawser::Message;
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

TEST_CASE("an abort is seen by the other end as a loss") {
    test::World world;
    auto [one, other] = hawser::make_loopback(world.executor());
    one.abort();
    CHECK(test::reason_of(world, one).error == Error::aborted);
    CHECK(test::reason_of(world, other).error == Error::connection_lost);
}

TEST_CASE("options that do not fit together throw") {
    asio::io_context io;
    CHECK_THROWS_AS((void)hawser::make_loopback(io.get_executor(), {.message = {.bytes = 8 << 20}}),
                    std::system_error);
}
