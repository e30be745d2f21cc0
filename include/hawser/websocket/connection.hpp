#pragma once

#include <hawser/core/backlog.hpp>
#include <hawser/core/close_reason.hpp>
#include <hawser/core/entropy.hpp>
#include <hawser/core/role.hpp>
#include <hawser/core/stream_engine.hpp>
#include <hawser/websocket/closing_handshake.hpp>
#include <hawser/websocket/compression.hpp>
#include <hawser/websocket/frame_receiver.hpp>
#include <hawser/websocket/frame_sender.hpp>
#include <hawser/websocket/handshake.hpp>
#include <hawser/websocket/keep_alive.hpp>
#include <hawser/websocket/opening_handshake.hpp>
#include <hawser/websocket/options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <variant>

namespace hawser::inline HAWSER_MODE::websocket {

/// The connection has ended, or is about to and says nothing more.
struct Closed {
    /// Code and text are those of the side that began to close.
    CloseReason reason;
};

/// One WebSocket connection (RFC 6455) as a state machine, in either role. A model of
/// `StreamEngine` and `PlacingEngine`; it owes nothing to sockets, clocks or threads.
///
/// Its events are Opened, then messages, then Closed, exactly once and last; where the opening
/// handshake fails only Closed. Commands may be given at any time and change nothing after the end.
/// The deadline is the first of what may come next: the reply to the handshake, the next ping or
/// its answer, the end of a message, the end of the close. Text is checked as it arrives; what is
/// sent must have passed `framing::check_text`.
class Connection {
public:
    using Event = std::variant<Opened, Message, Closed>;

    /// A server's side: open at once; the first output is the response of `upgrade`.
    /// `options` must outlive the connection.
    [[nodiscard]] static Connection server(Upgrade upgrade, const ConnectionOptions& options,
                                           TimePoint now);
    /// A client's side: the first output is `request`. Mask keys are drawn from `entropy`.
    /// `options` must outlive the connection.
    [[nodiscard]] static Connection client(UpgradeRequest request, const ConnectionOptions& options,
                                           Entropy entropy, TimePoint now);

    /// Takes `message` to be sent, by the slow-consumer policy. Where that closes the connection
    /// (`Backlog::Push::overflow`) it is Closed with `Error::slow_consumer`. After `close()` and
    /// after the end messages are dropped.
    [[nodiscard]] Backlog::Push send(Message&& message, TimePoint now);
    /// Takes `message` only where it fits the backlog without dropping another.
    [[nodiscard]] bool try_send(Message&& message);

    /// Sends a close frame after what is queued, and waits for the peer's, at most `close_timeout`
    /// in all; messages that still arrive are delivered. When it has come, Closed reports `reason`.
    /// A client that is not open yet ends at once.
    void close(CloseReason reason, TimePoint now);
    /// Ends the connection at once, without a close frame; Closed reports `error`.
    void abort(std::error_code error);

    /// Stops receiving: `receive` consumes nothing and `read_limit()` is 0. Pings are still sent,
    /// but the peer is not blamed for answers that nobody reads.
    void pause(TimePoint now);
    void resume(TimePoint now);
    [[nodiscard]] bool paused() const noexcept { return paused_; }

    /// What waits to be put on the wire.
    [[nodiscard]] const Backlog& backlog() const noexcept { return sender_.backlog(); }
    /// Says how many bytes of taken output the stream has not taken yet; they count as backlog.
    void set_elsewhere(std::size_t bytes) noexcept { sender_.backlog().set_elsewhere(bytes); }

    // StreamEngine
    [[nodiscard]] std::size_t receive(MutableBytes bytes, TimePoint now);
    void receive_eof(TimePoint now);
    void receive_error(std::error_code error, TimePoint now);
    void tick(TimePoint now);
    [[nodiscard]] std::optional<Event> poll_event();
    void take_output(Output& into, std::size_t budget, TimePoint now);
    [[nodiscard]] std::size_t read_limit() const noexcept;
    [[nodiscard]] TimePoint deadline() const noexcept;
    [[nodiscard]] bool finished() const noexcept;

    // PlacingEngine
    [[nodiscard]] MutableBytes prepare();
    void commit(std::size_t written, TimePoint now);

private:
    Connection(Role role, OpeningHandshake opening, const ConnectionOptions& options,
               std::unique_ptr<MaskKeys> keys, TimePoint now);

    /// Whether the opening handshake still waits for the reply.
    [[nodiscard]] bool connecting() const noexcept;
    /// Whether frames are read: open, or closing and waiting for the peer's close frame.
    [[nodiscard]] bool reads_frames() const noexcept;
    /// Whether what is read can be taken now: the last message was, and nobody has paused.
    [[nodiscard]] bool has_room() const noexcept { return !paused_ && !receiver_.has_message(); }

    [[nodiscard]] std::size_t receive_reply(ByteView bytes, TimePoint now);
    [[nodiscard]] std::size_t receive_frames(MutableBytes bytes, TimePoint now);
    void handle(const FrameReceiver::Step& step, TimePoint now);
    void handle_close(ByteView payload, TimePoint now);
    void keep_alive(TimePoint now);

    /// Tells the peer what was wrong, behind what is queued, then ends.
    void fail(std::error_code error, TimePoint now);
    /// Ends at once.
    void end(CloseReason reason);
    [[nodiscard]] TimePoint close_deadline(TimePoint now) const noexcept;

    const ConnectionOptions* options_;
    /// Until the reply is here, its event polled and its bytes taken.
    std::unique_ptr<OpeningHandshake> opening_;
    /// From the first wish to close.
    std::unique_ptr<ClosingHandshake> closing_;
    /// Where compression was negotiated.
    std::unique_ptr<MessageCodec> codec_;
    FrameReceiver receiver_;
    FrameSender sender_;
    KeepAlive keep_alive_;
    Role role_;
    bool paused_ = false;
};

static_assert(PlacingEngine<Connection>);

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/connection.ipp>
#endif
