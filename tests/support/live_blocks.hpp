#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

// Counts exactly what `operator new` has given and not got back. A program whose files include this
// must not replace the operators itself; they are weak so that more than one file may include it.

namespace test {

inline std::atomic<std::size_t> live_blocks{0};

/// Runs scenarios, and checks behind each that all of them together have left no block behind. What
/// the process keeps for ever must be there before.
class LeavingNothing {
public:
    template <class Scenario>
    auto operator()(Scenario&& scenario) const {
        const auto result = scenario();
        // The thread's buffer for output keeps its block, or has just given it away.
        CHECK(live_blocks.load() <= base_ + 1);
        return result;
    }

private:
    std::size_t base_ = live_blocks;
};

}  // namespace test

[[gnu::weak]] void* operator new(std::size_t size) {
    void* const block = std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) throw std::bad_alloc{};
    ++test::live_blocks;
    return block;
}
[[gnu::weak]] void operator delete(void* block) noexcept {
    if (block != nullptr) --test::live_blocks;
    std::free(block);
}
[[gnu::weak]] void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
