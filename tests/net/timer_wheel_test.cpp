#include <hawser/net/timer_wheel.hpp>

#include "support/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;

namespace {

/// A timer that calls a function of the test.
struct Alarm final : net::Timer {
    std::function<void()> on_expiry = {};
    unsigned expiries = 0;

private:
    void expired() noexcept override {
        ++expiries;
        if (on_expiry) on_expiry();
    }
};

const TimePoint start = TimePoint{} + 1234567us;

/// How late a timer may be that was armed for a time so far away.
Duration tolerance(Duration delay) { return delay / 7 + 1ms; }

/// A wheel beside a plain list of deadlines.
class Model {
public:
    explicit Model(test::Random& random) : random_{random}, alarms_(40) {
        for (auto& entry : alarms_) entry.alarm = std::make_unique<Alarm>();
    }

    void step() {
        const std::size_t which = random_.below(alarms_.size());
        Entry& entry = alarms_[which];
        switch (random_.below(4)) {
        case 0:
        case 1: return arm(entry, random_delay());
        case 2: return disarm(entry);
        default: return advance(random_delay() / 4);
        }
    }

private:
    struct Entry {
        std::unique_ptr<Alarm> alarm;
        TimePoint deadline = never;
        TimePoint latest = never;
        unsigned expiries = 0;
    };

    Duration random_delay() {
        // Of any order of magnitude, from 1 µs to some days.
        const auto magnitude = std::size_t{1} << random_.below(40);
        return std::chrono::microseconds{random_.below(magnitude) + magnitude};
    }
    void arm(Entry& entry, Duration delay) {
        entry.deadline = now_ + delay;
        entry.latest = entry.deadline + tolerance(delay);
        wheel_.arm(*entry.alarm, entry.deadline, now_);
        CHECK(entry.alarm->deadline() == entry.deadline);
        CHECK(wheel_.next() <= entry.latest);
    }
    void disarm(Entry& entry) {
        entry.deadline = entry.latest = never;
        if (random_.one_in(2)) return wheel_.disarm(*entry.alarm);
        entry.alarm = std::make_unique<Alarm>();
        entry.expiries = 0;
    }
    void advance(Duration by) {
        now_ += by;
        wheel_.advance(now_);
        for (Entry& entry : alarms_) check(entry);
        CHECK((wheel_.next() > now_));
        const bool any = std::ranges::any_of(alarms_, [](const Entry& entry) {
            return entry.alarm->is_armed();
        });
        CHECK(wheel_.empty() == !any);
        CHECK((wheel_.next() == never) == !any);
    }
    void check(Entry& entry) {
        if (entry.alarm->expiries == entry.expiries) {
            CHECK(now_ <= entry.latest);  // it is not overdue
            CHECK(entry.alarm->deadline() == entry.deadline);
            return;
        }
        CHECK(entry.alarm->expiries == entry.expiries + 1);
        CHECK(now_ >= entry.deadline);
        CHECK_FALSE(entry.alarm->is_armed());
        entry.expiries += 1;
        entry.deadline = entry.latest = never;
    }

    test::Random& random_;
    TimePoint now_ = start;
    net::TimerWheel wheel_{start};
    std::vector<Entry> alarms_;
};

}  // namespace

TEST_CASE("a wheel does what a list of deadlines would, never early and hardly late") {
    test::Random random;
    CAPTURE(random.seed());
    for (unsigned run = 0; run != 30; ++run) {
        Model model{random};
        for (unsigned i = 0; i != 1000; ++i) model.step();
    }
}

TEST_CASE("a timer near by is late by less than a tick") {
    net::TimerWheel wheel{start};
    for (auto delay = 1ms; delay != 63ms; ++delay) {
        Alarm alarm;
        wheel.arm(alarm, start + delay, start);
        CHECK(wheel.next() == start + delay);
        wheel.disarm(alarm);
        wheel.arm(alarm, start + delay - 999us, start);
        CHECK(wheel.next() == start + delay);
    }
}

TEST_CASE("a wheel that has long stood still is as exact as a new one") {
    net::TimerWheel wheel{start};
    const TimePoint later = start + 10h;
    Alarm alarm;
    SUBCASE("empty") {}
    SUBCASE("with a timer far away") {
        static Alarm far;
        wheel.arm(far, start + 20h, start);
    }
    wheel.arm(alarm, later + 5ms, later);
    CHECK(wheel.next() == later + 5ms);
    wheel.advance(later + 5ms);
    CHECK(alarm.expiries == 1);
}

