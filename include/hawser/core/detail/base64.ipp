#pragma once

#include <hawser/core/base64.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hawser::inline HAWSER_MODE {

namespace detail {

inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What `DigitValues` has for a character that is no digit.
inline constexpr std::uint8_t no_digit = 0xFF;
/// The value of each character as a digit.
using DigitValues = std::array<std::uint8_t, 256>;

[[nodiscard]] constexpr DigitValues digit_values(std::string_view alphabet) noexcept {
    DigitValues values{};
    values.fill(no_digit);
    for (std::uint8_t value = 0; value != 64; ++value) {
        values[static_cast<unsigned char>(alphabet[value])] = value;
    }
    return values;
}

inline constexpr DigitValues base64_values = digit_values(base64_alphabet);
inline constexpr DigitValues base64url_values = digit_values(base64url_alphabet);

/// Gives `take` one byte after another; false where `digits`, which has no padding, is not
/// canonical.
template <class Take>
[[nodiscard]] bool decode_digits(std::string_view digits, const DigitValues& values, Take take) {
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const char digit : digits) {
        const std::uint8_t value = values[static_cast<unsigned char>(digit)];
        if (value == no_digit) return false;
        pending = pending << 6 | value;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        take(static_cast<std::byte>(pending >> bits));
        pending &= (1U << bits) - 1;
    }
    // Padding bits must be zero (RFC 4648 §3.5), so that each value has one spelling.
    return pending == 0;
}

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
    const auto take = [&](std::byte byte) { bytes.push_back(byte); };
    if (!detail::decode_digits(text, detail::base64_values, take)) return std::nullopt;
    return bytes;
}

HAWSER_DECL bool decode_base64url(std::string_view text, MutableBytes into) noexcept {
    if (text.size() != (into.size() * 4 + 2) / 3) return false;
    auto place = into.begin();
    const auto take = [&](std::byte byte) { *place++ = byte; };
    return detail::decode_digits(text, detail::base64url_values, take);
}

}  // namespace hawser::inline HAWSER_MODE
