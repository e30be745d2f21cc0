#pragma once

#include <hawser/polling/client_session.hpp>

#include <hawser/framing/append_frame.hpp>
#include <hawser/framing/body.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace hawser::inline HAWSER_MODE::polling {

namespace detail {

/// Statuses that say, in the protocol's own replies, that the same request would fail again.
[[nodiscard]] inline bool is_final(unsigned status) noexcept {
    constexpr std::array<unsigned, 6> final_statuses{400, 401, 403, 405, 413, 415};
    return std::ranges::find(final_statuses, status) != final_statuses.end();
}

[[nodiscard]] inline bool is_deadline(std::error_code error) noexcept {
    return error == Error::exchange_timeout || error == Error::write_stalled ||
           error == std::errc::timed_out;
}

/// A limit of the peer's as a size of ours.
[[nodiscard]] inline std::size_t limit_of(std::optional<std::uint64_t> number) noexcept {
    constexpr std::size_t most = ~std::size_t{0};
    return number && *number < most ? static_cast<std::size_t>(*number) : most;
}

[[nodiscard]] inline CloseReason abnormal(std::error_code error, Party by, std::string text = {}) {
    constexpr auto code = static_cast<std::uint16_t>(CloseCode::abnormal);
    return {.error = error, .code = code, .text = std::move(text), .by = by};
}

[[nodiscard]] inline std::string status_text(unsigned status) {
    return status == 0 ? std::string{} : "HTTP status " + std::to_string(status);
}

}  // namespace detail

HAWSER_DECL ClientSession::ClientSession(const ClientOptions& options, http::Url url,
                                         http::Fields extra, Entropy entropy, TimePoint now)
    : options_{&options},
      requests_{std::move(url), std::move(extra)},
      entropy_{entropy},
      outbox_{options.backlog},
      schedule_{options},
      room_{InboxRoom::of(options.inbox)},
      now_{now},
      opening_until_{deadline_after(now, options.connect_timeout)},
      last_good_{now},
      grace_{options.grace} {}

// Requests.

HAWSER_DECL TimePoint ClientSession::receive_due() const noexcept {
    const LaneState& lane = at(Lane::receive);
    const bool has_work = state_ == State::opening || (state_ == State::open && room_.fits_one()) ||
                          (state_ == State::leaving && farewell_ == Farewell::acknowledgement);
    return lane.is_busy || !has_work ? never : lane.wakes_at;
}

HAWSER_DECL TimePoint ClientSession::send_due() const noexcept {
    const LaneState& lane = at(Lane::send);
    const bool may_send =
        state_ == State::open || (state_ == State::leaving && farewell_ == Farewell::close_frame);
    if (lane.is_busy || !may_send) return never;
    if (!outbox_.empty()) return lane.wakes_at;
    if (state_ != State::open || room_.fits_one()) return never;
    // Nothing is asked for: an empty send keeps the session alive.
    return std::max(lane.wakes_at, deadline_after(last_good_, grace_ / 3));
}

HAWSER_DECL void ClientSession::begin(Lane lane, http::RequestHead head, Output body,
                                      Duration hold) {
    at(lane).is_busy = true;
    at(lane).began_at = now_;
    const Duration progress = options_->progress;
    events_.push(Exchange{lane, std::move(head), std::move(body), {progress + hold, progress}});
}

HAWSER_DECL void ClientSession::begin_open() {
    begin(Lane::receive, requests_.open(), {}, Duration::zero());
}

HAWSER_DECL void ClientSession::begin_receive() {
    hold_ = state_ == State::leaving ? Duration::zero() : schedule_.hold(now_);
    begin(Lane::receive, requests_.receive({inbox_.last(), ++request_, hold_}), {}, hold_);
}

HAWSER_DECL void ClientSession::begin_send() {
    Output body;
    sending_ = outbox_.take(
        body, {.bytes = std::min(options_->request_bytes, max_body_), .messages = most_messages_});
    begin(Lane::send, requests_.send(sending_.first, inbox_.last()), std::move(body),
          Duration::zero());
}

HAWSER_DECL void ClientSession::cancel(Lane lane) {
    if (std::exchange(at(lane).is_busy, false)) events_.push(Cancel{lane});
}

HAWSER_DECL std::optional<ClientSession::Event> ClientSession::poll_event() {
    if (events_.empty() && receive_due() <= now_) {
        state_ == State::opening ? begin_open() : begin_receive();
    }
    if (events_.empty() && send_due() <= now_) begin_send();
    if (events_.empty()) return std::nullopt;
    return events_.pop();
}

