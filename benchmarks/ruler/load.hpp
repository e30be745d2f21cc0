#pragma once

#include "histogram.hpp"
#include "poller.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

/// What a load has done: work that was begun and has come back, verified.
class Tally {
public:
    void begin(std::uint64_t messages) noexcept { outstanding_ += messages; }
    void finish(std::uint64_t messages, Clock::duration latency) noexcept {
        done_ += messages;
        outstanding_ -= messages;
        for (std::uint64_t i = 0; i != messages; ++i)
            latency_.add(latency);
    }
    /// Counts from zero again, but for what is outstanding.
    void restart() noexcept {
        done_ = 0;
        latency_.clear();
    }
    /// From now on nothing new is to be begun.
    void end() noexcept { is_ending_ = true; }

    [[nodiscard]] std::uint64_t done() const noexcept { return done_; }
    [[nodiscard]] std::uint64_t outstanding() const noexcept { return outstanding_; }
    [[nodiscard]] bool is_ending() const noexcept { return is_ending_; }
    [[nodiscard]] const Histogram& latency() const noexcept { return latency_; }

private:
    std::uint64_t done_ = 0;
    std::uint64_t outstanding_ = 0;
    bool is_ending_ = false;
    Histogram latency_;
};

/// How much is to be done, at least.
struct Amount {
    std::chrono::duration<double> time{};
    std::uint64_t messages = 0;
};

/// What one run asks of a server.
struct LoadOptions {
    std::uint16_t port = 0;
    /// The path of what is asked; empty for the one that belongs to the mode.
    std::string path;
    std::size_t connections = 1;
    /// Bytes of a message.
    std::size_t size = 16;
    /// Messages of one connection that have been sent and not come back; of all of a fan-out.
    std::size_t in_flight = 1;
    bool is_text = false;
    /// WebSockets that do not read, of an isolation.
    std::size_t stalled = 1;
    Amount warm_up;
    Amount amount;
};

/// What all parts of a load share.
struct Bench {
    LoadOptions options;
    Poller poller;
    Tally tally;
    /// For whatever is read.
    std::vector<char> room = std::vector<char>(512 * 1024);
};

/// Goes on with what has begun.
inline void go_on_until(Bench& bench, const Amount& amount) {
    const auto begin = Clock::now();
    while (Clock::now() - begin < amount.time || bench.tally.done() < amount.messages) {
        bench.poller.turn();
    }
}

/// Begins nothing new; all that is on its way comes back, verified too.
inline void finish(Bench& bench) {
    bench.tally.end();
    while (bench.tally.outstanding() != 0)
        bench.poller.turn();
}

/// The closed loop of a mode: connections that each send the next message when one has come back.
class Load {
public:
    virtual ~Load() = default;
    /// Sends the first messages; the rest follows from `Poller::turn`. The connections are there
    /// already, since the object was made.
    virtual void begin() = 0;
};

}  // namespace bench
