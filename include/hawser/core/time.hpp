#pragma once

#include <hawser/core/config.hpp>

#include <chrono>

namespace hawser::inline HAWSER_MODE {

/// The clock of every deadline. Engines never read it; the time is an argument.
using Clock = std::chrono::steady_clock;
/// A moment of that clock.
using TimePoint = Clock::time_point;
/// A time between two of them.
using Duration = Clock::duration;

/// The deadline of something that waits for nothing.
inline constexpr TimePoint never = TimePoint::max();

/// `now + after`, or `never` where that would overflow.
[[nodiscard]] constexpr TimePoint deadline_after(TimePoint now, Duration after) noexcept {
    const bool overflows = now > TimePoint{} && after > never - now;
    return overflows ? never : now + after;
}

}  // namespace hawser::inline HAWSER_MODE
