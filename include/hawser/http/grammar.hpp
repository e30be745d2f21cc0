#pragma once

#include <hawser/core/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// Where a byte may stand; bits of an entry of `character_classes`.
inline constexpr std::uint8_t token_character = 1;
inline constexpr std::uint8_t value_character = 2;
inline constexpr std::uint8_t target_character = 4;

inline constexpr std::array<std::uint8_t, 256> character_classes = [] {
    std::array<std::uint8_t, 256> classes{};
    const auto mark = [&](std::size_t first, std::size_t last, std::uint8_t bits) {
        for (std::size_t c = first; c <= last; ++c) classes[c] |= bits;
    };
    mark('0', '9', token_character);
    mark('A', 'Z', token_character);
    mark('a', 'z', token_character);
    for (const char c : std::string_view{"!#$%&'*+-.^_`|~"}) {
        classes[static_cast<unsigned char>(c)] |= token_character;
    }
    mark('\t', '\t', value_character);
    mark(' ', '~', value_character);
    mark(0x80, 0xFF, value_character);
    mark('!', '~', target_character);
    classes['#'] &= static_cast<std::uint8_t>(~target_character);
    return classes;
}();

[[nodiscard]] constexpr bool is_in(char c, std::uint8_t bits) noexcept {
    return (character_classes[static_cast<unsigned char>(c)] & bits) != 0;
}

/// Whether every character of `text` is in the class.
[[nodiscard]] constexpr bool all_in(std::string_view text, std::uint8_t bits) noexcept {
    for (const char c : text) {
        if (!is_in(c, bits)) return false;
    }
    return true;
}

}  // namespace detail

/// Whether `text` is a token (RFC 9110 §5.6.2): not empty, and no blank or separator in it.
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
    return !text.empty() && detail::all_in(text, detail::token_character);
}

/// Whether `text` may stand as a field's value (RFC 9110 §5.5): neither CR, LF, NUL nor another
/// control but TAB.
[[nodiscard]] constexpr bool is_field_value(std::string_view text) noexcept {
    return detail::all_in(text, detail::value_character);
}

/// Whether `text` may stand as a request target (RFC 9112 §3.2): visible ASCII without `#`.
[[nodiscard]] constexpr bool is_target(std::string_view text) noexcept {
    return !text.empty() && detail::all_in(text, detail::target_character);
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// `c` as a small letter if it is one of A to Z.
[[nodiscard]] constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// `text` with A to Z as small letters.
[[nodiscard]] inline std::string to_lower(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) c = to_lower(c);
    return lower;
}

namespace detail {

/// The same as below, for texts of one length. From the back, as many names begin alike.
[[nodiscard]] constexpr bool equal_characters(std::string_view a, std::string_view b) noexcept {
    for (std::size_t i = a.size(); i != 0; --i) {
        if (a[i - 1] != b[i - 1] && to_lower(a[i - 1]) != to_lower(b[i - 1])) return false;
    }
    return true;
}

}  // namespace detail

/// Whether two names are the same but for the case of A to Z.
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    // Most are told apart by their length, without a call.
    return a.size() == b.size() && detail::equal_characters(a, b);
}

/// `text` without the blanks (SP and TAB, RFC 9110 §5.6.3) at both ends.
[[nodiscard]] constexpr std::string_view trim_blanks(std::string_view text) noexcept {
    constexpr auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Takes the first element off a comma-separated list (RFC 9110 §5.6.1), without its blanks. It may
/// be empty: such elements are to be ignored. Does not know quoted strings.
[[nodiscard]] constexpr std::string_view take_list_element(std::string_view& list) noexcept {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim_blanks(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    return element;
}

}  // namespace hawser::inline HAWSER_MODE::http
