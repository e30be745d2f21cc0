#include <hawser/channel/channel.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

static_assert(hawser::Channel<Fake>::transport_name == "fake");
static_assert(hawser::Channel<Fake>::transport_guarantee == hawser::Guarantee::exactly_once);
static_assert(std::is_convertible_v<hawser::Channel<Fake>, hawser::AnyChannel>);

TEST_CASE("a channel moves to one of any transport, and is empty afterwards") {
    FakeWorld world;
    const auto carrier = world.carrier;
    hawser::AnyChannel any = std::move(world.channel);
    CHECK(any);
    CHECK_FALSE(world.channel);
    CHECK_FALSE(any.try_send(hawser::Message::text("one")));
    CHECK(carrier->sent.size() == 1);
    CHECK_FALSE(carrier->closed_with);
}
