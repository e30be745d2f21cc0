#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// SHA-1 (FIPS 180-4 §6.1), as the WebSocket handshake needs it: for a few short strings. Written
/// out here so that what measures the library shares no code with it.
[[nodiscard]] inline std::array<std::uint8_t, 20> sha1(std::string_view text) {
    std::string padded{text};
    padded += '\x80';
    while (padded.size() % 64 != 56)
        padded += '\0';
    for (int shift = 56; shift >= 0; shift -= 8) {
        padded += static_cast<char>(std::uint64_t{text.size()} * 8 >> shift);
    }
    std::array<std::uint32_t, 5> hash{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (std::size_t block = 0; block != padded.size(); block += 64) {
        std::array<std::uint32_t, 80> words{};
        for (std::size_t i = 0; i != 64; ++i) {
            words[i / 4] = words[i / 4] << 8 | static_cast<std::uint8_t>(padded[block + i]);
        }
        for (std::size_t i = 16; i != 80; ++i) {
            words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        }
        auto [a, b, c, d, e] = hash;
        for (std::size_t i = 0; i != 80; ++i) {
            const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                                        : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                                        : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                                 : (b ^ c ^ d) + 0xCA62C1D6;
            const std::uint32_t next = std::rotl(a, 5) + mixed + e + words[i];
            e = d;
            d = c;
            c = std::rotl(b, 30);
            b = a;
            a = next;
        }
        hash = {hash[0] + a, hash[1] + b, hash[2] + c, hash[3] + d, hash[4] + e};
    }
    std::array<std::uint8_t, 20> digest{};
    for (std::size_t i = 0; i != digest.size(); ++i) {
        digest[i] = static_cast<std::uint8_t>(hash[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

/// RFC 4648 §4, of 20 bytes.
[[nodiscard]] inline std::string base64(const std::array<std::uint8_t, 20>& bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const unsigned third = i + 2 < bytes.size() ? bytes[i + 2] : 0U;
        const unsigned group = unsigned{bytes[i]} << 16 | unsigned{bytes[i + 1]} << 8 | third;
        for (int shift = 18; shift >= 0; shift -= 6) {
            text += digits[group >> shift & 63];
        }
    }
    text.back() = '=';
    return text;
}

/// What a server answers to `Sec-WebSocket-Key: key` (RFC 6455 §4.2.2).
[[nodiscard]] inline std::string accept_of(std::string_view key) {
    return base64(sha1(std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

}  // namespace bench
