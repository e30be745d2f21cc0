#include <hawser/channel/handlers.hpp>

#include <doctest/doctest.h>

#include <type_traits>

static_assert(std::is_aggregate_v<hawser::Handlers>);

TEST_CASE("handlers are empty unless given") {
    const hawser::Handlers handlers;
    CHECK_FALSE(handlers.message);
    CHECK_FALSE(handlers.drained);
    CHECK_FALSE(handlers.closed);
}
