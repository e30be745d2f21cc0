#pragma once

#include <hawser/core/close_reason.hpp>
#include <hawser/core/counters.hpp>
#include <hawser/core/entropy.hpp>
#include <hawser/core/queue.hpp>
#include <hawser/framing/body.hpp>
#include <hawser/polling/inbox_room.hpp>
#include <hawser/polling/options.hpp>
#include <hawser/polling/reply.hpp>
#include <hawser/polling/requests.hpp>
#include <hawser/session/inbox_numbers.hpp>
#include <hawser/session/outbox.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <variant>

namespace hawser::inline HAWSER_MODE::polling {

/// The server's end of one session: takes the requests of its client, in whatever order and number
/// they arrive, and the commands of the application; gives messages and answers. Knows neither its
/// token nor HTTP; `PROTOCOL.md` has the rules that are quoted in its code.
///
/// Who drives it:
/// 1. gives it each request when it is complete, under a name that was not used before;
/// 2. after any call polls `poll_event()` until it is empty. Answers to a held receive are made
///    there, so that all messages queued in one turn leave in one reply;
/// 3. says for every answer `written` when it is on its way, or `disconnected` when it cannot be;
/// 4. calls `tick` when `deadline()` has passed, and forgets the session when it is `finished()`.
///
/// Every request is answered exactly once, unless its connection was `disconnected` before.
/// Events come in the order Opened, Message…, Closed; Closed once. A session that no valid request
/// ever used has no events but answers. Requests are answered after Closed, too.
class ServerSession {
public:
    /// The first valid request is here: the session is in use.
    struct Opened {};
    /// The channel is at its end; nothing more comes to it or leaves from it.
    struct Closed {
        CloseReason reason;
    };
    struct Answer {
        RequestId request;
        Reply reply;
    };
    using Event = std::variant<Opened, Message, Closed, Answer>;

    /// `options`, and what `entropy` refers to, must outlive the session.
    ServerSession(const ServerOptions& options, Entropy entropy, TimePoint now);

    void receive(RequestId id, const ReceiveRequest& request, TimePoint now);
    void send(RequestId id, SendRequest request, TimePoint now);
    /// Has a request that waits answered at once, because its connection has something else to say.
    void interrupt(RequestId id, TimePoint now);
    /// The connection of a request is gone; it is not answered any more.
    void disconnected(RequestId id, TimePoint now);
    /// The answer to a request has been written.
    void written(RequestId id, TimePoint now);

    /// Takes a message for the client; its text must have been checked. On overflow the policy
    /// decides; where that is to close (`Push::overflow`), the session closes itself with 1008.
    /// `Push::dropped` after `close` or Closed.
    Backlog::Push send_message(Message message, TimePoint now);
    /// Takes a message only where it fits without dropping another.
    [[nodiscard]] bool try_send_message(Message message, TimePoint now);
    /// Ends the channel behind what has been accepted. Messages still arrive, until the client has
    /// seen the end, or has ended its own side, or the close deadline has passed: then Closed.
    void close(CloseReason reason, TimePoint now);
    /// Ends the session at once; the client finds it gone.
    void abort(std::error_code error, TimePoint now);
    /// How much the channel takes, all messages considered that have been polled.
    void set_room(InboxRoom room, TimePoint now);

    [[nodiscard]] std::optional<Event> poll_event();
    void tick(TimePoint now);
    /// When `tick` is due; never `never` before the session is finished.
    [[nodiscard]] TimePoint deadline() const noexcept;
    /// Whether the session is gone. Requests are then refused, as those of unknown sessions are.
    [[nodiscard]] bool finished() const noexcept { return dead_ && events_.empty(); }
    /// Whether the client has seen the end. The session only answers repeats, and may be evicted.
    [[nodiscard]] bool is_over() const noexcept { return outbox_.is_delivered(); }

    [[nodiscard]] std::size_t backlog_bytes() const noexcept { return outbox_.bytes(); }
    [[nodiscard]] std::size_t backlog_messages() const noexcept { return outbox_.messages(); }
    [[nodiscard]] const Backlog& backlog() const noexcept { return outbox_.backlog(); }
    [[nodiscard]] session::Delivery delivery() const noexcept { return outbox_.delivery(); }
    [[nodiscard]] Counters counters() const noexcept;

private:
    struct Held {
        RequestId id;
        TimePoint until;
        bool is_short_poll;
    };
    /// A send none of whose messages fitted.
    struct WaitingSend {
        RequestId id;
        SendRequest request;
        TimePoint until;
    };
    /// The application's close, until it is reported.
    struct Closing {
        CloseReason reason;
        TimePoint until;
    };
    enum class Applied : std::uint8_t { in_part_or_whole, nothing_fitted };

    // The life of the session.
    [[nodiscard]] bool is_alive();
    [[nodiscard]] TimePoint death() const noexcept;
    void use();
    void rest();
    void die(CloseReason reason);

    // Requests.
    [[nodiscard]] std::optional<Refusal> judge(const ReceiveRequest& request) const noexcept;
    [[nodiscard]] Duration shortened(Duration hold) const;
    [[nodiscard]] std::optional<Refusal> judge(const SendRequest& request,
                                               const Result<framing::Body>& body) const;
    void acknowledge(std::uint64_t after);
    [[nodiscard]] Applied apply(std::uint64_t first, framing::Body& body);
    void take(Message message);
    void take_close(const framing::ClosePayload& payload);

    // Answers.
    void answer(RequestId id, Reply reply);
    void answer_refusal(RequestId id, Refusal refusal);
    void answer_held();
    void refuse_held(Refusal refusal);
    void refuse_waiting(Refusal refusal);

    // The end.
    [[nodiscard]] bool is_ending() const noexcept { return closed_ || outbox_.is_finished(); }
    void finish_outbox(std::uint16_t code, std::string_view text);
    void report_closed(CloseReason reason);

    const ServerOptions* options_;
    Entropy entropy_;
    session::Outbox outbox_;
    session::InboxNumbers inbox_;
    InboxRoom room_;
    /// The number of the newest receive.
    std::uint64_t newest_receive_ = 0;
    std::optional<Held> held_;
    std::unique_ptr<WaitingSend> waiting_;
    /// The receive whose frames are on their way.
    std::optional<RequestId> writing_;
    std::unique_ptr<Closing> closing_;
    /// The time of the latest call.
    TimePoint now_;
    /// When the session dies, if no request is held or waits then.
    TimePoint dies_at_;
    Queue<Event> events_;
    std::uint64_t received_ = 0;
    std::uint64_t sent_ = 0;
    bool opened_ = false;
    bool closed_ = false;
    bool closed_by_client_ = false;
    bool dead_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/server_session.ipp>
#endif
