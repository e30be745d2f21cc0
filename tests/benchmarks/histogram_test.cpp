#include "../benchmarks/ruler/histogram.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>

using bench::Histogram;
using std::chrono::nanoseconds;

TEST_CASE("a histogram without durations has percentiles of zero") {
    const Histogram histogram;
    CHECK(histogram.count() == 0);
    CHECK(histogram.percentile(0.5) == nanoseconds{0});
    CHECK(histogram.max() == nanoseconds{0});
}

TEST_CASE("percentiles of small durations are exact") {
    Histogram histogram;
    for (int i = 1; i <= 100; ++i)
        histogram.add(nanoseconds{i});
    CHECK(histogram.percentile(0.01) == nanoseconds{1});
    CHECK(histogram.percentile(0.5) == nanoseconds{50});
    CHECK(histogram.percentile(0.99) == nanoseconds{99});
    CHECK(histogram.percentile(1) == nanoseconds{100});
}

TEST_CASE("a percentile is not below the duration, nor above it by more than 1/64") {
    for (std::int64_t value = 1; value < std::int64_t{1} << 39; value = value * 9 / 8 + 1) {
        CAPTURE(value);
        Histogram histogram;
        histogram.add(nanoseconds{value});
        histogram.add(nanoseconds{std::int64_t{1} << 50});
        const auto found = histogram.percentile(0.5).count();
        CHECK(found >= value);
        CHECK(found - value <= value / 64);
    }
}

TEST_CASE("the greatest duration is exact, and no percentile is above it") {
    Histogram histogram;
    histogram.add(nanoseconds{1'000'001});
    CHECK(histogram.max() == nanoseconds{1'000'001});
    CHECK(histogram.percentile(0.999) == nanoseconds{1'000'001});
    histogram.add(std::chrono::hours{1});
    CHECK(histogram.max() == std::chrono::hours{1});
    histogram.clear();
    CHECK(histogram.count() == 0);
}
