#pragma once

#include <hawser/polling/server_session.hpp>

#include <hawser/framing/append_frame.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE::polling {

HAWSER_DECL ServerSession::ServerSession(const ServerOptions& options, Entropy entropy,
                                         TimePoint now)
    : options_{&options},
      entropy_{entropy},
      outbox_{options.backlog},
      room_{InboxRoom::of(options.inbox)},
      now_{now},
      dies_at_{deadline_after(now, options.unused)} {}

// The life of the session.

HAWSER_DECL TimePoint ServerSession::death() const noexcept {
    // "The hold while a receive is held": whoever waits for an answer is there.
    return held_ || waiting_ ? never : dies_at_;
}

HAWSER_DECL bool ServerSession::is_alive() {
    // A request counts from when it is complete: the tick of a passed deadline may be late.
    if (!dead_ && now_ >= death()) {
        die({.error = Error::session_expired,
             .code = static_cast<std::uint16_t>(CloseCode::abnormal),
             .by = Party::network});
    }
    return !dead_;
}

HAWSER_DECL void ServerSession::use() {
    if (!std::exchange(opened_, true)) events_.push(Opened{});
}

HAWSER_DECL void ServerSession::rest() {
    const TimePoint end_of_grace = deadline_after(now_, grace_time(*options_));
    dies_at_ = writing_ ? std::max(dies_at_, end_of_grace) : end_of_grace;
}

HAWSER_DECL void ServerSession::die(CloseReason reason) {
    dead_ = true;
    refuse_held(Refusal::unknown_session);
    refuse_waiting(Refusal::unknown_session);
    report_closed(std::move(reason));
    writing_.reset();
    outbox_.clear();
}

HAWSER_DECL TimePoint ServerSession::deadline() const noexcept {
    if (dead_) return never;
    TimePoint next = death();
    if (held_) next = std::min(next, held_->until);
    if (waiting_) next = std::min(next, waiting_->until);
    if (closing_) next = std::min(next, closing_->until);
    return next;
}

HAWSER_DECL void ServerSession::tick(TimePoint now) {
    now_ = now;
    if (held_ && now >= held_->until) answer_held();
    if (waiting_ && now >= waiting_->until) {
        refuse_waiting(Refusal::busy);
        rest();
    }
    if (closing_ && now >= closing_->until) {
        CloseReason reason = std::move(closing_->reason);
        reason.error = Error::close_timeout;
        report_closed(std::move(reason));
    }
    (void)is_alive();
}

// Receive.

HAWSER_DECL std::optional<Refusal> ServerSession::judge(
    const ReceiveRequest& request) const noexcept {
    // "The fence is judged first; a fenced request changes nothing."
    if (request.request < newest_receive_) return Refusal::superseded;
    if (request.request == 0 || request.after > outbox_.last_number()) return Refusal::bad_number;
    return std::nullopt;
}

HAWSER_DECL Duration ServerSession::shortened(Duration hold) const {
    const Duration most = hold_jitter(hold, options_->hold_jitter_percent);
    if (most <= Duration::zero()) return hold;
    const auto span = static_cast<std::uint64_t>(most.count()) + 1;
    return hold - Duration{static_cast<Duration::rep>(entropy_.number() % span)};
}

HAWSER_DECL void ServerSession::receive(RequestId id, const ReceiveRequest& request,
                                        TimePoint now) {
    now_ = now;
    if (!is_alive()) return answer_refusal(id, Refusal::unknown_session);
    if (const auto refusal = judge(request)) return answer_refusal(id, *refusal);
    use();
    newest_receive_ = request.request;
    refuse_held(Refusal::superseded);
    writing_.reset();
    acknowledge(request.after);
    const Duration hold = std::min(request.hold.value_or(options_->hold), options_->hold);
    const bool is_short_poll = hold <= Duration::zero();
    held_ = Held{id, deadline_after(now, shortened(hold)), is_short_poll};
    // Frames are put into the reply when events are polled.
    if (outbox_.empty() && (is_short_poll || is_over())) answer_held();
}

