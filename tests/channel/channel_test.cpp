#include <hawser/channel/channel.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

#include <concepts>
#include <type_traits>
#include <utility>

using namespace hawser;

static_assert(Channel<test::Fake>::transport_name == "fake");
static_assert(Channel<test::Fake>::transport_guarantee == Guarantee::exactly_once);
static_assert(std::same_as<Channel<test::Fake>::transport_type, test::Fake>);
static_assert(sizeof(Channel<test::Fake>) == sizeof(AnyChannel));

TEST_CASE("a channel becomes one of any transport by a move, and stays open") {
    asio::io_context io{1};
    const auto carrier = std::make_shared<test::FakeCarrier>(io.get_executor());
    Channel<test::Fake> channel{carrier};
    Channel<test::Fake> moved{std::move(channel)};
    AnyChannel any{std::move(moved)};
    CHECK(carrier->closes.empty());
    CHECK_FALSE(any.try_send(Message::text("one")));
    CHECK(carrier->sent.size() == 1);
    any = AnyChannel{};
    CHECK(carrier->closes.size() == 1);
}
