#pragma once

#include <hawser/framing/utf8.hpp>

#include <array>
#include <cstddef>
#include <cstring>

namespace hawser::inline HAWSER_MODE::framing {

namespace detail {

// A finite automaton whose states are bit positions: for each byte, one word holds the next state
// of every state, and a step is a load and a shift (the way Per Vognsen described). State 0 is the
// error, where all rows lead back to it.
enum Utf8State : std::uint8_t {
    utf8_error = 0,
    utf8_accept = 6,
    utf8_one_left = 12,
    utf8_two_left = 18,
    utf8_three_left = 24,
    utf8_after_e0 = 30,
    utf8_after_ed = 36,
    utf8_after_f0 = 42,
    utf8_after_f4 = 48,
};

/// The state after a byte that begins a character (RFC 3629 §4).
[[nodiscard]] constexpr Utf8State utf8_begin(unsigned byte) noexcept {
    if (byte < 0x80) return utf8_accept;
    if (byte < 0xC2) return utf8_error;
    if (byte < 0xE0) return utf8_one_left;
    if (byte == 0xE0) return utf8_after_e0;
    if (byte == 0xED) return utf8_after_ed;
    if (byte < 0xF0) return utf8_two_left;
    if (byte == 0xF0) return utf8_after_f0;
    if (byte < 0xF4) return utf8_three_left;
    return byte == 0xF4 ? utf8_after_f4 : utf8_error;
}

/// Which second bytes are right after E0, ED, F0 and F4 (RFC 3629 §4, UTF8-3 and UTF8-4).
[[nodiscard]] constexpr Utf8State utf8_next(Utf8State state, unsigned byte) noexcept {
    if (state == utf8_accept) return utf8_begin(byte);
    if (byte < 0x80 || byte > 0xBF) return utf8_error;
    switch (state) {
    case utf8_one_left:
        return utf8_accept;
    case utf8_two_left:
        return utf8_one_left;
    case utf8_three_left:
        return utf8_two_left;
    case utf8_after_e0:
        return byte >= 0xA0 ? utf8_one_left : utf8_error;
    case utf8_after_ed:
        return byte < 0xA0 ? utf8_one_left : utf8_error;
    case utf8_after_f0:
        return byte >= 0x90 ? utf8_two_left : utf8_error;
    case utf8_after_f4:
        return byte < 0x90 ? utf8_two_left : utf8_error;
    case utf8_accept:
    case utf8_error:
        break;
    }
    return utf8_error;
}

[[nodiscard]] constexpr std::array<std::uint64_t, 256> make_utf8_rows() noexcept {
    std::array<std::uint64_t, 256> rows{};
    for (unsigned byte = 0; byte != rows.size(); ++byte) {
        for (unsigned state = utf8_accept; state <= utf8_after_f4; state += utf8_accept) {
            const std::uint64_t next = utf8_next(static_cast<Utf8State>(state), byte);
            rows[byte] |= next << state;
        }
    }
    return rows;
}

inline constexpr std::array<std::uint64_t, 256> utf8_rows = make_utf8_rows();

[[nodiscard]] inline std::uint64_t utf8_walk(std::uint64_t state, const std::byte* at,
                                             const std::byte* end) noexcept {
    for (; at != end; ++at) {
        state = utf8_rows[std::to_integer<std::uint8_t>(*at)] >> (state & 63U);
    }
    return state & 63U;
}

template <std::size_t Size>
[[nodiscard]] inline bool is_ascii(const std::byte* at) noexcept {
    std::array<std::uint64_t, Size / sizeof(std::uint64_t)> words;
    std::memcpy(words.data(), at, Size);
    std::uint64_t all = 0;
    for (const std::uint64_t word : words)
        all |= word;
    return (all & 0x8080'8080'8080'8080U) == 0;
}

/// Skips blocks of `Size` ASCII bytes.
template <std::size_t Size>
[[nodiscard]] inline const std::byte* skip_ascii(const std::byte* at,
                                                 const std::byte* end) noexcept {
    while (static_cast<std::size_t>(end - at) >= Size && is_ascii<Size>(at))
        at += Size;
    return at;
}

}  // namespace detail

HAWSER_DECL bool Utf8Validator::feed(ByteView bytes) noexcept {
    static_assert(accept == detail::utf8_accept);
    constexpr std::ptrdiff_t stretch = 32;
    const std::byte* at = bytes.data();
    const std::byte* const end = at + bytes.size();
    std::uint64_t state = state_;
    while (at != end) {
        if (state == detail::utf8_accept) {
            at = detail::skip_ascii<64>(at, end);
            at = detail::skip_ascii<8>(at, end);
        }
        const std::byte* const stop = end - at < stretch ? end : at + stretch;
        state = detail::utf8_walk(state, at, stop);
        if (state == detail::utf8_error) break;
        at = stop;
    }
    state_ = static_cast<std::uint8_t>(state);
    return state != detail::utf8_error;
}

}  // namespace hawser::inline HAWSER_MODE::framing