HAWSER_DECL void ServerSession::acknowledge(std::uint64_t after) {
    outbox_.release(after);
    if (!is_over()) return;
    if (closing_) report_closed(std::move(closing_->reason));
    if (held_) answer_held();
}

// Send.

HAWSER_DECL std::optional<Refusal> ServerSession::judge(const SendRequest& request,
                                                        const Result<framing::Body>& body) const {
    if (request.first == 0 || request.after.value_or(0) > outbox_.last_number()) {
        return Refusal::bad_number;
    }
    if (!body) {
        return body.error() == Error::message_too_big ? Refusal::message_too_big
                                                      : Refusal::bad_frames;
    }
    const auto duplicates = inbox_.duplicates(request.first);
    if (!duplicates) return Refusal::gap;
    const bool has_news = body->messages() + (body->close() ? 1 : 0) > *duplicates;
    // "Nothing follows" a close frame.
    if (has_news && closed_by_client_) return Refusal::bad_request;
    return std::nullopt;
}

HAWSER_DECL void ServerSession::send(RequestId id, SendRequest request, TimePoint now) {
    now_ = now;
    if (!is_alive()) return answer_refusal(id, Refusal::unknown_session);
    auto body = framing::decode_frames(request.body, options_->message);
    if (const auto refusal = judge(request, body)) return answer_refusal(id, *refusal);
    use();
    acknowledge(request.after.value_or(0));
    refuse_waiting(Refusal::busy);
    const Applied applied = apply(request.first, *body);
    rest();
    if (applied == Applied::in_part_or_whole) return answer(id, {});
    // Nobody will make room any more.
    if (closed_) return answer_refusal(id, Refusal::busy);
    waiting_ = std::make_unique<WaitingSend>(
        WaitingSend{id, std::move(request), deadline_after(now, options_->room_wait)});
}

HAWSER_DECL ServerSession::Applied ServerSession::apply(std::uint64_t first, framing::Body& body) {
    const std::uint64_t close_number = first + body.messages();
    while (body.messages() != 0 && first <= inbox_.last()) {
        body.skip();
        ++first;
    }
    const std::size_t fresh = body.messages();
    while (body.messages() != 0 && !closed_ && room_.fits_one()) take(body.next());
    if (body.messages() != 0) {
        return body.messages() == fresh ? Applied::nothing_fitted : Applied::in_part_or_whole;
    }
    if (body.close() && inbox_.last() + 1 == close_number) take_close(*body.close());
    return Applied::in_part_or_whole;
}

HAWSER_DECL void ServerSession::take(Message message) {
    room_.take(message.size());
    inbox_.take();
    ++received_;
    events_.push(std::move(message));
}

HAWSER_DECL void ServerSession::take_close(const framing::ClosePayload& payload) {
    inbox_.take();
    closed_by_client_ = true;
    if (closing_) report_closed(std::move(closing_->reason));
    report_closed({.code = payload.code, .text = payload.text, .by = Party::peer});
    finish_outbox(payload.code, {});
}

HAWSER_DECL void ServerSession::set_room(InboxRoom room, TimePoint now) {
    now_ = now;
    room_ = room;
    if (!waiting_ || !room_.fits_one()) return;
    const auto waiting = std::exchange(waiting_, nullptr);
    auto body = framing::decode_frames(waiting->request.body, options_->message);
    (void)apply(waiting->request.first, *body);
    rest();
    answer(waiting->id, {});
}

// Answers.

HAWSER_DECL void ServerSession::answer(RequestId id, Reply reply) {
    if (!dead_) reply.received = inbox_.last();
    events_.push(Answer{id, std::move(reply)});
}

HAWSER_DECL void ServerSession::answer_refusal(RequestId id, Refusal refusal) {
    answer(id, refuse(refusal));
}

