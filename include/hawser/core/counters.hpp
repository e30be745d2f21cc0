#pragma once

#include <hawser/core/config.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE {

/// What one channel has moved since it was opened, in messages.
struct Counters {
    /// Handed to the application.
    std::uint64_t received = 0;
    /// Accepted from the application.
    std::uint64_t sent = 0;
    /// Put on the wire again because the first time was not acknowledged.
    std::uint64_t retransmitted = 0;
    /// Accepted, then given up by the slow-consumer policy before they were put on the wire.
    std::uint64_t dropped = 0;

    friend bool operator==(const Counters&, const Counters&) = default;
};

}  // namespace hawser::inline HAWSER_MODE
