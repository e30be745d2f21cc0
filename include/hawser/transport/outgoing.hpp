#pragma once

#include <hawser/core/error.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/framing/utf8.hpp>

#include <system_error>

namespace hawser::inline HAWSER_MODE {

/// What every transport demands of a message before it takes it: `Error::message_too_big` above
/// `limits`, `Error::invalid_text` where a text is not UTF-8. The check is remembered by the message.
[[nodiscard]] inline std::error_code check_outgoing(const Message& message,
                                                    const MessageLimits& limits) {
    if (message.size() > limits.bytes) return Error::message_too_big;
    if (!framing::check_text(message)) return Error::invalid_text;
    return {};
}

}  // namespace hawser::inline HAWSER_MODE
