#pragma once

#include <hawser/core/config.hpp>

#include <cstdint>
#include <optional>

namespace hawser::inline HAWSER_MODE::session {

/// Counts the numbered messages of one direction that have been taken: 1, 2, 3… without a gap.
class InboxNumbers {
public:
    /// The number of the last message taken, 0 before the first: all up to it are here.
    [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

    /// How many messages of a series that begins with the number `first` have been taken before;
    /// it may be more than the series has. Empty where messages are missing before it.
    [[nodiscard]] std::optional<std::uint64_t> duplicates(std::uint64_t first) const noexcept {
        if (first == 0 || first > last_ + 1) return std::nullopt;
        return last_ + 1 - first;
    }

    /// The next message in order has been taken.
    void take() noexcept { ++last_; }

private:
    std::uint64_t last_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE::session
