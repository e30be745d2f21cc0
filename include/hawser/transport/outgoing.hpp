#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/close_reason.hpp>
#include <hawser/core/error.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/framing/utf8.hpp>

#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// What every transport demands of a message before it takes it: `Error::message_too_big` above
/// `limits`, `Error::invalid_text` where a text is not UTF-8. The check is remembered by the
/// message.
[[nodiscard]] inline std::error_code check_outgoing(const Message& message,
                                                    const MessageLimits& limits) {
    if (message.size() > limits.bytes) return Error::message_too_big;
    if (!framing::check_text(message)) return Error::invalid_text;
    return {};
}

/// What every transport says of why a channel closes: a text that is not UTF-8 is left out, as the
/// peer would have to take it for a violation (RFC 6455 §5.5.1).
[[nodiscard]] inline CloseReason sayable(CloseReason reason) {
    if (!framing::is_utf8(as_bytes(reason.text))) reason.text.clear();
    return reason;
}

}  // namespace hawser::inline HAWSER_MODE
