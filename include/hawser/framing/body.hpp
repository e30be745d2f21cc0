#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/result.hpp>
#include <hawser/framing/close_payload.hpp>

#include <cstddef>
#include <optional>

namespace hawser::inline HAWSER_MODE::framing {

/// A whole HTTP body that is a concatenation of unmasked, unfragmented frames: messages, and as the
/// last one perhaps a close frame. It refers to the bytes it was read from, and copies a message
/// only when that is taken, so that many tiny ones cost nothing until somebody wants them.
class Body {
public:
    /// Messages not yet taken or skipped.
    [[nodiscard]] std::size_t messages() const noexcept { return messages_; }
    /// The close frame behind the messages.
    [[nodiscard]] const std::optional<ClosePayload>& close() const noexcept { return close_; }

    /// The size of the next message; there must be one.
    [[nodiscard]] std::size_t next_size() const noexcept;
    /// Takes a copy of the next message; there must be one.
    [[nodiscard]] Message next();
    /// Passes over the next message; there must be one.
    void skip() noexcept;

private:
    friend HAWSER_DECL Result<Body> decode_frames(ByteView bytes, const MessageLimits& limits);

    /// Messages and perhaps a close frame, all valid.
    ByteView left_;
    std::size_t messages_ = 0;
    std::optional<ClosePayload> close_;
};

/// Checks all of `bytes`, which must outlive the result. `Error::message_too_big` where a message
/// exceeds the limit; `Error::bad_frames` for everything else that is wrong: other opcodes, a mask,
/// fragments, reserved bits, a truncated frame, text that is not UTF-8, a bad close frame, bytes
/// behind one. Nothing is allocated for messages.
[[nodiscard]] HAWSER_DECL Result<Body> decode_frames(ByteView bytes, const MessageLimits& limits);

}  // namespace hawser::inline HAWSER_MODE::framing

#if !defined(HAWSER_COMPILED)
#include <hawser/framing/detail/body.ipp>
#endif
