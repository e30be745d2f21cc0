#pragma once

#include <hawser/core/close_reason.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/role.hpp>
#include <hawser/framing/frame_header.hpp>

#include <cstddef>
#include <limits>
#include <system_error>

namespace hawser::inline HAWSER_MODE::websocket {

/// The message whose fragments are arriving.
struct MessageProgress {
    /// Frames so far; 0 stands for no message.
    std::size_t fragments = 0;
    /// Bytes of these frames.
    std::size_t bytes = 0;
};

/// Judges the header of a frame that `receiver` was sent: mask, reserved bits, the order of
/// fragments and the limits (RFC 6455 §5), before any of its bytes are looked at.
[[nodiscard]] HAWSER_DECL std::error_code judge(const framing::FrameHeader& header, Role receiver,
                                                const MessageProgress& progress,
                                                const MessageLimits& limits) noexcept;

/// Whether `header` begins a compressed message, where compression was negotiated (RFC 7692 §6).
/// Takes the bit that says so out of it, as nothing else may be set.
[[nodiscard]] inline bool take_compressed(framing::FrameHeader& header) noexcept {
    using framing::Opcode;
    if (header.opcode != Opcode::text && header.opcode != Opcode::binary) return false;
    const bool compressed = (header.reserved & framing::rsv1) != 0;
    if (compressed) header.reserved ^= framing::rsv1;
    return compressed;
}

/// What a message may take on the wire that inflates to what `limits` allow: what does not shrink
/// grows a little, and by five bytes more wherever the sender has flushed its compressor.
[[nodiscard]] constexpr MessageLimits compressed_limits(MessageLimits limits) noexcept {
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
    limits.bytes = limits.bytes > any / 4 ? any : 2 * limits.bytes + 1024;
    return limits;
}

/// The code of the close frame that tells the peer about `error` (§7.4.1).
[[nodiscard]] HAWSER_DECL CloseCode close_code_for(std::error_code error) noexcept;

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/frame_rules.ipp>
#endif