// Replies.

HAWSER_DECL void ClientSession::replied(Lane lane, const http::ReceivedResponse& response,
                                        TimePoint now) {
    now_ = now;
    if (!std::exchange(at(lane).is_busy, false)) return;
    const unsigned status = last_status_ = response.head.status;
    last_failure_.clear();
    const auto reply = read_reply(response.head);
    if (state_ == State::opening) return take_open_reply(reply, response.head);
    if (reply) return take_reply(lane, *reply, response.body);
    if (lane == Lane::receive && (status == 502 || status == 504)) shorten_hold();
    fault(lane);
}

HAWSER_DECL void ClientSession::failed(Lane lane, std::error_code error, TimePoint now) {
    now_ = now;
    if (!std::exchange(at(lane).is_busy, false)) return;
    last_failure_ = error;
    const bool is_for_good = error == Condition::refused || error == Condition::misuse;
    if (state_ == State::opening && is_for_good) {
        return give_up(detail::abnormal(error, Party::local));
    }
    if (error == Error::body_too_big && state_ == State::open && lane == Lane::receive) {
        return end_session(Error::message_too_big, CloseCode::too_big, Party::peer);
    }
    if (detail::is_deadline(error)) lane == Lane::receive ? shorten_hold() : shorten_sends();
    fault(lane);
}

HAWSER_DECL void ClientSession::take_open_reply(const Result<ServerReply>& reply,
                                                const http::ResponseHead& head) {
    if (reply.error() == Error::foreign_reply && options_->foreign_reply == ForeignReply::give_up) {
        return give_up(detail::abnormal(Error::foreign_reply, Party::network,
                                        detail::status_text(head.status)));
    }
    if (!reply) return fault(Lane::receive);
    if (reply->status == 201 && reply->session) return open_with(*reply, head);
    if (detail::is_final(reply->status)) return refused(*reply);
    wait_as_told(Lane::receive, *reply);
}

HAWSER_DECL void ClientSession::open_with(const ServerReply& reply,
                                          const http::ResponseHead& head) {
    state_ = State::open;
    requests_.set_session(*reply.session);
    schedule_.set_granted(reply.hold.value_or(Duration::zero()));
    if (reply.interval) schedule_.set_interval(*reply.interval);
    // Of none at all nobody could live.
    constexpr Duration least_grace = std::chrono::milliseconds{1};
    grace_ = std::max(reply.grace.value_or(options_->grace), least_grace);
    max_message_ = detail::limit_of(reply.max_message);
    max_body_ = detail::limit_of(reply.max_body);
    last_good_ = now_;
    at(Lane::receive).wakes_at = now_;
    if (!std::exchange(opened_, true)) events_.push(Opened{head});
}

HAWSER_DECL void ClientSession::take_reply(Lane lane, const ServerReply& reply, ByteView body) {
    if (!take_received(reply)) {
        return end_session(Error::bad_polling_reply, CloseCode::protocol_error, Party::peer);
    }
    if (reply.status == 404 && reply.refusal == Refusal::unknown_session) {
        return take_unknown_session();
    }
    if (detail::is_final(reply.status)) return refused(reply);
    if (reply.status == 200 || reply.status == 204) return take_good_reply(lane, reply, body);
    wait_as_told(lane, reply);
}

HAWSER_DECL bool ClientSession::take_received(const ServerReply& reply) {
    if (!reply.received) return true;
    // "One above what it sent is a protocol error."
    if (*reply.received > outbox_.last_number()) return false;
    outbox_.release(*reply.received);
    // The server's own end is there now, or soon: no rest.
    LaneState& lane = at(Lane::receive);
    const bool is_resting = outbox_.is_delivered() && !lane.is_backing_off;
    if (is_resting) lane.wakes_at = std::min(lane.wakes_at, now_);
    return true;
}

HAWSER_DECL void ClientSession::take_good_reply(Lane lane, const ServerReply& reply,
                                                ByteView body) {
    if (state_ == State::leaving && farewell_ == Farewell::acknowledgement) return finish();
    if (lane == Lane::send) return take_send_reply(reply);
    if (reply.interval) schedule_.set_interval(*reply.interval);
    reply.status == 200 ? take_frames(reply, body) : take_empty_reply();
}

