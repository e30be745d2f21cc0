#pragma once

#include <hawser/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hawser::inline HAWSER_MODE::polling {

/// How the driver of a session names a request that it has given to it; never used twice.
using RequestId = std::uint64_t;

/// The greatest number on the wire: 2^53 - 1, the greatest that every language counts exactly.
inline constexpr std::uint64_t greatest_number = (std::uint64_t{1} << 53) - 1;

/// "Give me what I do not have yet."
struct ReceiveRequest {
    /// The client has every message up to this number.
    std::uint64_t after = 0;
    /// Counts the client's receive requests: 1, 2, 3…
    std::uint64_t request = 1;
    /// How long the client is willing to wait; absent means as long as the server grants.
    std::optional<Duration> hold = {};
};

/// "Here are messages."
struct SendRequest {
    /// The number of the first message in the body.
    std::uint64_t first = 1;
    /// The client has every message up to this number.
    std::optional<std::uint64_t> after = {};
    /// Unmasked frames; may be none.
    std::vector<std::byte> body = {};
};

}  // namespace hawser::inline HAWSER_MODE::polling
