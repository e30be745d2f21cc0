#include <hawser/polling/schedule.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace hawser;
using namespace std::chrono_literals;
using polling::ClientOptions;
using polling::Schedule;
using Next = polling::Schedule::Next;

namespace {

struct Fixture {
    ClientOptions options;
    Schedule schedule{options};
    TimePoint now{1h};

    Fixture() { schedule.set_granted(25s); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "the hold asked for is the wanted or the granted one, whichever is less") {
    CHECK(schedule.hold(now) == 25s);
    schedule.set_granted(10s);
    CHECK(schedule.hold(now) == 10s);
    schedule.set_granted(60s);
    CHECK(schedule.hold(now) == 25s);
}

TEST_CASE_FIXTURE(Fixture, "before anything is granted there is no hold") {
    CHECK(Schedule{options}.hold(now) == 0s);
}

TEST_CASE_FIXTURE(Fixture, "a hold that the path does not bear is halved, down to the least") {
    schedule.shorten(25s, now);
    CHECK(schedule.hold(now) == 12500ms);
    schedule.shorten(12500ms, now);
    CHECK(schedule.hold(now) == 6250ms);
    for (int i = 0; i != 10; ++i) schedule.shorten(schedule.hold(now), now);
    CHECK(schedule.hold(now) == 1s);
}

TEST_CASE_FIXTURE(Fixture, "a hold that was shorter than the least stays as it was") {
    schedule.set_granted(500ms);
    schedule.shorten(500ms, now);
    CHECK(schedule.hold(now) == 500ms);
    schedule.shorten(0s, now);
    schedule.set_granted(25s);
    CHECK(schedule.hold(now) == 500ms);
}

TEST_CASE_FIXTURE(Fixture, "a shortened hold is restored after ten minutes without another fault") {
    schedule.shorten(25s, now);
    now += 10min - 1ns;
    CHECK(schedule.hold(now) == 12500ms);
    schedule.shorten(12500ms, now);
    now += 10min - 1ns;
    CHECK(schedule.hold(now) == 6250ms);
    now += 1ns;
    CHECK(schedule.hold(now) == 25s);
}

TEST_CASE_FIXTURE(Fixture, "after an empty short poll the client rests for the interval") {
    CHECK(schedule.empty_reply(0s, 0s) == Next::after_interval);
    CHECK(schedule.interval() == 1s);
    schedule.set_interval(3s);
    CHECK(schedule.interval() == 3s);
}

TEST_CASE_FIXTURE(Fixture, "after a full hold the next request follows at once") {
    for (int i = 0; i != 100; ++i) CHECK(schedule.empty_reply(25s, 25s) == Next::at_once);
}

TEST_CASE_FIXTURE(Fixture, "D13 a hold that its server's jitter has shortened is a full one") {
    for (int i = 0; i != 100; ++i) CHECK(schedule.empty_reply(25s, 22500ms) == Next::at_once);
}

TEST_CASE_FIXTURE(Fixture, "five empty replies running before their hold are a fault") {
    for (int round = 0; round != 3; ++round) {
        for (int i = 0; i != 4; ++i) {
            CHECK(schedule.empty_reply(25s, 22500ms - 1ns) == Next::at_once);
        }
        CHECK(schedule.empty_reply(25s, 0s) == Next::after_fault);
    }
}

TEST_CASE_FIXTURE(Fixture, "a full hold or a message breaks the run of early replies") {
    for (int i = 0; i != 4; ++i) (void)schedule.empty_reply(25s, 1s);
    CHECK(schedule.empty_reply(25s, 25s) == Next::at_once);
    for (int i = 0; i != 4; ++i) CHECK(schedule.empty_reply(25s, 1s) == Next::at_once);
    schedule.reply_with_frames();
    CHECK(schedule.empty_reply(25s, 1s) == Next::at_once);
}
