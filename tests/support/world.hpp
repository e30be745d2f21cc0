#pragma once

#include "support/allocated_bytes.hpp"

#include <hawser/channel.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

namespace test {

/// What an asynchronous operation completes with, once it has.
template <class... Args>
class Outcome {
public:
    /// The completion handler to start the operation with.
    [[nodiscard]] auto handler() const {
        return [state = state_](Args... args) {
            ++state->times;
            state->result.emplace(std::move(args)...);
        };
    }

    [[nodiscard]] bool has_come() const { return state_->times != 0; }
    /// How often the handler was called.
    [[nodiscard]] unsigned times() const { return state_->times; }
    /// What the handler was called with; it must have been.
    [[nodiscard]] std::tuple<Args...>& result() const {
        REQUIRE(has_come());
        return *state_->result;
    }
    [[nodiscard]] std::error_code error() const { return std::get<std::error_code>(result()); }
    [[nodiscard]] hawser::Message& message() const { return std::get<hawser::Message>(result()); }

private:
    struct State {
        unsigned times = 0;
        std::optional<std::tuple<Args...>> result;
    };

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

using Received = Outcome<std::error_code, hawser::Message>;
using Done = Outcome<std::error_code>;

/// The one thread and the one `io_context` of a test, run step by step until what the test waits
/// for has come. Its patience is a watchdog: after 30 s (120 s with a sanitizer) the test fails and
/// says what has not come.
class World {
public:
    World() = default;
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] asio::io_context& io() noexcept { return io_; }
    [[nodiscard]] asio::any_io_executor executor() { return io_.get_executor(); }

    /// Runs until `done()`.
    template <std::predicate Condition>
    void run_until(std::string_view awaited, Condition&& done) {
        while (!done()) {
            if (run_one()) continue;
            FAIL("this has not come: " << awaited);
        }
    }
    /// Runs until `outcome` has come.
    template <class... Args>
    void run_until(std::string_view awaited, const Outcome<Args...>& outcome) {
        run_until(awaited, [&] { return outcome.has_come(); });
    }
    /// Runs what can be run without waiting.
    void run_ready() {
        io_.restart();
        while (std::chrono::steady_clock::now() < deadline_ && io_.poll() != 0) {}
    }
    /// Runs until nothing is left to wait for: no operation, and no deadline.
    void run_dry() {
        while (run_one()) {}
        if (!io_.stopped()) FAIL("something is still waited for");
    }

private:
    /// False when there is nothing to run, or no time left.
    bool run_one() {
        if (io_.stopped()) io_.restart();
        return io_.run_one_until(deadline_) != 0;
    }

#if defined(HAWSER_TEST_SANITIZED)
    static constexpr std::chrono::seconds patience{120};
#else
    static constexpr std::chrono::seconds patience{30};
#endif

    asio::io_context io_;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + patience;
};

// The operations of a channel, begun.

[[nodiscard]] inline Received start_receive(hawser::AnyChannel& channel) {
    Received outcome;
    channel.async_receive(outcome.handler());
    return outcome;
}

[[nodiscard]] inline Done start_send(hawser::AnyChannel& channel, hawser::Message message) {
    Done outcome;
    channel.async_send(std::move(message), outcome.handler());
    return outcome;
}

[[nodiscard]] inline Done start_close(hawser::AnyChannel& channel,
                                      hawser::CloseReason reason = {}) {
    Done outcome;
    channel.async_close(std::move(reason), outcome.handler());
    return outcome;
}

// The operations of a channel, done.

inline Received receive(World& world, hawser::AnyChannel& channel) {
    Received outcome = start_receive(channel);
    world.run_until("a message, or the end", outcome);
    return outcome;
}

inline std::error_code send(World& world, hawser::AnyChannel& channel, hawser::Message message) {
    const Done outcome = start_send(channel, std::move(message));
    world.run_until("the end of a send", outcome);
    return outcome.error();
}

inline std::error_code close(World& world, hawser::AnyChannel& channel,
                             hawser::CloseReason reason = {}) {
    const Done outcome = start_close(channel, std::move(reason));
    world.run_until("the end of a close", outcome);
    return outcome.error();
}

/// Why `channel` ended, once it has.
inline hawser::CloseReason reason_of(World& world, const hawser::AnyChannel& channel) {
    world.run_until("the end of a channel", [&] { return channel.is_closed(); });
    return *channel.close_reason();
}

}  // namespace test