HAWSER_DECL void ClientSession::take_frames(const ServerReply& reply, ByteView body) {
    auto frames = framing::decode_frames(body, options_->message);
    if (frames.error() == Error::message_too_big) {
        return end_session(Error::message_too_big, CloseCode::too_big, Party::peer);
    }
    // A body that was cut, or changed on the way.
    if (!frames || !reply.first || body.empty()) return fault(Lane::receive);
    if (!inbox_.duplicates(*reply.first)) {
        return end_session(Error::bad_polling_reply, CloseCode::protocol_error, Party::peer);
    }
    good(Lane::receive);
    schedule_.reply_with_frames();
    std::uint64_t number = *reply.first;
    for (; frames->messages() != 0; ++number) {
        if (number <= inbox_.last()) {
            frames->skip();
            continue;
        }
        // What does not fit is not acknowledged, so it will come again.
        if (!room_.fits_one()) return;
        take(frames->next());
    }
    if (frames->close() && number == inbox_.last() + 1) take_close(*frames->close());
}

HAWSER_DECL void ClientSession::take(Message message) {
    room_.take(message.size());
    inbox_.take();
    ++received_;
    events_.push(std::move(message));
}

HAWSER_DECL void ClientSession::take_close(const framing::ClosePayload& payload) {
    inbox_.take();
    CloseReason reason{.code = payload.code, .text = payload.text, .by = Party::peer};
    if (closing_) reason = std::move(closing_->reason);
    leave(std::move(reason), Farewell::acknowledgement);
}

HAWSER_DECL void ClientSession::take_empty_reply() {
    const Duration waited = now_ - at(Lane::receive).began_at;
    good(Lane::receive);
    switch (schedule_.empty_reply(hold_, waited)) {
    case Schedule::Next::at_once: return;
    case Schedule::Next::after_interval:
        at(Lane::receive).wakes_at = deadline_after(now_, schedule_.interval());
        return;
    case Schedule::Next::after_fault: return fault(Lane::receive);
    }
}

HAWSER_DECL void ClientSession::take_send_reply(const ServerReply& reply) {
    // A server that has taken nothing says so by a refusal; this one would be asked for ever.
    const bool took_none = sending_.count != 0 && outbox_.acknowledged() < sending_.first;
    if (!reply.received || took_none) return fault(Lane::send);
    good(Lane::send);
    constexpr std::size_t most = ~std::size_t{0};
    most_messages_ = most_messages_ > most / 2 ? most : 2 * most_messages_;
    if (state_ == State::leaving && outbox_.is_delivered()) finish();
}

HAWSER_DECL void ClientSession::take_unknown_session() {
    if (state_ == State::leaving) return finish();
    // A message that was sent may have reached a session that is no more; in a new one it would be
    // there a second time.
    const bool is_unused = !confirmed_ && outbox_.last_number() == 0;
    if (!is_unused || now_ >= opening_until_) {
        return give_up(detail::abnormal(Error::unknown_session, Party::peer));
    }
    cancel(Lane::receive);
    cancel(Lane::send);
    requests_.set_session({});
    state_ = State::opening;
    fault(Lane::receive);
}

HAWSER_DECL void ClientSession::good(Lane lane) {
    confirmed_ = true;
    last_good_ = now_;
    LaneState& state = at(lane);
    state.wakes_at = now_;
    state.is_backing_off = false;
    state.back_off.succeeded(now_);
}

HAWSER_DECL void ClientSession::fault(Lane lane) {
    LaneState& state = at(lane);
    state.is_backing_off = true;
    state.wakes_at = now_ + state.back_off.failed(options_->back_off, entropy_, now_);
}

HAWSER_DECL void ClientSession::wait_as_told(Lane lane, const ServerReply& reply) {
    const bool is_told = reply.status == 429 || reply.status == 503;
    if (!is_told || !reply.retry_after) return fault(lane);
    at(lane).is_backing_off = true;
    at(lane).wakes_at = deadline_after(now_, *reply.retry_after);
}

HAWSER_DECL void ClientSession::shorten_hold() {
    if (state_ == State::open) schedule_.shorten(hold_, now_);
}

HAWSER_DECL void ClientSession::shorten_sends() {
    most_messages_ = std::max<std::size_t>(sending_.count / 2, 1);
}

// The application.

HAWSER_DECL bool ClientSession::takes_messages() const noexcept {
    return (state_ == State::opening || state_ == State::open) && !outbox_.is_finished();
}

