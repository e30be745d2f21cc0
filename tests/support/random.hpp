#pragma once

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

    [[nodiscard]] std::uint64_t seed() const { return seed_; }

    /// From 0 to `limit` - 1.
    [[nodiscard]] std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(generator_);
    }
    [[nodiscard]] bool one_in(std::size_t times) { return below(times) == 0; }

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

    std::uint64_t seed_;
    std::mt19937_64 generator_;
};

}  // namespace test
