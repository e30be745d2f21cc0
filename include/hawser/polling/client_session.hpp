#pragma once

#include <hawser/core/close_reason.hpp>
#include <hawser/core/counters.hpp>
#include <hawser/core/entropy.hpp>
#include <hawser/core/queue.hpp>
#include <hawser/framing/close_payload.hpp>
#include <hawser/http/exchange_times.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>
#include <hawser/http/url.hpp>
#include <hawser/polling/back_off.hpp>
#include <hawser/polling/client_requests.hpp>
#include <hawser/polling/inbox_room.hpp>
#include <hawser/polling/options.hpp>
#include <hawser/polling/schedule.hpp>
#include <hawser/polling/server_reply.hpp>
#include <hawser/session/inbox_numbers.hpp>
#include <hawser/session/outbox.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

namespace hawser::inline HAWSER_MODE::polling {

/// A client uses two connections, so that it can send while a receive is held. Each has one request
/// under way at most.
enum class Lane : std::uint8_t { receive, send };

/// The client's end of one session: says which requests to make and when, takes their replies,
/// repeats what failed; gives messages. Knows nothing of connections; `PROTOCOL.md` has the rules.
///
/// Who drives it:
/// 1. after any call polls `poll_event()` until it is empty. Requests are made there, so that all
///    messages queued in one turn leave in one body;
/// 2. performs each Exchange on some connection of its lane, and says `replied` or `failed`, once;
/// 3. drops the exchange of a lane at Cancel, and says no more about it;
/// 4. calls `tick` when `deadline()` has passed, and forgets the session when it is `finished()`.
///
/// Events come in the order Opened, Message…, Closed; Closed once, also without Opened before.
/// After Closed there may be exchanges: the server is told that its end was seen, or why this side
/// ended.
class ClientSession {
public:
    struct Exchange {
        Lane lane;
        http::RequestHead head;
        Output body;
        http::ExchangeTimes times;
    };
    struct Cancel {
        Lane lane;
    };
    /// The server has opened the session.
    struct Opened {
        http::ResponseHead head;
    };
    struct Closed {
        CloseReason reason;
    };
    using Event = std::variant<Exchange, Cancel, Opened, Message, Closed>;

    /// `options`, and what `entropy` refers to, must outlive the session. `extra` goes into every
    /// request.
    ClientSession(const ClientOptions& options, http::Url url, http::Fields extra, Entropy entropy,
                  TimePoint now);

    void replied(Lane lane, const http::ReceivedResponse& response, TimePoint now);
    /// The exchange of a lane got no (whole) reply. While opening, an `error` that would be the
    /// same at every further try (`Condition::refused`, `Condition::misuse`) ends the session.
    void failed(Lane lane, std::error_code error, TimePoint now);

    /// Takes a message for the server; its text must have been checked. On overflow the policy
    /// decides; where that is to close (`Push::overflow`), the session closes itself with 1008.
    /// `Push::dropped` after `close` or Closed.
    Backlog::Push send_message(Message message, TimePoint now);
    /// Takes a message only where it fits without dropping another.
    [[nodiscard]] bool try_send_message(Message message, TimePoint now);
    /// Ends the channel behind what has been accepted. Messages still arrive, until the server's
    /// own end is here or the close deadline has passed: then Closed.
    void close(CloseReason reason, TimePoint now);
    /// Ends the session at once; the server finds out at the end of the grace time.
    void abort(std::error_code error, TimePoint now);
    /// How much the channel takes, all messages considered that have been polled. Without room
    /// nothing is asked for; the session is kept alive by other requests.
    void set_room(InboxRoom room, TimePoint now);

    [[nodiscard]] std::optional<Event> poll_event();
    void tick(TimePoint now);
    /// When `tick` is due; never `never` before the session is finished.
    [[nodiscard]] TimePoint deadline() const noexcept;
    /// Whether there is nothing more to do. No exchange is under way then.
    [[nodiscard]] bool finished() const noexcept {
        return state_ == State::finished && events_.empty();
    }

