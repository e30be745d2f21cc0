#include <hawser/polling/back_off.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace hawser;
using namespace std::chrono_literals;
using polling::BackOff;
using polling::BackOffOptions;

namespace {

/// A source of one number, over and over.
struct FixedEntropy {
    std::uint64_t number = 0;
    Entropy source() {
        return {[](void* state, MutableBytes into) {
                    const auto bytes = std::bit_cast<std::array<std::byte, 8>>(
                        static_cast<FixedEntropy*>(state)->number);
                    std::ranges::copy(bytes, into.begin());
                },
                this};
    }
};

struct Fixture {
    BackOffOptions options;
    BackOff back_off;
    TimePoint now{1h};

    /// The greatest wait that may come next: no other wait is above it.
    Duration bound() {
        // The greatest remainder of each bound is found by asking for it.
        Duration found = 0s;
        for (Duration guess = options.base; guess <= options.most; guess *= 2) {
            BackOff copy = back_off;
            FixedEntropy entropy{static_cast<std::uint64_t>(guess.count())};
            found = std::max(found, copy.failed(options, entropy.source(), now));
        }
        return found;
    }
    Duration fail() { return back_off.failed(options, system_entropy(), now); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the first wait is at most the base") {
    for (int i = 0; i != 1000; ++i) {
        BackOff fresh;
        const Duration wait = fresh.failed(options, system_entropy(), now);
        CHECK(wait >= 0s);
        CHECK(wait <= 250ms);
    }
}

TEST_CASE_FIXTURE(Fixture, "waits are spread over all of their range") {
    FixedEntropy none{0};
    FixedEntropy all{static_cast<std::uint64_t>(Duration{250ms}.count())};
    CHECK(BackOff{}.failed(options, none.source(), now) == 0s);
    CHECK(BackOff{}.failed(options, all.source(), now) == 250ms);
}

TEST_CASE_FIXTURE(Fixture, "each failure doubles the bound, up to the most") {
    options = {.base = 1s, .most = 5s};
    const Duration bounds[] = {1s, 2s, 4s, 5s, 5s, 5s};
    for (const Duration bound : bounds) {
        FixedEntropy entropy{static_cast<std::uint64_t>(bound.count())};
        CHECK(back_off.failed(options, entropy.source(), now) == bound);
    }
}

TEST_CASE_FIXTURE(Fixture, "the bound begins anew after enough health, not before") {
    for (int i = 0; i != 4; ++i) (void)fail();
    CHECK(bound() == 4s);
    back_off.succeeded(now);
    now += 30s - 1ns;
    CHECK(bound() == 4s);
    now += 1ns;
    CHECK(bound() == 250ms);
}

TEST_CASE_FIXTURE(Fixture, "health counts from the first success after a failure") {
    (void)fail();
    back_off.succeeded(now);
    now += 20s;
    back_off.succeeded(now);
    now += 10s;
    CHECK(bound() == 250ms);
}

TEST_CASE_FIXTURE(Fixture, "time without success is no health") {
    (void)fail();
    now += 1h;
    CHECK(bound() == 500ms);
}

TEST_CASE_FIXTURE(Fixture, "a failure ends the health") {
    back_off.succeeded(now);
    now += 20s;
    (void)fail();
    now += 20s;
    CHECK(bound() == 500ms);
}
