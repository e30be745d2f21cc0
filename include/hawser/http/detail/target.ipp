#pragma once

#include <hawser/http/target.hpp>

#include <hawser/http/grammar.hpp>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// The value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hexadecimal(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte that the percent sign at the front of `text` stands for, or -1.
[[nodiscard]] constexpr int encoded_byte(std::string_view text) noexcept {
    if (text.size() < 3) return -1;
    const int high = hexadecimal(text[1]);
    const int low = hexadecimal(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct QueryParameter {
    std::string_view name;
    std::string_view value;
};

[[nodiscard]] constexpr QueryParameter take_parameter(std::string_view& query) noexcept {
    const std::size_t end = query.find('&');
    const std::string_view one = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) return {one, {}};
    return {one.substr(0, equals), one.substr(equals + 1)};
}

[[nodiscard]] constexpr bool is_dot_segment(std::string_view segment) noexcept {
    std::size_t dots = 0;
    while (!segment.empty()) {
        const bool encoded = segment[0] == '%' && encoded_byte(segment) == '.';
        if (!encoded && segment[0] != '.') return false;
        segment.remove_prefix(encoded ? 3 : 1);
        ++dots;
    }
    return dots == 1 || dots == 2;
}

}  // namespace detail

HAWSER_DECL std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int byte = detail::encoded_byte(text.substr(i));
        if (byte < 0) return std::nullopt;
        decoded += static_cast<char>(byte);
        i += 2;
    }
    return decoded;
}

HAWSER_DECL std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view marks = "-._~";
    std::string encoded;
    for (const char c : text) {
        const char lower = to_lower(c);
        const bool is_letter = lower >= 'a' && lower <= 'z';
        if (is_letter || is_digit(c) || marks.find(c) != std::string_view::npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte / 16U];
        encoded += digits[byte % 16U];
    }
    return encoded;
}

HAWSER_DECL std::optional<std::string> query_parameter(std::string_view query,
                                                       std::string_view name) {
    while (!query.empty()) {
        const auto parameter = detail::take_parameter(query);
        if (parameter.name == name || percent_decode(parameter.name) == name) {
            return percent_decode(parameter.value);
        }
    }
    return std::nullopt;
}

HAWSER_DECL std::size_t query_parameter_count(std::string_view query, std::string_view name) {
    std::size_t count = 0;
    while (!query.empty()) {
        const auto parameter = detail::take_parameter(query);
        if (parameter.name == name || percent_decode(parameter.name) == name) ++count;
    }
    return count;
}

HAWSER_DECL bool is_well_encoded(std::string_view target) noexcept {
    for (std::size_t at = target.find('%'); at != std::string_view::npos;
         at = target.find('%', at + 3)) {
        if (detail::encoded_byte(target.substr(at)) <= 0) return false;
    }
    return true;
}

HAWSER_DECL bool has_dot_segments(std::string_view path) noexcept {
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (detail::is_dot_segment(path.substr(0, slash))) return true;
        if (slash == std::string_view::npos) return false;
        path.remove_prefix(slash + 1);
    }
    return false;
}

}  // namespace hawser::inline HAWSER_MODE::http
