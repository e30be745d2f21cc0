#pragma once

#include <hawser/websocket/frame_rules.hpp>

namespace hawser::inline HAWSER_MODE::websocket {

namespace detail {

/// RFC 6455 §5.1: "a server MUST close a connection upon receiving a frame that is not masked", "A
/// client MUST close a connection if it detects a masked frame".
[[nodiscard]] inline std::error_code judge_mask(const framing::FrameHeader& header,
                                                Role receiver) noexcept {
    if (receiver == Role::server && !header.mask) return Error::unmasked_frame;
    if (receiver == Role::client && header.mask) return Error::masked_frame;
    return {};
}

/// §5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values".
[[nodiscard]] inline std::error_code judge_reserved(const framing::FrameHeader& header) noexcept {
    if (header.reserved != 0) return Error::reserved_bits;
    return {};
}

/// §5.4: fragments follow each other, "fragments of one message MUST NOT be interleaved between the
/// fragments of another message".
[[nodiscard]] inline std::error_code judge_order(const framing::FrameHeader& header,
                                                 const MessageProgress& progress) noexcept {
    const bool continues = header.opcode == framing::Opcode::continuation;
    if (continues && progress.fragments == 0) return Error::unexpected_continuation;
    if (!continues && progress.fragments != 0) return Error::expected_continuation;
    return {};
}

[[nodiscard]] inline std::error_code judge_limits(const framing::FrameHeader& header,
                                                  const MessageProgress& progress,
                                                  const MessageLimits& limits) noexcept {
    if (progress.fragments >= limits.fragments) return Error::too_many_fragments;
    const bool full = progress.bytes > limits.bytes;
    if (full || header.length > limits.bytes - progress.bytes) return Error::message_too_big;
    return {};
}

}  // namespace detail

HAWSER_DECL std::error_code judge(const framing::FrameHeader& header, Role receiver,
                                  const MessageProgress& progress,
                                  const MessageLimits& limits) noexcept {
    if (const auto error = detail::judge_mask(header, receiver)) return error;
    if (const auto error = detail::judge_reserved(header)) return error;
    if (is_control(header.opcode)) return {};
    if (const auto error = detail::judge_order(header, progress)) return error;
    return detail::judge_limits(header, progress, limits);
}

HAWSER_DECL CloseCode close_code_for(std::error_code error) noexcept {
    if (error == Error::message_too_big || error == Error::too_many_fragments) {
        return CloseCode::too_big;
    }
    if (error == Error::invalid_utf8) return CloseCode::invalid_bytes;
    if (error == Error::slow_consumer || error == Error::message_timeout) {
        return CloseCode::policy_violation;
    }
    return CloseCode::protocol_error;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
