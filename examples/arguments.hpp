#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The words of a command line, taken out one option after the other. Throws std::invalid_argument,
/// with the usage as its text, where the words do not fit what is asked for.
class Arguments {
public:
    Arguments(int argc, char** argv, std::string usage)
        : words_{argv + 1, argv + argc}, usage_{std::move(usage)} {}

    /// The `count` words that follow the word `name`; none where it is not there.
    std::vector<std::string> take(std::string_view name, std::ptrdiff_t count = 1) {
        const auto at = std::ranges::find(words_, name);
        if (at == words_.end()) return {};
        if (words_.end() - at <= count) refuse();
        std::vector<std::string> values{at + 1, at + 1 + count};
        words_.erase(at, at + 1 + count);
        return values;
    }

    /// Whether the word `name` is there.
    bool flag(std::string_view name) { return std::erase(words_, name) != 0; }

    std::string text(std::string_view name, std::string otherwise) {
        const auto values = take(name);
        return values.empty() ? std::move(otherwise) : values.front();
    }

    template <std::unsigned_integral Number>
    Number number(std::string_view name, Number otherwise) {
        const auto values = take(name);
        if (values.empty()) return otherwise;
        const std::string& digits = values.front();
        Number number{};
        const auto end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, number);
        if (parsed.ptr != end || parsed.ec != std::errc{}) refuse();
        return number;
    }

    /// The next word, which must not be an option; to be asked for after the options.
    std::string word() {
        if (words_.empty() || words_.front().starts_with("--")) refuse();
        std::string word = std::move(words_.front());
        words_.erase(words_.begin());
        return word;
    }

    /// Says that no more is expected.
    void end() const {
        if (!words_.empty()) refuse();
    }

    [[noreturn]] void refuse() const { throw std::invalid_argument{"usage: " + usage_}; }

private:
    std::vector<std::string> words_;
    std::string usage_;
};
