#pragma once

#include <hawser/framing/frame_header.hpp>

#include <algorithm>

namespace hawser::inline HAWSER_MODE::framing {

namespace detail {

inline constexpr unsigned fin_bit = 0x80;
inline constexpr unsigned mask_bit = 0x80;
inline constexpr std::uint8_t length_in_16_bits = 126;
inline constexpr std::uint8_t length_in_64_bits = 127;

/// How many bytes of length follow the seven bits of the second byte.
[[nodiscard]] constexpr std::size_t extended_length_size(std::uint64_t seven_bits) noexcept {
    if (seven_bits < length_in_16_bits) return 0;
    return seven_bits == length_in_16_bits ? 2 : 8;
}

/// What the first two bytes alone give away; `header.length` holds the seven bits.
[[nodiscard]] inline std::error_code judge_first_bytes(const FrameHeader& header) noexcept {
    // Of the data frames as of the control frames, the first three are defined.
    const auto opcode = static_cast<unsigned>(header.opcode) & 0x7U;
    if (opcode > 2) return Error::reserved_opcode;
    if (!is_control(header.opcode)) return {};
    if (!header.fin) return Error::fragmented_control_frame;
    if (header.length > max_control_payload) return Error::long_control_frame;
    return {};
}

/// Whether `length` needed all the bytes that it was written in, and leaves the highest bit free.
[[nodiscard]] constexpr bool is_well_formed_length(std::uint64_t length,
                                                   std::size_t size) noexcept {
    if (size == 2) return length >= length_in_16_bits;
    return length > 0xFFFF && (length >> 63) == 0;
}

[[nodiscard]] inline std::uint64_t read_big_endian(ByteView bytes) noexcept {
    std::uint64_t number = 0;
    for (const std::byte byte : bytes)
        number = number << 8 | std::to_integer<std::uint64_t>(byte);
    return number;
}

}  // namespace detail

HAWSER_DECL FrameHeaderReading read_frame_header(ByteView bytes) noexcept {
    FrameHeaderReading reading;
    if (bytes.size() < 2) return reading;
    FrameHeader& header = reading.header;
    const auto first = std::to_integer<unsigned>(bytes[0]);
    const auto second = std::to_integer<unsigned>(bytes[1]);
    header.fin = (first & detail::fin_bit) != 0;
    header.reserved = static_cast<std::uint8_t>(first >> 4 & 0x7U);
    header.opcode = static_cast<Opcode>(first & 0xFU);
    header.length = second & ~detail::mask_bit;
    reading.error = detail::judge_first_bytes(header);
    if (reading.error) return reading;

    std::size_t size = 2;
    if (const std::size_t more = detail::extended_length_size(header.length); more != 0) {
        if (bytes.size() < size + more) return reading;
        header.length = detail::read_big_endian(bytes.subspan(size, more));
        if (!detail::is_well_formed_length(header.length, more)) {
            reading.error = Error::bad_frame_length;
            return reading;
        }
        size += more;
    }
    if ((second & detail::mask_bit) != 0) {
        MaskKey key;
        if (bytes.size() < size + key.size()) return reading;
        std::ranges::copy(bytes.subspan(size, key.size()), key.begin());
        header.mask = key;
        size += key.size();
    }
    reading.size = size;
    return reading;
}

HAWSER_DECL EncodedFrameHeader encode_frame_header(const FrameHeader& header) noexcept {
    EncodedFrameHeader encoded;
    const auto put = [&encoded](std::uint64_t byte) {
        encoded.storage[encoded.size++] = static_cast<std::byte>(byte);
    };
    put((header.fin ? detail::fin_bit : 0U) | static_cast<unsigned>(header.reserved) << 4 |
        static_cast<unsigned>(header.opcode));
    std::uint64_t seven_bits = header.length;
    if (header.length >= detail::length_in_16_bits) seven_bits = detail::length_in_16_bits;
    if (header.length > 0xFFFF) seven_bits = detail::length_in_64_bits;
    put((header.mask ? detail::mask_bit : 0U) | seven_bits);
    for (std::size_t left = detail::extended_length_size(seven_bits); left != 0; --left) {
        put(header.length >> (8 * (left - 1)) & 0xFFU);
    }
    if (header.mask) {
        for (const std::byte byte : *header.mask)
            put(std::to_integer<unsigned>(byte));
    }
    return encoded;
}

}  // namespace hawser::inline HAWSER_MODE::framing
