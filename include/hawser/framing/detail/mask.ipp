#pragma once

#include <hawser/framing/mask.hpp>

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace hawser::inline HAWSER_MODE::framing {

namespace detail {

/// The key twice, turned so that its first byte belongs to the byte at `offset`.
[[nodiscard]] inline std::uint64_t key_word(MaskKey key, std::size_t offset) noexcept {
    const auto half = std::bit_cast<std::uint32_t>(key);
    const int turn = static_cast<int>(8 * (offset % key.size()));
    const std::uint32_t turned =
        std::endian::native == std::endian::little ? std::rotr(half, turn) : std::rotl(half, turn);
    return std::uint64_t{turned} << 32 | turned;
}

/// Masks byte by byte, beginning with the first byte of `word`.
inline void mask_bytes(ByteView from, std::byte* into, std::uint64_t word) noexcept {
    const auto key = std::bit_cast<std::array<std::byte, sizeof(word)>>(word);
    for (std::size_t i = 0; i != from.size(); ++i) into[i] = from[i] ^ key[i % key.size()];
}

/// Masks whole words, the same as `mask_bytes` does; returns how many bytes those were.
[[nodiscard]] inline std::size_t mask_words(ByteView from, std::byte* into,
                                            std::uint64_t word) noexcept {
    constexpr std::size_t size = sizeof(word);
    const auto masked = [&](std::size_t at) {
        std::uint64_t bytes;
        std::memcpy(&bytes, from.data() + at, size);
        return bytes ^ word;
    };
    const auto write = [&](std::uint64_t bytes, std::size_t at) {
        std::memcpy(into + at, &bytes, size);
    };
    std::size_t i = 0;
    // Four are read before any is written, so that compilers take wide registers for them; for an
    // array of four g++ 12 does not.
    for (; from.size() - i >= 4 * size; i += 4 * size) {
        const std::uint64_t first = masked(i);
        const std::uint64_t second = masked(i + size);
        const std::uint64_t third = masked(i + 2 * size);
        const std::uint64_t fourth = masked(i + 3 * size);
        write(first, i);
        write(second, i + size);
        write(third, i + 2 * size);
        write(fourth, i + 3 * size);
    }
    for (; from.size() - i >= size; i += size) write(masked(i), i);
    return i;
}

}  // namespace detail

HAWSER_DECL void mask_copy(ByteView from, MutableBytes into, MaskKey key,
                           std::size_t offset) noexcept {
    assert(into.size() >= from.size() && "mask_copy: the target is too small");
    const std::uint64_t word = detail::key_word(key, offset);
    const std::size_t done = detail::mask_words(from, into.data(), word);
    detail::mask_bytes(from.subspan(done), into.data() + done, word);
}

HAWSER_DECL void mask(MutableBytes bytes, MaskKey key, std::size_t offset) noexcept {
    mask_copy(bytes, bytes, key, offset);
}

}  // namespace hawser::inline HAWSER_MODE::framing
