#pragma once

#include <hawser/websocket/detail/sha1.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace hawser::inline HAWSER_MODE::websocket::detail {

inline constexpr std::size_t sha1_block = 64;

/// The five words of RFC 3174 §6.1, H0 to H4.
using Sha1State = std::array<std::uint32_t, 5>;

/// The function f and the constant K of step `t` (§5).
[[nodiscard]] constexpr std::uint32_t sha1_mix(std::size_t t, std::uint32_t b, std::uint32_t c,
                                               std::uint32_t d) noexcept {
    if (t < 20) return ((b & c) | (~b & d)) + 0x5A827999;
    if (t < 40) return (b ^ c ^ d) + 0x6ED9EBA1;
    if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    return (b ^ c ^ d) + 0xCA62C1D6;
}

[[nodiscard]] inline std::array<std::uint32_t, 80> sha1_schedule(ByteView block) noexcept {
    std::array<std::uint32_t, 80> words{};
    for (std::size_t i = 0; i != sha1_block; ++i) {
        words[i / 4] = words[i / 4] << 8 | std::to_integer<std::uint32_t>(block[i]);
    }
    for (std::size_t t = 16; t != words.size(); ++t) {
        words[t] = std::rotl(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
    }
    return words;
}

inline void sha1_add(Sha1State& state, ByteView block) noexcept {
    auto [a, b, c, d, e] = state;
    const auto words = sha1_schedule(block);
    for (std::size_t t = 0; t != words.size(); ++t) {
        const std::uint32_t next = std::rotl(a, 5) + sha1_mix(t, b, c, d) + e + words[t];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    const Sha1State added{a, b, c, d, e};
    for (std::size_t i = 0; i != state.size(); ++i)
        state[i] += added[i];
}

HAWSER_DECL std::array<std::byte, 20> sha1(ByteView message) {
    Sha1State state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    const std::uint64_t bits = std::uint64_t{message.size()} * 8;
    for (; message.size() >= sha1_block; message = message.subspan(sha1_block)) {
        sha1_add(state, message.first(sha1_block));
    }
    // "1" bit, zeros, and the length in the last eight bytes (§4).
    std::array<std::byte, 2 * sha1_block> padded{};
    std::ranges::copy(message, padded.begin());
    padded[message.size()] = std::byte{0x80};
    const std::size_t size = message.size() + 9 <= sha1_block ? sha1_block : padded.size();
    for (std::size_t i = 0; i != 8; ++i) {
        padded[size - 1 - i] = static_cast<std::byte>(bits >> (8 * i));
    }
    for (std::size_t at = 0; at != size; at += sha1_block) {
        sha1_add(state, ByteView{padded}.subspan(at, sha1_block));
    }
    std::array<std::byte, 20> digest{};
    for (std::size_t i = 0; i != digest.size(); ++i) {
        digest[i] = static_cast<std::byte>(state[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

}  // namespace hawser::inline HAWSER_MODE::websocket::detail
