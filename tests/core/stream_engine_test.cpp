#include <hawser/core/stream_engine.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

using hawser::ByteView;
using hawser::MutableBytes;
using hawser::Output;
using hawser::TimePoint;

namespace {

/// Has what the concept asks for, and nothing else: not even a copy or a move.
struct StreamEngineArchetype {
    struct Event {
        Event() = delete;
        Event(Event&&) = default;
    };

    StreamEngineArchetype() = delete;
    StreamEngineArchetype(StreamEngineArchetype&&) = delete;

    std::size_t receive(MutableBytes bytes, TimePoint now);
    void receive_eof(TimePoint now);
    void receive_error(std::error_code error, TimePoint now);
    void tick(TimePoint now);
    std::optional<Event> poll_event();
    void take_output(Output& into, std::size_t budget, TimePoint now);
    std::size_t read_limit() const;
    TimePoint deadline() const;
    bool finished() const;
};

struct PlacingEngineArchetype : StreamEngineArchetype {
    MutableBytes prepare();
    void commit(std::size_t written, TimePoint now);
};

static_assert(hawser::StreamEngine<StreamEngineArchetype>);
static_assert(!hawser::PlacingEngine<StreamEngineArchetype>);
static_assert(hawser::StreamEngine<PlacingEngineArchetype>);
static_assert(hawser::PlacingEngine<PlacingEngineArchetype>);

// Without any one of its members it is no engine.

struct NoEvent : StreamEngineArchetype {
private:
    using StreamEngineArchetype::Event;
};
struct NoReceive : StreamEngineArchetype {
    std::size_t receive(MutableBytes bytes, TimePoint now) = delete;
};
struct NoEof : StreamEngineArchetype {
    void receive_eof(TimePoint now) = delete;
};
struct NoError : StreamEngineArchetype {
    void receive_error(std::error_code error, TimePoint now) = delete;
};
struct NoTick : StreamEngineArchetype {
    void tick(TimePoint now) = delete;
};
struct NoPoll : StreamEngineArchetype {
    std::optional<Event> poll_event() = delete;
};
struct NoOutput : StreamEngineArchetype {
    void take_output(Output& into, std::size_t budget, TimePoint now) = delete;
};
struct NoDeadline : StreamEngineArchetype {
    TimePoint deadline() const = delete;
};
struct NoReadLimit : StreamEngineArchetype {
    std::size_t read_limit() const = delete;
};
struct NoEnd : StreamEngineArchetype {
    bool finished() const = delete;
};
struct OtherEvent : StreamEngineArchetype {
    std::optional<int> poll_event();
};
struct ChangingLimit : StreamEngineArchetype {
    std::size_t read_limit();
};
struct NoCommit : StreamEngineArchetype {
    MutableBytes prepare();
};
struct NoPrepare : StreamEngineArchetype {
    void commit(std::size_t written, TimePoint now);
};

template <class... Engine>
constexpr bool none_is_an_engine = (!hawser::StreamEngine<Engine> && ...);

static_assert(none_is_an_engine<NoEvent, NoReceive, NoEof, NoError, NoTick, NoPoll, NoOutput,
                                NoDeadline, NoReadLimit, NoEnd, OtherEvent, ChangingLimit, int>);
static_assert(hawser::StreamEngine<NoCommit> && !hawser::PlacingEngine<NoCommit>);
static_assert(hawser::StreamEngine<NoPrepare> && !hawser::PlacingEngine<NoPrepare>);

/// The smallest engine that does something: gives back each line it receives.
class LineEcho {
public:
    using Event = std::string;

    std::size_t receive(MutableBytes bytes, TimePoint) {
        const std::string_view text = hawser::as_characters(bytes);
        const std::size_t end = text.find('\n');
        const std::size_t size = end == text.npos ? text.size() : end + 1;
        line_ += text.substr(0, size);
        if (end != text.npos) event_ = std::exchange(line_, {});
        return size;
    }
    void receive_eof(TimePoint) { finished_ = true; }
    void receive_error(std::error_code, TimePoint) { finished_ = true; }
    void tick(TimePoint) {}
    std::optional<Event> poll_event() {
        if (event_) output_.append(*event_);
        return std::exchange(event_, {});
    }
    void take_output(Output& into, std::size_t, TimePoint) { into.append(std::move(output_)); }
    std::size_t read_limit() const { return finished_ ? 0 : 4; }
    TimePoint deadline() const { return hawser::never; }
    bool finished() const { return finished_; }

private:
    std::string line_;
    std::optional<Event> event_;
    Output output_;
    bool finished_ = false;
};

static_assert(hawser::StreamEngine<LineEcho>);

/// Drives any engine as the concept's documentation says, on a stream that has all of `input`.
template <hawser::StreamEngine Engine>
Output drive(Engine& engine, std::string input) {
    constexpr TimePoint now{};
    Output written;
    std::size_t at = 0;
    while (!engine.finished()) {
        const std::size_t size = std::min(engine.read_limit(), input.size() - at);
        const MutableBytes bytes = std::as_writable_bytes(std::span{input}).subspan(at, size);
        if (bytes.empty()) {
            engine.receive_eof(now);
        } else {
            at += engine.receive(bytes, now);
        }
        while (engine.poll_event()) {
        }
        engine.take_output(written, 100, now);
    }
    return written;
}

}  // namespace

TEST_CASE("a driver needs to know no more of an engine than the concept says") {
    LineEcho engine;
    const auto written = drive(engine, "one\ntwo\nthree lines\nno line").flatten();
    CHECK(hawser::as_characters(written) == "one\ntwo\nthree lines\n");
}
