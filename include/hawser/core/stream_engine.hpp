#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/output.hpp>
#include <hawser/core/time.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <system_error>

namespace hawser::inline HAWSER_MODE {

/// A pure state machine that turns the bytes of one stream into events and commands into bytes.
/// It performs no I/O, reads no clock, draws no random numbers of its own, never calls back and
/// never throws on what the network sends. Who drives it:
///
/// 1. gives it bytes with `receive(bytes, now)`, which may change them in place (unmasking) and
///    returns how many it consumed. It consumes at most up to the end of one event, so after each
///    call the events are polled, and the rest is given again. Having consumed nothing it waits
///    for a command or `read_limit()` to rise, and is given the rest only then;
/// 2. says `receive_eof(now)` when the peer has ended its half, `receive_error(error, now)` when
///    the stream is broken, `tick(now)` when `deadline()` has passed;
/// 3. after any call, polls `poll_event()` until it is empty, and takes the pending output with
///    `take_output(into, budget, now)`, which appends to `into` and stops when it has appended
///    `budget` bytes or more. What was taken belongs to the driver;
/// 4. reads at most `read_limit()` bytes from the stream at a time; 0 means: do not read;
/// 5. when `finished()`, writes what was taken and closes the stream. No event comes afterwards.
template <class Engine>
concept StreamEngine =
    requires(Engine engine, const Engine& constant, MutableBytes bytes, std::error_code error,
             TimePoint now, Output& into, std::size_t budget) {
        typename Engine::Event;
        { engine.receive(bytes, now) } -> std::same_as<std::size_t>;
        engine.receive_eof(now);
        engine.receive_error(error, now);
        engine.tick(now);
        { engine.poll_event() } -> std::same_as<std::optional<typename Engine::Event>>;
        engine.take_output(into, budget, now);
        { constant.read_limit() } -> std::same_as<std::size_t>;
        { constant.deadline() } -> std::same_as<TimePoint>;
        { constant.finished() } -> std::same_as<bool>;
    };

/// An engine that can offer the place where the next bytes belong, so that those of a long message
/// are received where they will stay: when `prepare()` is not empty, the driver reads into it
/// instead, and says `commit(written, now)`.
template <class Engine>
concept PlacingEngine =
    StreamEngine<Engine> && requires(Engine engine, std::size_t written, TimePoint now) {
        { engine.prepare() } -> std::same_as<MutableBytes>;
        engine.commit(written, now);
    };

}  // namespace hawser::inline HAWSER_MODE
