#pragma once

#include <hawser/framing/mask.hpp>

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace hawser::inline HAWSER_MODE::framing {

namespace detail {

/// Four words at a time, all read before any is written, so that compilers may use wide registers.
using MaskBlock = std::array<std::uint64_t, 4>;

/// The key twice, turned so that its first byte belongs to the byte at `offset`.
[[nodiscard]] inline std::uint64_t key_word(MaskKey key, std::size_t offset) noexcept {
    const auto half = std::bit_cast<std::uint32_t>(key);
    const int turn = static_cast<int>(8 * (offset % key.size()));
    const std::uint32_t turned =
        std::endian::native == std::endian::little ? std::rotr(half, turn) : std::rotl(half, turn);
    return std::uint64_t{turned} << 32 | turned;
}

}  // namespace detail

HAWSER_DECL void mask_copy(ByteView from, MutableBytes into, MaskKey key,
                           std::size_t offset) noexcept {
    assert(into.size() >= from.size() && "mask_copy: the target is too small");
    const std::uint64_t word = detail::key_word(key, offset);
    const std::size_t size = from.size();
    std::size_t i = 0;
    for (detail::MaskBlock block; size - i >= sizeof(block); i += sizeof(block)) {
        std::memcpy(&block, from.data() + i, sizeof(block));
        for (std::uint64_t& part : block) part ^= word;
        std::memcpy(into.data() + i, &block, sizeof(block));
    }
    for (std::uint64_t part; size - i >= sizeof(part); i += sizeof(part)) {
        std::memcpy(&part, from.data() + i, sizeof(part));
        part ^= word;
        std::memcpy(into.data() + i, &part, sizeof(part));
    }
    const auto rest = std::bit_cast<std::array<std::byte, sizeof(word)>>(word);
    for (; i != size; ++i) into[i] = from[i] ^ rest[i % rest.size()];
}

HAWSER_DECL void mask(MutableBytes bytes, MaskKey key, std::size_t offset) noexcept {
    mask_copy(bytes, bytes, key, offset);
}

}  // namespace hawser::inline HAWSER_MODE::framing
