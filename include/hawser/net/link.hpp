#pragma once

#include <hawser/core/error.hpp>
#include <hawser/core/stream_engine.hpp>
#include <hawser/net/any_stream.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/net/thread_buffers.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE::net {

struct LinkOptions {
    /// How long a peer that reads nothing may hold up what is to be written.
    Duration write_stall = std::chrono::seconds{30};
    /// How long the peer's last bytes are awaited after the end of ours, so that a reset does not
    /// overtake what it has yet to read.
    Duration linger = std::chrono::seconds{2};
};

/// Runs an engine over a stream: the one place where bytes meet sockets. It knows no protocol.
///
/// `Host` derives from it, is owned by a `std::shared_ptr`, and offers
///   `void on_event(Engine::Event&&)`     for each event, in order; may give the engine commands;
///   `void on_output(std::size_t unsent)` at the end of each turn: bytes the stream has not taken;
///   `void on_end()`                      once, when the stream is closed; nothing follows. It
///   lives as long as somebody holds it; the link does while it reads, writes or lingers. Where it
///   is destroyed earlier the stream is closed, and nothing is called.
///
/// Everything happens on the executor of the loop, and events only inside a turn of the link:
/// commands from elsewhere take effect at the end of the executor's turn (`engine_changed`). What
/// the host throws leaves through the executor; the link goes on in its next turn, and loses
/// nothing.
template <class Host, StreamEngine Engine>
class Link : private Timer, private Deferred {
public:
    /// What is left of a link whose stream was given away.
    struct Released {
        AnyStream stream;
        /// Read from the stream, and not consumed by the engine.
        std::vector<std::byte> unread;
    };

    /// Begins at the end of this turn, with `already_read` as if it had just been read.
    void start(ByteView already_read = {});

    [[nodiscard]] Engine& engine() noexcept { return engine_; }
    [[nodiscard]] const Engine& engine() const noexcept { return engine_; }
    [[nodiscard]] const AnyStream& stream() const noexcept { return stream_; }
    [[nodiscard]] Loop& loop() const noexcept { return *loop_; }
    [[nodiscard]] const std::shared_ptr<Loop>& shared_loop() const noexcept { return loop_; }

    /// To be called after giving the engine a command: its events, output and deadline are looked
    /// after, at the end of this turn of the link or of its executor.
    void engine_changed();

    /// Whether bytes were read that the engine has not consumed yet; to be asked in an event.
    [[nodiscard]] bool has_unread() const noexcept {
        return turn_ != nullptr && !turn_->input.empty();
    }
    /// Bytes taken from the engine that the stream has not taken yet.
    [[nodiscard]] std::size_t unsent() const noexcept { return stream_->unsent(); }
    /// Whether the stream has failed: nothing can be read or written any more, and what was unsent
    /// is lost.
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }

    /// Whether the stream can be given away now: nothing is unsent, and no read is under way that
    /// could swallow bytes.
    [[nodiscard]] bool can_release() const noexcept;
    /// Gives the stream away, with the engine left as it is; only where `can_release()`. Nothing is
    /// called any more, not even `on_end`.
    [[nodiscard]] Released release();

    /// Closes the stream at once, without a word to the engine; calls `on_end`.
    void cut();

protected:
    Link(AnyStream stream, Engine engine, std::shared_ptr<Loop> loop, LinkOptions options)
        : stream_{std::move(stream)},
          loop_{std::move(loop)},
          engine_{std::move(engine)},
          options_{options} {}
    ~Link() { loop_->disarm(*this); }

private:
    enum class Phase : std::uint8_t {
        open,
        /// All is written; the peer's last bytes are awaited.
        lingering,
        ended,
    };

    /// What a link has at hand while it takes a turn. Ends the turn, also one that an application's
    /// exception ends: nothing read is lost, and what remains to be done is done in the next.
    struct Turn {
        explicit Turn(Link& taking) : link{taking} { link.turn_ = this; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() { link.end_turn(std::uncaught_exceptions() > exceptions); }

        /// Whether another turn is due after this one.
        [[nodiscard]] bool has_next() const noexcept { return has_commands || has_missed; }

        Link& link;
        BorrowedBuffers buffers{};
        /// What the engine has not consumed: the whole rest of what was held, if something was.
        MutableBytes input{};
        int exceptions = std::uncaught_exceptions();
        /// The engine was given commands since its output was taken.
        bool has_commands = false;
        /// Something came meanwhile, in an event loop that the host runs inside of this turn.
        bool has_missed = false;
    };

    /// Read, but not yet consumed by the engine, which waits for a command.
    struct Held {
        [[nodiscard]] MutableBytes rest() noexcept { return MutableBytes{bytes}.subspan(consumed); }
        void append(ByteView more);

        std::vector<std::byte> bytes;
        /// How many of them the engine has consumed, from the first on.
        std::size_t consumed = 0;
    };

    [[nodiscard]] Host& host() noexcept { return static_cast<Host&>(*this); }
    [[nodiscard]] std::shared_ptr<Host> self() {
        return std::static_pointer_cast<Host>(host().shared_from_this());
    }

    void defer() { loop_->defer({self(), this}); }
    void expired() noexcept override;
    void end_of_turn() override;

    void take_turn(bool is_readable);
    void end_turn(bool failed);
    [[nodiscard]] MutableBytes read(MutableBytes into, TimePoint now);
    void hold_with_earlier(MutableBytes bytes);
    void keep_rest(MutableBytes rest);
    void hold(ByteView bytes);
    void feed(TimePoint now);
    void pass_deadline(TimePoint now);
    bool poll_events();
    void flush(TimePoint now);
    void settle(TimePoint now);
    void finish(TimePoint now);
    void end();

    [[nodiscard]] std::size_t appetite() const noexcept;
    void read_more();
    void readable(std::error_code error);
    void discard();
    void input_ended(std::error_code error, TimePoint now);
    void await_write(TimePoint now);
    void written(std::error_code error);
    void broken(Error error, TimePoint now);

    Phase phase_ = Phase::open;
    bool reading_ = false;
    /// The peer has ended its half.
    bool input_ended_ = false;
    bool broken_ = false;
    bool deadline_passed_ = false;

    AnyStream stream_;
    /// Null outside of turns.
    Turn* turn_ = nullptr;
    /// Null, or not empty.
    std::unique_ptr<Held> held_;
    TimePoint stall_ = never;
    std::shared_ptr<Loop> loop_;
    Engine engine_;
    LinkOptions options_;
};

}  // namespace hawser::inline HAWSER_MODE::net

#include <hawser/net/detail/link.ipp>
