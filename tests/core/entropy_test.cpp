#include <hawser/core/entropy.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using hawser::Entropy;
using hawser::MutableBytes;

namespace {

/// Gives 1, 2, 3, …, 255, 0, 1, …
void count_up(void* state, MutableBytes into) {
    auto& last = *static_cast<std::uint8_t*>(state);
    for (std::byte& byte : into) byte = std::byte{++last};
}

}  // namespace

TEST_CASE("entropy is what its source gives, in order") {
    std::uint8_t last = 0;
    const Entropy entropy{&count_up, &last};
    std::array<std::byte, 3> bytes{};
    entropy.fill(bytes);
    CHECK(bytes == std::array{std::byte{1}, std::byte{2}, std::byte{3}});

    const Entropy copy = entropy;
    copy.fill(bytes);
    CHECK(bytes == std::array{std::byte{4}, std::byte{5}, std::byte{6}});
}

TEST_CASE("a number takes eight bytes") {
    std::uint8_t last = 0;
    const Entropy entropy{&count_up, &last};
    const std::uint64_t number = entropy.number();
    CHECK(last == 8);
    const auto bytes = std::bit_cast<std::array<std::uint8_t, 8>>(number);
    CHECK(bytes == std::array<std::uint8_t, 8>{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("the system's entropy fills every byte, however many are asked for") {
    const Entropy entropy = hawser::system_entropy();
    constexpr std::size_t sizes[] = {0, 1, 16, 255, 256, 257, 512, 513, 1000};
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        std::vector<std::byte> seen(size);
        // That a byte is 0 twenty times has the chance 2^-160.
        for (int i = 0; i != 20; ++i) {
            std::vector<std::byte> bytes(size);
            entropy.fill(bytes);
            std::ranges::transform(seen, bytes, seen.begin(), std::bit_or{});
        }
        CHECK(std::ranges::count(seen, std::byte{0}) == 0);
    }
}

TEST_CASE("the system's numbers do not repeat") {
    std::set<std::uint64_t> numbers;
    for (int i = 0; i != 1000; ++i) numbers.insert(hawser::system_entropy().number());
    CHECK(numbers.size() == 1000);
}
