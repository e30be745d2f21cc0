#pragma once

#include <hawser/framing/close_payload.hpp>

#include <hawser/framing/utf8.hpp>

#include <algorithm>

namespace hawser::inline HAWSER_MODE::framing {

namespace detail {

/// The longest beginning of a close text that a frame can carry without cutting a character.
[[nodiscard]] inline std::string_view fitting_close_text(std::string_view text) noexcept {
    if (!is_utf8(as_bytes(text))) return {};
    if (text.size() <= max_close_text) return text;
    std::size_t size = max_close_text;
    while ((static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return text.substr(0, size);
}

}  // namespace detail

HAWSER_DECL Result<ClosePayload> decode_close_payload(ByteView bytes) {
    if (bytes.empty()) return ClosePayload{};
    if (bytes.size() == 1 || bytes.size() > max_control_payload) return Error::bad_close_payload;
    const auto code = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8 |
                                                 std::to_integer<unsigned>(bytes[1]));
    if (!is_sendable_close_code(code)) return Error::bad_close_code;
    const ByteView text = bytes.subspan(2);
    if (!is_utf8(text)) return Error::invalid_utf8;
    return ClosePayload{code, std::string{as_characters(text)}};
}

HAWSER_DECL ControlPayload encode_close_payload(std::uint16_t code,
                                                     std::string_view text) noexcept {
    ControlPayload encoded;
    if (code == static_cast<std::uint16_t>(CloseCode::none)) return encoded;
    if (!is_sendable_close_code(code)) code = static_cast<std::uint16_t>(CloseCode::internal_error);
    encoded.storage[0] = static_cast<std::byte>(code >> 8);
    encoded.storage[1] = static_cast<std::byte>(code & 0xFFU);
    const ByteView characters = as_bytes(detail::fitting_close_text(text));
    std::ranges::copy(characters, encoded.storage.begin() + 2);
    encoded.size = 2 + characters.size();
    return encoded;
}

}  // namespace hawser::inline HAWSER_MODE::framing
