#pragma once

#include <hawser/framing/body.hpp>

#include <hawser/framing/frame_header.hpp>
#include <hawser/framing/utf8.hpp>

#include <cassert>

namespace hawser::inline HAWSER_MODE::framing {

namespace detail {

/// A frame that may stand in a body, somewhere in `bytes`.
struct BodyFrame {
    Opcode opcode;
    ByteView payload;
    std::size_t size;
};

/// The frame at the beginning of `bytes`; its payload is not looked at.
[[nodiscard]] inline Result<BodyFrame> first_frame(ByteView bytes, const MessageLimits& limits) {
    const auto [header, size, error] = read_frame_header(bytes);
    if (error || size == 0 || header.mask || header.reserved != 0) return Error::bad_frames;
    const bool allowed = header.opcode == Opcode::text || header.opcode == Opcode::binary ||
                         header.opcode == Opcode::close;
    if (!allowed || !header.fin) return Error::bad_frames;
    // Judged before the truncation: a sender learns from the header that its message is too big.
    if (header.length > limits.bytes && header.opcode != Opcode::close) {
        return Error::message_too_big;
    }
    if (header.length > bytes.size() - size) return Error::bad_frames;
    const auto length = static_cast<std::size_t>(header.length);
    return BodyFrame{header.opcode, bytes.subspan(size, length), size + length};
}

}  // namespace detail

HAWSER_DECL Result<Body> decode_frames(ByteView bytes, const MessageLimits& limits) {
    Body body;
    body.left_ = bytes;
    while (!bytes.empty()) {
        const auto frame = detail::first_frame(bytes, limits);
        if (!frame) return frame.error();
        bytes = bytes.subspan(frame->size);
        if (frame->opcode != Opcode::close) {
            if (frame->opcode == Opcode::text && !is_utf8(frame->payload)) return Error::bad_frames;
            ++body.messages_;
            continue;
        }
        auto close = decode_close_payload(frame->payload);
        if (!close || !bytes.empty()) return Error::bad_frames;
        body.close_ = *std::move(close);
    }
    return body;
}

namespace detail {

/// The same as `first_frame`, where it is known to be good.
[[nodiscard]] inline BodyFrame checked_frame(ByteView bytes) noexcept {
    const auto [header, size, error] = read_frame_header(bytes);
    assert(!error && size != 0 && "a body was used after its bytes changed");
    const auto length = static_cast<std::size_t>(header.length);
    return {header.opcode, bytes.subspan(size, length), size + length};
}

}  // namespace detail

HAWSER_DECL std::size_t Body::next_size() const noexcept {
    assert(messages_ != 0 && "no message is left in the body");
    return detail::checked_frame(left_).payload.size();
}

HAWSER_DECL Message Body::next() {
    assert(messages_ != 0 && "no message is left in the body");
    const detail::BodyFrame frame = detail::checked_frame(left_);
    left_ = left_.subspan(frame.size);
    --messages_;
    const bool text = frame.opcode == Opcode::text;
    return Message::make(text ? Message::Kind::text : Message::Kind::binary, frame.payload,
                         text ? Message::Utf8::valid : Message::Utf8::unchecked);
}

HAWSER_DECL void Body::skip() noexcept {
    assert(messages_ != 0 && "no message is left in the body");
    left_ = left_.subspan(detail::checked_frame(left_).size);
    --messages_;
}

}  // namespace hawser::inline HAWSER_MODE::framing