    /// The longest message that the server takes; known when Opened.
    [[nodiscard]] std::size_t message_limit() const noexcept { return max_message_; }
    [[nodiscard]] std::size_t backlog_bytes() const noexcept { return outbox_.bytes(); }
    [[nodiscard]] std::size_t backlog_messages() const noexcept { return outbox_.messages(); }
    [[nodiscard]] const Backlog& backlog() const noexcept { return outbox_.backlog(); }
    [[nodiscard]] session::Delivery delivery() const noexcept { return outbox_.delivery(); }
    [[nodiscard]] Counters counters() const noexcept;

private:
    enum class State : std::uint8_t { opening, open, leaving, finished };
    /// What the server is still told after Closed.
    enum class Farewell : std::uint8_t { acknowledgement, close_frame };
    struct LaneState {
        bool is_busy = false;
        /// Whether it waits until `wakes_at` because of a fault.
        bool is_backing_off = false;
        /// No request begins before.
        TimePoint wakes_at = {};
        /// When the request under way began.
        TimePoint began_at = {};
        BackOff back_off = {};
    };
    /// The application's close, until it is reported.
    struct Closing {
        CloseReason reason;
        TimePoint until;
    };

    // Requests.
    [[nodiscard]] LaneState& at(Lane lane) noexcept { return lanes_[static_cast<unsigned>(lane)]; }
    [[nodiscard]] const LaneState& at(Lane lane) const noexcept {
        return lanes_[static_cast<unsigned>(lane)];
    }
    [[nodiscard]] TimePoint receive_due() const noexcept;
    [[nodiscard]] TimePoint send_due() const noexcept;
    void begin(Lane lane, http::RequestHead head, Output body, Duration hold);
    void begin_open();
    void begin_receive();
    void begin_send();
    void cancel(Lane lane);

    // Replies.
    void take_open_reply(const Result<ServerReply>& reply, const http::ResponseHead& head);
    void open_with(const ServerReply& reply, const http::ResponseHead& head);
    void take_reply(Lane lane, const ServerReply& reply, ByteView body);
    [[nodiscard]] bool take_received(const ServerReply& reply);
    void take_good_reply(Lane lane, const ServerReply& reply, ByteView body);
    void take_frames(const ServerReply& reply, ByteView body);
    void take_empty_reply();
    void take_send_reply(const ServerReply& reply);
    void take(Message message);
    void take_close(const framing::ClosePayload& payload);
    void take_unknown_session();
    void good(Lane lane);
    void fault(Lane lane);
    void wait_as_told(Lane lane, const ServerReply& reply);
    void shorten_hold();
    void shorten_sends();

    // The end.
    [[nodiscard]] TimePoint end() const noexcept;
    [[nodiscard]] bool takes_messages() const noexcept;
    void finish_outbox(std::uint16_t code, std::string_view text);
    void report_closed(CloseReason reason);
    void leave(CloseReason reason, Farewell farewell);
    void end_session(Error error, CloseCode code, Party by);
    void give_up(CloseReason reason);
    void refused(const ServerReply& reply);
    void finish();

    const ClientOptions* options_;
    ClientRequests requests_;
    Entropy entropy_;
    session::Outbox outbox_;
    session::InboxNumbers inbox_;
    Schedule schedule_;
    InboxRoom room_;
    std::array<LaneState, 2> lanes_ = {};
    /// The time of the latest call.
    TimePoint now_;
    /// When opening is given up, until the first good reply to another request.
    TimePoint opening_until_;
    TimePoint last_good_;
    TimePoint leaving_until_ = never;
    Duration grace_;
    std::size_t max_message_ = ~std::size_t{0};
    std::size_t max_body_ = ~std::size_t{0};
    /// The number of the newest receive.
    std::uint64_t request_ = 0;
    /// The hold that it asked for.
    Duration hold_ = {};
    /// The send under way: the number of its first message, and how many it has.
    session::Outbox::Taken sending_ = {};
    /// How many messages the next send may have.
    std::size_t most_messages_ = ~std::size_t{0};
    std::unique_ptr<Closing> closing_;
    Queue<Event> events_;
    std::uint64_t received_ = 0;
    std::uint64_t sent_ = 0;
    /// Of the latest reply, whoever sent it; 0 before the first.
    unsigned last_status_ = 0;
    /// Why the latest exchange got no reply, where it got none.
    std::error_code last_failure_;
    State state_ = State::opening;
    Farewell farewell_ = Farewell::acknowledgement;
    bool opened_ = false;
    bool closed_ = false;
    /// Whether the session has answered to anything but the open.
    bool confirmed_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/client_session.ipp>
#endif
