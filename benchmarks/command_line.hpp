#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// The options of a benchmark, taken out one after the other. Throws std::invalid_argument, with
/// the usage as its text, where the words do not fit what is asked for.
class CommandLine {
public:
    CommandLine(int argc, char** argv, std::string usage)
        : words_{argv + 1, argv + argc}, usage_{std::move(usage)} {}

    /// Whether the word `name` is there.
    bool flag(std::string_view name) {
        const auto at = std::ranges::find(words_, name);
        if (at == words_.end()) return false;
        words_.erase(at);
        return true;
    }

    /// The word that follows the word `name`.
    std::optional<std::string> text(std::string_view name) {
        const auto at = std::ranges::find(words_, name);
        if (at == words_.end()) return std::nullopt;
        if (at + 1 == words_.end()) refuse();
        std::string value = *(at + 1);
        words_.erase(at, at + 2);
        return value;
    }

    std::optional<std::size_t> number(std::string_view name) {
        const auto digits = text(name);
        if (!digits) return std::nullopt;
        return parse(*digits);
    }

    /// The one word that is left.
    [[nodiscard]] std::size_t last_number() const {
        if (words_.size() != 1) refuse();
        return parse(words_.front());
    }

    /// Says that no more is expected.
    void end() const {
        if (!words_.empty()) refuse();
    }

    [[noreturn]] void refuse() const { throw std::invalid_argument{"usage: " + usage_}; }

private:
    [[nodiscard]] std::size_t parse(std::string_view digits) const {
        std::size_t number = 0;
        const char* const end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, number);
        if (parsed.ptr != end || parsed.ec != std::errc{}) refuse();
        return number;
    }

    std::vector<std::string> words_;
    std::string usage_;
};

}  // namespace bench
