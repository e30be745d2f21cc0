#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>
#include <utility>

namespace hawser::inline HAWSER_MODE::detail {

/// A count that is 0 once it has been moved from. A class that counts beside its containers can
/// so leave its moves to the compiler, and what is moved from is empty in every respect.
class Tally {
public:
    constexpr Tally(std::size_t value = 0) noexcept : value_{value} {}
    constexpr Tally(const Tally&) noexcept = default;
    constexpr Tally(Tally&& other) noexcept : value_{std::exchange(other.value_, 0)} {}
    constexpr Tally& operator=(Tally other) noexcept {
        value_ = other.value_;
        return *this;
    }
    ~Tally() = default;

    constexpr operator std::size_t() const noexcept { return value_; }
    constexpr Tally& operator+=(std::size_t more) noexcept {
        value_ += more;
        return *this;
    }
    constexpr Tally& operator-=(std::size_t less) noexcept {
        value_ -= less;
        return *this;
    }

private:
    std::size_t value_;
};

}  // namespace hawser::inline HAWSER_MODE::detail
