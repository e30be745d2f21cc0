#pragma once

#include <hawser/framing/frame_header.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

namespace test {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
    const auto view = hawser::as_bytes(text);
    return {view.begin(), view.end()};
}

inline Bytes bytes_of(std::initializer_list<unsigned> numbers) {
    Bytes bytes;
    for (const unsigned number : numbers)
        bytes.push_back(static_cast<std::byte>(number));
    return bytes;
}

inline void append(Bytes& to, hawser::ByteView more) {
    to.insert(to.end(), more.begin(), more.end());
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts)
        append(all, part);
    return all;
}

/// A frame as the tests write it, by hand and with every fault that a peer may want to make.
struct Frame {
    unsigned opcode = 0x2;
    bool fin = true;
    unsigned reserved = 0;
    std::optional<hawser::framing::MaskKey> key = {};
    /// 7, 16 or 64 bits of length; 0: as few as possible.
    unsigned length_bits = 0;
    /// What the header says where that is not the truth.
    std::optional<std::uint64_t> announced = {};
};

inline constexpr hawser::framing::MaskKey some_key{std::byte{0x37}, std::byte{0xfa},
                                                   std::byte{0x21}, std::byte{0x3d}};

inline Bytes encode(const Frame& frame, hawser::ByteView payload) {
    Bytes bytes;
    const auto put = [&bytes](std::uint64_t byte) {
        bytes.push_back(static_cast<std::byte>(byte));
    };
    const std::uint64_t length = frame.announced.value_or(payload.size());
    unsigned bits = frame.length_bits;
    if (bits == 0) bits = length < 126 ? 7 : length < 65536 ? 16 : 64;
    put((frame.fin ? 0x80U : 0U) + frame.reserved * 16 + frame.opcode);
    put((frame.key ? 0x80U : 0U) + (bits == 7 ? length : bits == 16 ? 126 : 127));
    for (unsigned shift = bits == 7 ? 0 : bits; shift != 0; shift -= 8) {
        put(length >> (shift - 8) & 0xFF);
    }
    if (frame.key) append(bytes, *frame.key);
    for (std::size_t i = 0; i != payload.size(); ++i) {
        bytes.push_back(frame.key ? payload[i] ^ (*frame.key)[i % 4] : payload[i]);
    }
    return bytes;
}

inline Bytes encode(const Frame& frame, std::string_view payload = {}) {
    return encode(frame, hawser::as_bytes(payload));
}

}  // namespace test
