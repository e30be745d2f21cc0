#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace limit {

/// A client's frame, all of which is there or not.
struct Frame {
    unsigned char first;  ///< FIN and opcode
    std::size_t head;     ///< bytes before the payload
    std::size_t payload;
    std::uint32_t key;

    [[nodiscard]] std::size_t size() const noexcept { return head + payload; }
    [[nodiscard]] unsigned opcode() const noexcept { return first & 0x0FU; }
    [[nodiscard]] std::size_t answer_head() const noexcept { return head - 4; }
};

/// The frame that begins at `bytes`; nothing where its header is not whole.
[[nodiscard]] inline std::optional<Frame> parse_frame(const char* bytes,
                                                      std::size_t size) noexcept {
    if (size < 6) return std::nullopt;
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned length = at(1) & 0x7FU;
    const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    Frame frame{at(0), 2 + length_bytes + 4, length, 0};
    if (size < frame.head) return std::nullopt;
    if (length_bytes != 0) {
        frame.payload = 0;
        for (std::size_t i = 0; i != length_bytes; ++i)
            frame.payload = frame.payload << 8 | at(2 + i);
    }
    std::memcpy(&frame.key, bytes + frame.head - 4, 4);
    return frame;
}

inline void unmask(char* bytes, std::size_t size, std::uint32_t key) noexcept {
    const std::uint64_t both = std::uint64_t{key} << 32 | key;
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes + i, 8);
        word ^= both;
        std::memcpy(bytes + i, &word, 8);
    }
    for (; i != size; ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ static_cast<char>(key >> (8 * (i % 4))));
    }
}

/// Writes the header of the server's frame that answers `frame`; returns its size.
inline std::size_t write_answer_head(char* to, const Frame& frame) noexcept {
    const std::size_t size = frame.answer_head();
    to[0] = static_cast<char>(frame.first);
    to[1] = static_cast<char>(size == 2 ? frame.payload : size == 4 ? 126U : 127U);
    for (std::size_t i = 2; i != size; ++i) {
        to[i] = static_cast<char>(frame.payload >> (8 * (size - 1 - i)));
    }
    return size;
}

/// Turns the client's frame at `from` into the server's at `to`, which is at or before
/// `from` + 4, so that the payload moves only where it must. Returns the end of what was written.
inline char* turn_frame(char* to, char* from, const Frame& frame) noexcept {
    char* const payload = to + frame.answer_head();
    if (payload != from + frame.head) std::memmove(payload, from + frame.head, frame.payload);
    unmask(payload, frame.payload, frame.key);
    write_answer_head(to, frame);
    return payload + frame.payload;
}

}  // namespace limit
