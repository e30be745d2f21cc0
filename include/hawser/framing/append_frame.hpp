#pragma once

#include <hawser/core/output.hpp>
#include <hawser/framing/close_payload.hpp>
#include <hawser/framing/frame_header.hpp>
#include <hawser/framing/mask.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace hawser::inline HAWSER_MODE::framing {

/// Appends one unfragmented frame to `output`, masked where there is a key (RFC 6455 §5.3: a client
/// masks, with a fresh key for each frame; a server does not). For the unmasked frame of a message,
/// `Output::append_frame` does it without a copy.
inline void append_frame(Output& output, Opcode opcode, ByteView payload,
                         std::optional<MaskKey> key, std::uint8_t reserved = 0) {
    const EncodedFrameHeader encoded = encode_frame_header(
        {.opcode = opcode, .reserved = reserved, .mask = key, .length = payload.size()});
    const MutableBytes room = output.extend(encoded.size + payload.size());
    copy_bytes(encoded.bytes(), room);
    mask_copy(payload, room.subspan(encoded.size), key);
}

/// Appends a close frame, its bytes made by `encode_close_payload`.
inline void append_close_frame(Output& output, std::uint16_t code, std::string_view text,
                               std::optional<MaskKey> key) {
    append_frame(output, Opcode::close, encode_close_payload(code, text).bytes(), key);
}

}  // namespace hawser::inline HAWSER_MODE::framing
