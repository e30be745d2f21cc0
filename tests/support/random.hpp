#pragma once

#include <hawser/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace test {

/// Random input for a test. The seed is another one in each run, unless HAWSER_TEST_SEED is set;
/// a test says `CAPTURE(random.seed())`, so that a failure can be repeated.
class Random {
public:
    Random() : Random{choose_seed()} {}
    explicit Random(std::uint64_t seed) : seed_{seed}, generator_{seed} {}
    /// What `choices` say, a byte each, or more where one is not enough; they must outlive this.
    /// Behind the last of them each number is the greatest, which `one_in` takes for no.
    explicit Random(hawser::ByteView choices) : choices_{choices}, is_chosen_{true} {}

    [[nodiscard]] std::uint64_t seed() const { return seed_; }

    /// From 0 to `limit` - 1.
    [[nodiscard]] std::size_t below(std::size_t limit) {
        if (is_chosen_) return choose_below(limit);
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(generator_);
    }
    [[nodiscard]] bool one_in(std::size_t times) { return below(times) == 0; }
    /// Whether nothing is left of the choices.
    [[nodiscard]] bool is_exhausted() const { return is_chosen_ && choices_.empty(); }

    [[nodiscard]] std::vector<std::byte> bytes(std::size_t size) {
        std::vector<std::byte> bytes(size);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(below(256));
        return bytes;
    }
    /// Lower-case letters.
    [[nodiscard]] std::string text(std::size_t size) {
        std::string text(size, ' ');
        for (char& c : text) c = static_cast<char>('a' + below(26));
        return text;
    }

private:
    [[nodiscard]] static std::uint64_t choose_seed() {
        if (const char* const chosen = std::getenv("HAWSER_TEST_SEED")) {
            return std::strtoull(chosen, nullptr, 10);
        }
        return std::random_device{}();
    }

    [[nodiscard]] std::size_t choose_below(std::size_t limit) {
        std::size_t chosen = 0;
        for (std::size_t left = limit - 1; left != 0; left >>= 8) {
            if (choices_.empty()) return limit - 1;
            chosen = chosen << 8 | std::to_integer<std::size_t>(choices_.front());
            choices_ = choices_.subspan(1);
        }
        return chosen % limit;
    }

    std::uint64_t seed_ = 0;
    std::mt19937_64 generator_;
    hawser::ByteView choices_;
    bool is_chosen_ = false;
};

}  // namespace test
