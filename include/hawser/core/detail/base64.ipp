#pragma once

#include <hawser/core/base64.hpp>

#include <cstddef>
#include <cstdint>

namespace hawser::inline HAWSER_MODE {

namespace detail {

inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

HAWSER_DECL std::string encode_base64(ByteView bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j != 3; ++j) {
            group = group << 8 | (j < count ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0);
        }
        for (std::size_t j = 0; j != count + 1; ++j) {
            text += alphabet[(group >> (18 - 6 * j)) & 0x3F];
        }
    }
    return text;
}

}  // namespace detail

HAWSER_DECL std::string base64(ByteView bytes) {
    std::string text = detail::encode_base64(bytes, detail::base64_alphabet);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

HAWSER_DECL std::string base64url(ByteView bytes) {
    return detail::encode_base64(bytes, detail::base64url_alphabet);
}

HAWSER_DECL std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::vector<std::byte> bytes;
    bytes.reserve((text.size() * 3 + 3) / 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const auto digit = detail::base64_alphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        pending = pending << 6 | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<std::byte>(pending >> bits));
        pending &= (1U << bits) - 1;
    }
    // Padding bits must be zero (RFC 4648 §3.5), so that each value has one spelling.
    if (pending != 0) return std::nullopt;
    return bytes;
}

}  // namespace hawser::inline HAWSER_MODE
