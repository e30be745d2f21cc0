#pragma once

#include <hawser/core/time.hpp>

#include <algorithm>
#include <concepts>

namespace test {

/// Lets simulated time pass for an engine that ticks at each of its deadlines; `look_after` is
/// called behind each tick. Ends with `now` later by `time`.
template <class Engine, std::invocable LookAfter>
void pass_time(Engine& engine, hawser::TimePoint& now, hawser::Duration time,
               LookAfter&& look_after) {
    const hawser::TimePoint until = now + time;
    while (!engine.finished() && engine.deadline() <= until) {
        now = std::max(now, engine.deadline());
        engine.tick(now);
        look_after();
    }
    now = until;
}

}  // namespace test
