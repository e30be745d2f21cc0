#pragma once

#include <hawser/core/time.hpp>
#include <hawser/polling/back_off.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE::polling {

/// A client uses two connections, so that it can send while a receive is held. Each has one request
/// under way at most.
enum class Lane : std::uint8_t { receive, send };

/// What a lane is doing.
struct LaneState {
    bool is_busy = false;
    /// Whether it waits until `wakes_at` because of a fault, not because there is nothing to do.
    bool is_backing_off = false;
    /// No request begins before.
    TimePoint wakes_at = {};
    /// When the request under way began.
    TimePoint began_at = {};
    BackOff back_off = {};
};

}  // namespace hawser::inline HAWSER_MODE::polling
