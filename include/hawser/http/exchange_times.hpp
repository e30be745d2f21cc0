#pragma once

#include <hawser/core/config.hpp>
#include <hawser/core/time.hpp>

#include <chrono>

namespace hawser::inline HAWSER_MODE::http {

/// How long one exchange may take.
struct ExchangeTimes {
    /// From the request's last bytes leaving the engine to the first of its response.
    Duration first_byte = std::chrono::seconds{15};
    /// Without a byte moving either way.
    Duration progress = std::chrono::seconds{15};
};

}  // namespace hawser::inline HAWSER_MODE::http
