#include <hawser/core/limits.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>

using hawser::are_valid;
using hawser::BacklogLimits;

// What users get who set nothing fits together.
static_assert(are_valid(BacklogLimits{}, hawser::MessageLimits{}.bytes));

TEST_CASE("the hard limit leaves room for two of the longest messages above the high mark") {
    constexpr BacklogLimits limits{.high = 100, .low = 10, .hard = 300};
    CHECK(are_valid(limits, 100));
    CHECK(!are_valid(limits, 101));
    CHECK(are_valid(limits, 0));
    CHECK(!are_valid(limits, std::numeric_limits<std::size_t>::max()));
}

TEST_CASE("the marks of a backlog are in order") {
    CHECK(are_valid({.high = 10, .low = 10, .hard = 10}, 0));
    CHECK(!are_valid({.high = 10, .low = 11, .hard = 100}, 0));
    CHECK(!are_valid({.high = 10, .low = 1, .hard = 9}, 0));
    CHECK(are_valid({.high = 0, .low = 0, .hard = 0}, 0));
}

TEST_CASE("a backlog without room for a single message is not valid") {
    CHECK(are_valid({.messages = 1}, 100));
    CHECK(!are_valid({.messages = 0}, 100));
}
