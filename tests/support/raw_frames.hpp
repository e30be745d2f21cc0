#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace test {

/// Frames of RFC 6455 §5.2, made without the library.

/// The first bytes of frames that are whole.
namespace whole {
inline constexpr unsigned text = 0x81;
inline constexpr unsigned binary = 0x82;
inline constexpr unsigned close_frame = 0x88;
inline constexpr unsigned ping = 0x89;
inline constexpr unsigned pong = 0x8a;
}  // namespace whole

/// A header with any first byte, and any length however encoded.
[[nodiscard]] inline std::string frame_header(unsigned first_byte, bool masked,
                                              std::uint64_t length) {
    const unsigned mask_bit = masked ? 0x80 : 0;
    std::string header{static_cast<char>(first_byte)};
    const auto append_length = [&](unsigned marker, int bytes) {
        header += static_cast<char>(mask_bit | marker);
        for (int i = bytes - 1; i >= 0; --i) header += static_cast<char>(length >> (8 * i) & 0xff);
    };
    if (length < 126) {
        header += static_cast<char>(mask_bit | length);
    } else if (length < 65536) {
        append_length(126, 2);
    } else {
        append_length(127, 8);
    }
    return header;
}

/// A frame as a client sends it.
[[nodiscard]] inline std::string masked_frame(unsigned first_byte, std::string_view payload) {
    constexpr std::string_view key{"\x12\x34\x56\x78"};
    std::string frame = frame_header(first_byte, true, payload.size());
    frame += key;
    for (std::size_t i = 0; i != payload.size(); ++i) {
        frame += static_cast<char>(payload[i] ^ key[i % 4]);
    }
    return frame;
}

/// A frame as a server sends it, or a body of the polling protocol has it.
[[nodiscard]] inline std::string plain_frame(unsigned first_byte, std::string_view payload) {
    return frame_header(first_byte, false, payload.size()) + std::string{payload};
}

/// The payload of a close frame.
[[nodiscard]] inline std::string close_payload(unsigned code, std::string_view text = {}) {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} +
           std::string{text};
}

}  // namespace test
