#pragma once

#include <hawser/core/config.hpp>

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// A first-in, first-out queue that costs three words while it has never been used, keeps a few
/// places for the next elements, and gives a large memory back when it has run empty.
template <class T>
class Queue {
public:
    /// Places that an empty queue keeps.
    static constexpr std::size_t kept = 4;

    [[nodiscard]] bool empty() const noexcept { return first_ == places_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return places_.size() - first_; }

    /// The element at `index` from the front.
    [[nodiscard]] T& operator[](std::size_t index) noexcept { return places_[first_ + index]; }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
        return places_[first_ + index];
    }
    [[nodiscard]] T& front() noexcept { return places_[first_]; }
    [[nodiscard]] const T& front() const noexcept { return places_[first_]; }
    [[nodiscard]] T& back() noexcept { return places_.back(); }

    void push(T value) {
        if (first_ != 0 && places_.size() == places_.capacity()) close_ranks();
        places_.push_back(std::move(value));
    }

    /// Takes the front element out; there must be one.
    T pop() {
        assert(!empty() && "pop of an empty queue");
        T value = std::move(places_[first_++]);
        if (empty()) clear();
        return value;
    }

    void clear() noexcept {
        first_ = 0;
        places_.clear();
        if (places_.capacity() > kept) places_ = std::vector<T>{};
    }

private:
    /// Moves the elements to the front when at least half of the places there are free.
    void close_ranks() {
        if (first_ < places_.size() / 2) return;
        places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }

    std::vector<T> places_;
    std::size_t first_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE
