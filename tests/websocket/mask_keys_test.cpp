#include <hawser/websocket/mask_keys.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

using namespace hawser;
using framing::MaskKey;
using websocket::MaskKeys;

namespace {

/// Gives the bytes 0, 1, 2… and counts how often it is asked.
struct CountingEntropy {
    unsigned next = 0;
    unsigned calls = 0;

    Entropy source() {
        return {[](void* state, MutableBytes into) {
                    auto& self = *static_cast<CountingEntropy*>(state);
                    ++self.calls;
                    for (std::byte& byte : into)
                        byte = static_cast<std::byte>(self.next++);
                },
                this};
    }
};

}  // namespace

TEST_CASE("C17 each mask key is the next four bytes of the source, used once") {
    CountingEntropy entropy;
    MaskKeys keys{entropy.source()};
    for (unsigned i = 0; i != 3 * MaskKeys::batch; ++i) {
        const MaskKey key = keys.next();
        for (unsigned j = 0; j != 4; ++j)
            REQUIRE(key[j] == static_cast<std::byte>(4 * i + j));
    }
}

TEST_CASE("C17 keys are drawn in batches, and none before it is needed") {
    CountingEntropy entropy;
    MaskKeys keys{entropy.source()};
    CHECK(entropy.calls == 0);
    for (std::size_t i = 0; i != 2 * MaskKeys::batch; ++i)
        static_cast<void>(keys.next());
    CHECK(entropy.calls == 2);
}

TEST_CASE("C17 keys from the system are spread over all values and do not come again") {
    MaskKeys keys{system_entropy()};
    constexpr std::size_t count = 20'000;
    std::set<MaskKey> seen;
    std::array<std::array<std::size_t, 256>, 4> histogram{};
    for (std::size_t i = 0; i != count; ++i) {
        const MaskKey key = keys.next();
        seen.insert(key);
        for (std::size_t j = 0; j != 4; ++j)
            ++histogram[j][std::to_integer<std::uint8_t>(key[j])];
    }
    // Of 20,000 out of 2^32 some 0.05 pairs are expected to be equal.
    CHECK(seen.size() >= count - 3);
    for (const auto& column : histogram) {
        double chi_squared = 0;
        constexpr double expected = count / 256.0;
        for (const std::size_t times : column) {
            const double off = static_cast<double>(times) - expected;
            chi_squared += off * off / expected;
        }
        // 255 degrees of freedom: outside by chance less than once in a million runs.
        CHECK(chi_squared > 150);
        CHECK(chi_squared < 380);
    }
}