HAWSER_DECL void ServerSession::answer_held() {
    const Held held = *std::exchange(held_, std::nullopt);
    Reply reply;
    if (held.is_short_poll) reply.interval = options_->interval;
    const auto taken = outbox_.take(reply.body, {.bytes = options_->reply_bytes});
    rest();
    if (taken.count == 0) {
        outbox_.rest();
    } else {
        reply.status = 200;
        reply.first = taken.first;
        writing_ = held.id;
        dies_at_ = deadline_after(now_, options_->write_limit);
    }
    answer(held.id, std::move(reply));
}

HAWSER_DECL void ServerSession::refuse_held(Refusal refusal) {
    if (held_) answer_refusal(std::exchange(held_, std::nullopt)->id, refusal);
}

HAWSER_DECL void ServerSession::refuse_waiting(Refusal refusal) {
    if (waiting_) answer_refusal(std::exchange(waiting_, nullptr)->id, refusal);
}

HAWSER_DECL void ServerSession::interrupt(RequestId id, TimePoint now) {
    now_ = now;
    if (held_ && held_->id == id) return answer_held();
    if (!waiting_ || waiting_->id != id) return;
    refuse_waiting(Refusal::busy);
    rest();
}

HAWSER_DECL void ServerSession::disconnected(RequestId id, TimePoint now) {
    now_ = now;
    if (held_ && held_->id == id) {
        held_.reset();
    } else if (waiting_ && waiting_->id == id) {
        waiting_.reset();
    } else if (writing_ != id) {
        return;
    } else {
        writing_.reset();
    }
    rest();
}

HAWSER_DECL void ServerSession::written(RequestId id, TimePoint now) {
    now_ = now;
    if (writing_ != id) return;
    writing_.reset();
    rest();
}

HAWSER_DECL std::optional<ServerSession::Event> ServerSession::poll_event() {
    if (events_.empty() && held_ && !outbox_.empty()) answer_held();
    if (!events_.empty()) return events_.pop();
    // An idle session keeps no places for events: there may be very many sessions.
    events_ = {};
    return std::nullopt;
}

// The application.

HAWSER_DECL Backlog::Push ServerSession::send_message(Message message, TimePoint now) {
    now_ = now;
    if (!opened_ || is_ending()) return Backlog::Push::dropped;
    const Backlog::Push push = outbox_.push(std::move(message));
    if (push != Backlog::Push::overflow) {
        ++sent_;
        return push;
    }
    constexpr auto code = static_cast<std::uint16_t>(CloseCode::policy_violation);
    outbox_.discard_waiting();
    finish_outbox(code, {});
    report_closed({.error = Error::slow_consumer, .code = code, .by = Party::peer});
    return push;
}

HAWSER_DECL bool ServerSession::try_send_message(Message message, TimePoint now) {
    now_ = now;
    if (!opened_ || is_ending() || !outbox_.try_push(std::move(message))) return false;
    ++sent_;
    return true;
}

HAWSER_DECL void ServerSession::close(CloseReason reason, TimePoint now) {
    now_ = now;
    if (is_ending()) return;
    if (!opened_) return die(std::move(reason));
    finish_outbox(reason.code, reason.text);
    closing_ = std::make_unique<Closing>(
        Closing{std::move(reason), deadline_after(now, options_->close_timeout)});
}

HAWSER_DECL void ServerSession::abort(std::error_code error, TimePoint now) {
    now_ = now;
    die({.error = error, .code = static_cast<std::uint16_t>(CloseCode::abnormal)});
}

HAWSER_DECL void ServerSession::finish_outbox(std::uint16_t code, std::string_view text) {
    Output frame;
    framing::append_close_frame(frame, code, text, std::nullopt);
    outbox_.finish(frame.flatten());
}

HAWSER_DECL void ServerSession::report_closed(CloseReason reason) {
    if (std::exchange(closed_, true)) return;
    closing_.reset();
    if (opened_) events_.push(Closed{std::move(reason)});
    refuse_waiting(Refusal::busy);
}

HAWSER_DECL Counters ServerSession::counters() const noexcept {
    return {.received = received_,
            .sent = sent_,
            .retransmitted = outbox_.retransmitted(),
            .dropped = outbox_.backlog().dropped()};
}

}  // namespace hawser::inline HAWSER_MODE::polling
