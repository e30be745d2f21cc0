#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace test {

/// A character as UTF-8.
inline std::string encode(char32_t c) {
    const auto byte = [](char32_t value) { return static_cast<char>(value); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
    if (c < 0x10000) {
        return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
    }
    return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)),
            byte(0x80 | (c & 0x3F))};
}

/// The length of the character at the beginning of `text`, decoded and encoded again: a way to
/// decide that has nothing in common with the automaton. 0 where there is none.
inline std::size_t character_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (size > text.size()) return 0;
    char32_t c = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i != size; ++i)
        c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    return encode(c) == text.substr(0, size) ? size : 0;
}

inline bool is_utf8_plainly(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

/// Whether some continuation makes `text` valid. What is missing are at most three bytes; the ends
/// of the ranges that a byte may be in are enough.
inline bool can_become_utf8(const std::string& text, int missing = 3) {
    if (is_utf8_plainly(text)) return true;
    if (missing == 0) return false;
    for (const char next : {'\x80', '\x90', '\xA0', '\xBF'}) {
        if (can_become_utf8(text + next, missing - 1)) return true;
    }
    return false;
}

/// Whether `text` is valid UTF-8, or a beginning of it.
inline bool begins_utf8_plainly(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) return text.size() < 4 && can_become_utf8(std::string{text});
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace test
