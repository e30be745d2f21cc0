#pragma once

#include <hawser/core/close_reason.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/role.hpp>
#include <hawser/framing/frame_header.hpp>

#include <cstddef>
#include <system_error>

namespace hawser::inline HAWSER_MODE::websocket {

/// The message whose fragments are arriving.
struct MessageProgress {
    /// Frames so far; 0 stands for no message.
    std::size_t fragments = 0;
    /// Bytes so far.
    std::size_t bytes = 0;
};

/// Judges the header of a frame that `receiver` was sent: mask, reserved bits, the order of
/// fragments and the limits (RFC 6455 §5), before any of its bytes are looked at.
[[nodiscard]] HAWSER_DECL std::error_code judge(const framing::FrameHeader& header, Role receiver,
                                                const MessageProgress& progress,
                                                const MessageLimits& limits) noexcept;

/// The code of the close frame that tells the peer about `error` (§7.4.1).
[[nodiscard]] HAWSER_DECL CloseCode close_code_for(std::error_code error) noexcept;

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/frame_rules.ipp>
#endif
