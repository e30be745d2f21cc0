#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>

namespace hawser::inline HAWSER_MODE {

/// What one received message may cost. A message that exceeds it ends the channel with 1009.
struct MessageLimits {
    /// Bytes of a message, after inflation.
    std::size_t bytes = std::size_t{1} << 20;
    /// Frames of a message; an empty one counts too.
    std::size_t fragments = 65536;
};

/// How much may wait to be sent on one channel, in bytes of frames.
struct BacklogLimits {
    /// Above it, `async_send` completes only when the backlog has fallen to `low`.
    std::size_t high = 256 * 1024;
    /// Where senders that wait go on; at most `high`.
    std::size_t low = 64 * 1024;
    /// What would pass it is refused or handled by the slow-consumer policy. At least
    /// `high` + 2 × the message limit.
    std::size_t hard = std::size_t{4} << 20;
    /// Messages that may wait at most, as each costs memory however short it is. Senders wait above
    /// half of it, until it is a quarter.
    std::size_t messages = 65536;
};

/// How much may wait for the application on one channel; beyond it the peer is not read.
struct InboxLimits {
    /// Bytes of messages.
    std::size_t bytes = 256 * 1024;
    std::size_t messages = 256;
};

/// What the head of an HTTP message may cost.
struct HeadLimits {
    /// Bytes of the whole head, up to and with the empty line.
    std::size_t bytes = 16 * 1024;
    /// Header fields, lines that repeat a name included.
    std::size_t fields = 100;
    /// Bytes of the request target.
    std::size_t target = 8 * 1024;
};

/// Whether the limits of a backlog fit together and admit a message of `message_bytes`.
[[nodiscard]] constexpr bool are_valid(const BacklogLimits& limits,
                                       std::size_t message_bytes) noexcept {
    return limits.low <= limits.high && limits.high <= limits.hard &&
           message_bytes <= (limits.hard - limits.high) / 2 && limits.messages != 0;
}

}  // namespace hawser::inline HAWSER_MODE
