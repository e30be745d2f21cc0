#pragma once

#include <hawser/core/detail/tally.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// A first-in, first-out queue in one piece of memory. Pushing and popping cost O(1), amortised.
///
/// It gives memory back: all of it, unless it is little (`kept`), when it becomes empty, and most
/// of it when it goes on with few of the elements it once had. What is moved from is empty.
template <class T, std::size_t Kept = 4>
class Queue {
    static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                  "what a queue holds can be moved without throwing");

public:
    /// The most places that a queue keeps when it becomes empty.
    static constexpr std::size_t kept = Kept;

    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return places_.size() - first_; }
    /// Places there is memory for, those of elements already popped included.
    [[nodiscard]] std::size_t capacity() const noexcept { return places_.capacity(); }

    /// The element at `index` from the front.
    [[nodiscard]] T& operator[](std::size_t index) noexcept {
        assert(index < size() && "a queue has no element at this index");
        return places_[first_ + index];
    }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
        assert(index < size() && "a queue has no element at this index");
        return places_[first_ + index];
    }
    [[nodiscard]] T& front() noexcept { return (*this)[0]; }
    [[nodiscard]] const T& front() const noexcept { return (*this)[0]; }
    [[nodiscard]] T& back() noexcept { return (*this)[size() - 1]; }
    [[nodiscard]] const T& back() const noexcept { return (*this)[size() - 1]; }

    /// Sees to it that the next `count` calls of `push` cannot throw.
    void make_room(std::size_t count = 1);
    /// Adds `value` at the back. Where it throws, for want of memory, the queue is as it was.
    void push(T&& value) {
        if (places_.size() == places_.capacity()) make_room();
        append(places_, std::move(value));
    }
    void push(const T& value) { push(T{value}); }

    /// Takes the front element out; there must be one.
    T pop() noexcept {
        T value = std::move(front());
        first_ += 1;
        if (empty()) clear();
        return value;
    }

    /// Drops the front element; there must be one.
    void drop() noexcept {
        if (size() == 1) return clear();
        front() = T{};
        first_ += 1;
    }

    /// Drops all elements.
    void clear() noexcept {
        first_ = 0;
        places_.clear();
        if (places_.capacity() > kept) rest();
    }
    /// Gives back what an empty queue keeps; does nothing to one that is not empty.
    void rest() noexcept {
        if (empty()) places_ = std::vector<T>{};
    }

private:
    [[nodiscard]] auto first() noexcept {
        return places_.begin() + static_cast<std::ptrdiff_t>(first_);
    }
    /// Adds `value` to `places`, which have room: without the code that would make some.
    static void append(std::vector<T>& places, T&& value) noexcept {
        if (places.size() == places.capacity()) __builtin_unreachable();
        places.push_back(std::move(value));
    }
    void move_to_memory_of(std::size_t capacity);

    std::vector<T> places_;
    /// The index of the front element; those before it have been popped.
    detail::Tally first_;
};

template <class T, std::size_t Kept>
void Queue<T, Kept>::make_room(std::size_t count) {
    if (count <= capacity() - places_.size()) return;
    const std::size_t needed = size() + count;
    // Elements are moved only after as many pushes or pops, hence the amortised cost.
    if (needed > capacity() / 2) return move_to_memory_of(std::max(needed, 2 * capacity()));
    if (needed < capacity() / 8) return move_to_memory_of(2 * needed);
    places_.erase(places_.begin(), first());
    first_ = 0;
}

template <class T, std::size_t Kept>
void Queue<T, Kept>::move_to_memory_of(std::size_t capacity) {
    std::vector<T> places;
    places.reserve(capacity);
    for (auto from = first(); from != places_.end(); ++from) append(places, std::move(*from));
    places_ = std::move(places);
    first_ = 0;
}

}  // namespace hawser::inline HAWSER_MODE
