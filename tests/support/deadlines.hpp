#pragma once

#include <hawser/core/time.hpp>

#include <doctest/doctest.h>

namespace test {

/// What holds of an engine after every step: as long as it has not ended there is a deadline, and
/// that is yet to come. So the tick at a deadline always leads on: to the end, or to a later one.
template <class Engine>
void check_armed(const Engine& engine, hawser::TimePoint now) {
    if (engine.finished()) return;
    REQUIRE(engine.deadline() != hawser::never);
    REQUIRE(engine.deadline() > now);
}

}  // namespace test