HAWSER_DECL Backlog::Push ClientSession::send_message(Message message, TimePoint now) {
    now_ = now;
    if (!takes_messages()) return Backlog::Push::dropped;
    const Backlog::Push push = outbox_.push(std::move(message));
    if (push != Backlog::Push::overflow) {
        ++sent_;
        return push;
    }
    end_session(Error::slow_consumer, CloseCode::policy_violation, Party::peer);
    return push;
}

HAWSER_DECL bool ClientSession::try_send_message(Message message, TimePoint now) {
    now_ = now;
    if (!takes_messages() || !outbox_.try_push(std::move(message))) return false;
    ++sent_;
    return true;
}

HAWSER_DECL void ClientSession::set_room(InboxRoom room, TimePoint now) {
    now_ = now;
    room_ = room;
}

HAWSER_DECL Counters ClientSession::counters() const noexcept {
    return {.received = received_,
            .sent = sent_,
            .retransmitted = outbox_.retransmitted(),
            .dropped = outbox_.backlog().dropped()};
}

// The end.

HAWSER_DECL TimePoint ClientSession::end() const noexcept {
    switch (state_) {
    case State::opening: return opening_until_;
    case State::open:
        return std::min(deadline_after(last_good_, grace_), closing_ ? closing_->until : never);
    case State::leaving: return leaving_until_;
    case State::finished: return never;
    }
    return never;
}

HAWSER_DECL TimePoint ClientSession::deadline() const noexcept {
    return std::min({end(), receive_due(), send_due()});
}

HAWSER_DECL void ClientSession::tick(TimePoint now) {
    now_ = now;
    if (now < end()) return;
    switch (state_) {
    case State::opening:
        return give_up(detail::abnormal(last_failure_ ? last_failure_
                                                      : make_error_code(Error::connect_timeout),
                                        Party::network, detail::status_text(last_status_)));
    case State::open: {
        if (!closing_ || now < closing_->until) {
            return give_up(detail::abnormal(Error::session_expired, Party::network));
        }
        CloseReason reason = std::move(closing_->reason);
        reason.error = Error::close_timeout;
        return give_up(std::move(reason));
    }
    case State::leaving: return finish();
    case State::finished: return;
    }
}

HAWSER_DECL void ClientSession::close(CloseReason reason, TimePoint now) {
    now_ = now;
    if (state_ == State::opening) return give_up(std::move(reason));
    if (!takes_messages()) return;
    finish_outbox(reason.code, reason.text);
    closing_ = std::make_unique<Closing>(
        Closing{std::move(reason), deadline_after(now, options_->close_timeout)});
}

HAWSER_DECL void ClientSession::abort(std::error_code error, TimePoint now) {
    now_ = now;
    give_up(detail::abnormal(error, Party::local));
}

HAWSER_DECL void ClientSession::finish_outbox(std::uint16_t code, std::string_view text) {
    Output frame;
    framing::append_close_frame(frame, code, text, std::nullopt);
    outbox_.finish(frame.flatten());
}

HAWSER_DECL void ClientSession::report_closed(CloseReason reason) {
    if (!std::exchange(closed_, true)) events_.push(Closed{std::move(reason)});
    closing_.reset();
}

HAWSER_DECL void ClientSession::leave(CloseReason reason, Farewell farewell) {
    report_closed(std::move(reason));
    state_ = State::leaving;
    farewell_ = farewell;
    leaving_until_ = deadline_after(now_, options_->close_timeout);
    cancel(farewell == Farewell::acknowledgement ? Lane::send : Lane::receive);
}

HAWSER_DECL void ClientSession::end_session(Error error, CloseCode code, Party by) {
    if (state_ == State::leaving) return finish();
    const auto number = static_cast<std::uint16_t>(code);
    if (state_ == State::opening) return give_up({.error = error, .code = number, .by = by});
    outbox_.discard_waiting();
    finish_outbox(number, {});
    leave({.error = error, .code = number, .by = by}, Farewell::close_frame);
}

HAWSER_DECL void ClientSession::give_up(CloseReason reason) {
    report_closed(std::move(reason));
    finish();
}

HAWSER_DECL void ClientSession::refused(const ServerReply& reply) {
    const Error error = reply.refusal ? terms_of(*reply.refusal).error : Error::refused_by_peer;
    give_up(detail::abnormal(error, Party::peer, detail::status_text(reply.status)));
}

HAWSER_DECL void ClientSession::finish() {
    state_ = State::finished;
    cancel(Lane::receive);
    cancel(Lane::send);
    outbox_.clear();
}

}  // namespace hawser::inline HAWSER_MODE::polling
