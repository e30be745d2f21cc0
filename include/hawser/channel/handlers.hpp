#pragma once

#include <hawser/core/close_reason.hpp>
#include <hawser/core/message.hpp>

#include <functional>

namespace hawser::inline HAWSER_MODE {

/// The push form of a channel: what to call, on the channel's executor. Each may be empty, and each
/// may send, close, and destroy the channel.
struct Handlers {
    /// For each message, in order; the next comes when this has returned.
    std::function<void(Message)> message = {};
    /// When the backlog has fallen to its low-water mark after it had been above the high one, or
    /// after a message was refused.
    std::function<void()> drained = {};
    /// Once, after the last message.
    std::function<void(const CloseReason&)> closed = {};
};

}  // namespace hawser::inline HAWSER_MODE
