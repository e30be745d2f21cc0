#pragma once

#include <hawser/core/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hawser::inline HAWSER_MODE::net {

class TimerWheel;

/// One deadline in a wheel. Destroying it disarms it; it does not move while it is armed.
class Timer {
public:
    Timer() noexcept = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    [[nodiscard]] bool is_armed() const noexcept { return wheel_ != nullptr; }
    /// When it will expire; `never` while it is not armed.
    [[nodiscard]] TimePoint deadline() const noexcept { return is_armed() ? deadline_ : never; }

protected:
    ~Timer();

private:
    friend class TimerWheel;

    /// Called once, disarmed, when the deadline has passed. May arm and destroy any timer.
    virtual void expired() noexcept = 0;

    Timer* next_ = nullptr;
    Timer** previous_ = nullptr;
    TimerWheel* wheel_ = nullptr;
    TimePoint deadline_ = never;
    std::uint16_t slot_ = 0;
};

/// All deadlines of one executor, in a hierarchy of coarse slots: arming and disarming cost a few
/// instructions whatever their number. A timer never expires early; it may be late by a seventh of
/// its delay, but by no more than a tick of 1 ms where that is below 63 ms. Not thread-safe; reads
/// no clock.
class TimerWheel {
public:
    explicit TimerWheel(TimePoint now) noexcept : origin_{now} {}
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;
    ~TimerWheel();

    /// Arms `timer` for `deadline`, or moves it there; `never` disarms it. Expires nothing,
    /// whatever `now` is: that only tells how far away the deadline is.
    void arm(Timer& timer, TimePoint deadline, TimePoint now);
    void disarm(Timer& timer) noexcept;

    /// Expires what is due at `now`, in no particular order.
    void advance(TimePoint now);
    /// When `advance` is next needed; `never` while nothing is armed.
    [[nodiscard]] TimePoint next() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return armed_ == 0; }

private:
    static constexpr unsigned slot_bits = 6;
    static constexpr unsigned slots = 1U << slot_bits;
    /// Each level's slots are eight times as wide as those of the level below: 1 ms to 34 min.
    static constexpr unsigned widening_bits = 3;
    static constexpr unsigned levels = 8;

    [[nodiscard]] std::uint64_t ticks_until(TimePoint time) const noexcept;
    [[nodiscard]] std::uint64_t ticks_reached(TimePoint now) const noexcept;
    [[nodiscard]] std::uint64_t next_tick() const noexcept;
    void catch_up(TimePoint now) noexcept;
    void insert(Timer& timer, std::uint64_t tick);
    void expire_slot(unsigned level, unsigned slot, TimePoint now);

    TimePoint origin_;
    /// Every slot up to and including this tick has been expired.
    std::uint64_t tick_ = 0;
    std::size_t armed_ = 0;
    std::array<std::uint64_t, levels> occupied_{};
    std::array<std::array<Timer*, slots>, levels> slots_{};
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/timer_wheel.ipp>
#endif
