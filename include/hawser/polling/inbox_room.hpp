#pragma once

#include <hawser/core/limits.hpp>

#include <algorithm>
#include <cstddef>

namespace hawser::inline HAWSER_MODE::polling {

/// How much a channel's inbox still takes. A message fits when both are above 0, whatever its size:
/// so one as long as the message limit fits into any inbox, and the excess is bounded by that
/// limit.
struct InboxRoom {
    std::size_t bytes = 0;
    std::size_t messages = 0;

    /// The room of an empty inbox.
    [[nodiscard]] static constexpr InboxRoom of(const InboxLimits& limits) noexcept {
        return {limits.bytes, limits.messages};
    }

    [[nodiscard]] constexpr bool fits_one() const noexcept { return bytes != 0 && messages != 0; }

    /// A message of `size` bytes has gone in.
    constexpr void take(std::size_t size) noexcept {
        bytes -= std::min(bytes, size);
        --messages;
    }

    friend bool operator==(const InboxRoom&, const InboxRoom&) = default;
};

}  // namespace hawser::inline HAWSER_MODE::polling