TEST_CASE("a wheel that is late skips nothing when another timer is armed") {
    net::TimerWheel wheel{start};
    Alarm due;
    Alarm next;
    wheel.arm(due, start + 10ms, start);
    wheel.arm(next, start + 1h + 1ms, start + 1h);
    CHECK(due.expiries == 0);
    CHECK(wheel.next() == start + 10ms);
    wheel.advance(start + 1h);
    CHECK(due.expiries == 1);
    CHECK(next.expiries == 0);
    wheel.advance(wheel.next());
    CHECK(next.expiries == 1);
}

TEST_CASE("a deadline that has passed expires with the next tick, and never means none") {
    net::TimerWheel wheel{start};
    Alarm past;
    Alarm idle;
    wheel.arm(past, start - 1h, start);
    wheel.arm(idle, start + 1ms, start);
    wheel.arm(idle, never, start);
    CHECK_FALSE(idle.is_armed());
    CHECK(idle.deadline() == never);
    wheel.advance(start);
    CHECK(past.expiries == 0);
    wheel.advance(start + 1ms);
    CHECK(past.expiries == 1);
    wheel.advance(start + 1h);
    CHECK(past.expiries == 1);
    CHECK(idle.expiries == 0);
}

TEST_CASE("deadlines beyond the last slot are kept, whatever their number") {
    net::TimerWheel wheel{start};
    std::vector<Alarm> alarms(10);
    for (std::size_t i = 0; i != alarms.size(); ++i) {
        wheel.arm(alarms[i], start + 1000h * static_cast<int>(i + 1), start);
    }
    for (TimePoint now = start; !wheel.empty();) {
        const TimePoint next = wheel.next();
        REQUIRE(next > now);
        now = next;
        wheel.advance(now);
        for (std::size_t i = 0; i != alarms.size(); ++i) {
            const TimePoint deadline = start + 1000h * static_cast<int>(i + 1);
            CHECK(alarms[i].expiries == (alarms[i].is_armed() ? 0U : 1U));
            if (alarms[i].expiries != 0) CHECK(now >= deadline);
            if (alarms[i].is_armed()) CHECK(now <= deadline + 40h);
        }
    }
}

TEST_CASE("an expiring timer may arm itself and others, and destroy others") {
    net::TimerWheel wheel{start};
    Alarm self;
    Alarm other;
    auto doomed = std::make_unique<Alarm>();
    TimePoint now = start + 8ms;
    self.on_expiry = [&] {
        if (self.expiries == 1) wheel.arm(self, now, now);
        wheel.arm(other, now + 64ms, now);  // where the slots begin anew
        doomed.reset();
    };
    wheel.arm(*doomed, now, start);
    doomed->on_expiry = [&] { self.on_expiry(); };
    wheel.arm(self, now, start);  // the last armed is the first of its slot
    wheel.advance(now);
    CHECK(self.expiries == 1);
    CHECK(doomed == nullptr);
    CHECK(other.expiries == 0);
    wheel.advance(now += 1ms);
    CHECK(self.expiries == 2);
    wheel.advance(now += 100ms);
    CHECK(other.expiries == 1);
    CHECK(wheel.empty());
}

TEST_CASE("a wheel may advance inside of an expiry") {
    net::TimerWheel wheel{start};
    std::vector<Alarm> alarms(20);
    for (std::size_t i = 0; i != alarms.size(); ++i) {
        wheel.arm(alarms[i], start + 10ms * static_cast<int>(i + 1), start);
    }
    alarms[3].on_expiry = [&] { wheel.advance(start + 155ms); };
    wheel.advance(start + 90ms);
    for (std::size_t i = 0; i != alarms.size(); ++i)
        CHECK(alarms[i].expiries == (i < 15 ? 1U : 0U));
    wheel.advance(start + 300ms);
    for (const Alarm& alarm : alarms) CHECK(alarm.expiries == 1);
}

TEST_CASE("timers and wheels may be destroyed in any order") {
    Alarm outlives;
    {
        net::TimerWheel wheel{start};
        Alarm destroyed;
        wheel.arm(outlives, start + 1ms, start);
        wheel.arm(destroyed, start + 1ms, start);
    }
    CHECK_FALSE(outlives.is_armed());
    net::TimerWheel one{start};
    net::TimerWheel two{start};
    one.arm(outlives, start + 1ms, start);
    two.arm(outlives, start + 1ms, start);
    CHECK(one.empty());
    one.disarm(outlives);
    CHECK(outlives.is_armed());
}
