#pragma once

#include <hawser/core/time.hpp>
#include <hawser/polling/requests.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::polling {

/// The number that `text` is: decimal digits without sign or leading zero, at most 2^53 - 1.
[[nodiscard]] inline std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    // Of an unsigned number from_chars takes no sign, and it takes no blanks and no prefix.
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number > greatest_number) return std::nullopt;
    return number;
}

/// The time that so many milliseconds are; all above thirty years are the same to us.
[[nodiscard]] inline Duration from_milliseconds(std::uint64_t count) noexcept {
    constexpr std::uint64_t most = 1'000'000'000'000;
    return std::chrono::milliseconds{std::min(count, most)};
}

/// Whole milliseconds, rounded up.
[[nodiscard]] inline std::string milliseconds_text(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

/// Whole seconds, rounded up.
[[nodiscard]] inline std::string seconds_text(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace hawser::inline HAWSER_MODE::polling
