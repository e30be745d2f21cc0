#include <hawser/channel/handlers.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using namespace hawser;

static_assert(std::is_aggregate_v<Handlers>);

TEST_CASE("handlers are named, and those that are not wanted left out") {
    unsigned calls = 0;
    const Handlers handlers{.drained = [&] { ++calls; }};
    CHECK_FALSE(handlers.message);
    CHECK_FALSE(handlers.closed);
    handlers.drained();
    CHECK(calls == 1);
}
