#include <hawser/core/time.hpp>

#include <doctest/doctest.h>

using hawser::Duration;
using hawser::TimePoint;
using hawser::deadline_after;
using hawser::never;

using namespace std::chrono_literals;

static_assert(hawser::Clock::is_steady);

TEST_CASE("a deadline is so much later") {
    constexpr TimePoint now{100s};
    CHECK(deadline_after(now, 5s) == TimePoint{105s});
    CHECK(deadline_after(now, 0s) == now);
    CHECK(deadline_after(now, -5s) == TimePoint{95s});
}

TEST_CASE("a deadline that is too late to be told is never") {
    constexpr TimePoint now{100s};
    CHECK(deadline_after(now, Duration::max()) == never);
    CHECK(deadline_after(now, never - now) == never);
    CHECK(deadline_after(now, never - now + Duration{1}) == never);
    CHECK(deadline_after(now, never - now - Duration{1}) == never - Duration{1});
    CHECK(deadline_after(never, 1s) == never);
    CHECK(deadline_after(never, 0s) == never);
}

TEST_CASE("a clock may stand at, or before, its epoch") {
    CHECK(deadline_after(TimePoint{}, Duration::max()) == never);
    CHECK(deadline_after(TimePoint{}, 5s) == TimePoint{5s});
    CHECK(deadline_after(TimePoint{-10s}, 5s) == TimePoint{-5s});
    CHECK(deadline_after(TimePoint::min(), Duration::max()) < never);
}
