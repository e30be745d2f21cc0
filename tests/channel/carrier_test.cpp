#include <hawser/channel/carrier.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <type_traits>
#include <utility>

using namespace hawser;

static_assert(!std::is_copy_constructible_v<test::FakeCarrier>);
static_assert(std::has_virtual_destructor_v<Carrier>);

TEST_CASE("a carrier's port has its executor and its limits") {
    asio::io_context io{1};
    const auto carrier = std::make_shared<test::FakeCarrier>(
        io.get_executor(), InboxLimits{.bytes = 5, .messages = 1});
    CHECK(carrier->port().executor() == asio::any_io_executor{io.get_executor()});
    CHECK(std::as_const(*carrier).port().room().bytes == 5);
    carrier->arrive("one");
    CHECK(carrier->port().room().is_none());
}

TEST_CASE("a backlog is empty until something is said of it") {
    const BacklogState state;
    CHECK(state.bytes == 0);
    CHECK(state.messages == 0);
    CHECK_FALSE(state.is_above_high);
    CHECK(state.is_at_most_low);
}
