#pragma once

#include <hawser/net/timer_wheel.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <utility>

// A slot of level n is 8^n ticks wide and begins at a multiple of its width. A timer goes to the
// lowest level that reaches its tick, rounded up to the begin of a slot, and expires when the wheel
// reaches that begin. Nothing ever moves between levels. What lies beyond the last level waits in
// its farthest slot and is put in again when that is reached.

namespace hawser::inline HAWSER_MODE::net {

HAWSER_DECL Timer::~Timer() {
    if (wheel_ != nullptr) wheel_->disarm(*this);
}

HAWSER_DECL TimerWheel::~TimerWheel() {
    for (auto& level : slots_) {
        for (Timer* timer : level) {
            for (; timer != nullptr; timer = timer->next_) timer->wheel_ = nullptr;
        }
    }
}

/// Rounded up, so that no timer expires early.
HAWSER_DECL std::uint64_t TimerWheel::ticks_until(TimePoint time) const noexcept {
    if (time <= origin_) return 0;
    using std::chrono::milliseconds;
    return static_cast<std::uint64_t>(std::chrono::ceil<milliseconds>(time - origin_).count());
}

HAWSER_DECL std::uint64_t TimerWheel::ticks_reached(TimePoint now) const noexcept {
    if (now <= origin_) return 0;
    using std::chrono::milliseconds;
    return static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(now - origin_).count());
}

HAWSER_DECL void TimerWheel::arm(Timer& timer, TimePoint deadline, TimePoint now) {
    if (timer.wheel_ != nullptr) timer.wheel_->disarm(timer);
    if (deadline == never) return;
    catch_up(now);
    timer.deadline_ = deadline;
    insert(timer, std::max(ticks_until(deadline), tick_ + 1));
}

/// Turns the wheel as far as nothing is due, so that what is inserted is as near as it really is.
HAWSER_DECL void TimerWheel::catch_up(TimePoint now) noexcept {
    std::uint64_t reached = ticks_reached(now);
    if (reached <= tick_) return;
    if (!empty()) reached = std::min(reached, next_tick() - 1);
    tick_ = std::max(tick_, reached);
}

HAWSER_DECL void TimerWheel::insert(Timer& timer, std::uint64_t tick) {
    unsigned level = 0;
    std::uint64_t begin = tick;
    const auto reaches = [&] {
        const unsigned shift = level * widening_bits;
        begin = (tick + (std::uint64_t{1} << shift) - 1) >> shift;
        return begin - (tick_ >> shift) < slots;
    };
    while (!reaches() && level + 1 != levels) ++level;
    const std::uint64_t farthest = (tick_ >> (level * widening_bits)) + slots - 1;
    const auto slot = static_cast<unsigned>(std::min(begin, farthest) % slots);

    Timer*& head = slots_[level][slot];
    timer.next_ = head;
    timer.previous_ = &head;
    if (head != nullptr) head->previous_ = &timer.next_;
    head = &timer;
    timer.wheel_ = this;
    timer.slot_ = static_cast<std::uint16_t>(level * slots + slot);
    occupied_[level] |= std::uint64_t{1} << slot;
    ++armed_;
}

HAWSER_DECL void TimerWheel::disarm(Timer& timer) noexcept {
    if (timer.wheel_ != this) return;
    *timer.previous_ = timer.next_;
    if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
    timer.next_ = nullptr;
    timer.previous_ = nullptr;
    timer.wheel_ = nullptr;
    const unsigned level = timer.slot_ / slots;
    const unsigned slot = timer.slot_ % slots;
    if (slots_[level][slot] == nullptr) occupied_[level] &= ~(std::uint64_t{1} << slot);
    --armed_;
}

HAWSER_DECL std::uint64_t TimerWheel::next_tick() const noexcept {
    std::uint64_t earliest = std::numeric_limits<std::uint64_t>::max();
    for (unsigned level = 0; level != levels; ++level) {
        if (occupied_[level] == 0) continue;
        const unsigned shift = level * widening_bits;
        const std::uint64_t position = tick_ >> shift;
        // The slot of `position` itself was expired when the wheel reached its begin.
        const auto from = static_cast<int>((position + 1) % slots);
        const auto ahead = std::countr_zero(std::rotr(occupied_[level], from));
        const std::uint64_t begin = (position + 1 + static_cast<unsigned>(ahead)) << shift;
        earliest = std::min(earliest, begin);
    }
    return earliest;
}

HAWSER_DECL TimePoint TimerWheel::next() const noexcept {
    if (empty()) return never;
    return origin_ + std::chrono::milliseconds{next_tick()};
}

HAWSER_DECL void TimerWheel::advance(TimePoint now) {
    const std::uint64_t target = ticks_reached(now);
    while (!empty()) {
        const std::uint64_t tick = next_tick();
        if (tick > target) break;
        tick_ = tick;
        for (unsigned level = 0; level != levels; ++level) {
            const unsigned shift = level * widening_bits;
            if (tick & ((std::uint64_t{1} << shift) - 1)) break;
            expire_slot(level, static_cast<unsigned>((tick >> shift) % slots), now);
        }
    }
    tick_ = std::max(tick_, target);
}

HAWSER_DECL void TimerWheel::expire_slot(unsigned level, unsigned slot, TimePoint now) {
    // Only what stands here now: an expired timer may arm itself for a later turn of this slot,
    // which goes to the front of the list that is taken from its front. So the list is detached.
    Timer* due = std::exchange(slots_[level][slot], nullptr);
    occupied_[level] &= ~(std::uint64_t{1} << slot);
    if (due != nullptr) due->previous_ = &due;
    while (due != nullptr) {
        Timer& timer = *due;
        due = timer.next_;
        if (due != nullptr) due->previous_ = &due;
        timer.next_ = nullptr;
        timer.previous_ = nullptr;
        timer.wheel_ = nullptr;
        --armed_;
        if (timer.deadline_ > now) {
            insert(timer, std::max(ticks_until(timer.deadline_), tick_ + 1));
            continue;
        }
        timer.expired();
    }
}

}  // namespace hawser::inline HAWSER_MODE::net
