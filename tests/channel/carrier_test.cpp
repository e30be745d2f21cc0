#include <hawser/channel/carrier.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

#include <type_traits>

static_assert(!std::is_copy_constructible_v<FakeCarrier>);
static_assert(std::has_virtual_destructor_v<hawser::Carrier>);

TEST_CASE("a carrier's port lives on the carrier's executor, with its limits") {
    asio::io_context io;
    FakeCarrier carrier{io.get_executor(), {.bytes = 10, .messages = 2}};
    CHECK(carrier.port().executor() == io.get_executor());
    CHECK(carrier.port().room().bytes == 10);
    CHECK(carrier.port().room().messages == 2);
}

TEST_CASE("an empty backlog is at its low-water mark") {
    CHECK(hawser::BacklogState{}.is_at_most_low);
    CHECK_FALSE(hawser::BacklogState{}.is_above_high);
}
