#pragma once

#include <hawser/transport/session_carrier.hpp>

// The members of `SessionCarrier`. A template, so never compiled separately.

namespace hawser::inline HAWSER_MODE {

template <class Session>
std::error_code SessionCarrier<Session>::send(Message message, WhenFull when_full) {
    if (closing_ || port().is_closed()) return Error::closed;
    if (const auto error = check_outgoing(message, message_limits_)) return error;
    if (when_full == WhenFull::refuse) {
        if (!session_.try_send_message(std::move(message), Clock::now()))
            return Error::backlog_full;
        changed();
        return {};
    }
    const auto push = session_.send_message(std::move(message), Clock::now());
    changed();
    return push == Backlog::Push::overflow ? Error::slow_consumer : std::error_code{};
}

template <class Session>
void SessionCarrier<Session>::close(CloseReason reason) {
    if (std::exchange(closing_, true)) return;
    session_.close(sayable(std::move(reason)), Clock::now());
    changed();
}

template <class Session>
void SessionCarrier<Session>::abort() {
    closing_ = true;
    port().drop_inbox();
    session_.abort(Error::aborted, Clock::now());
    changed();
}

template <class Session>
BacklogState SessionCarrier<Session>::backlog() const {
    return {.bytes = session_.backlog_bytes(),
            .messages = session_.backlog_messages(),
            .is_above_high = session_.backlog().above_high(),
            .is_at_most_low = session_.backlog().at_most_low()};
}

template <class Session>
Counters SessionCarrier<Session>::counters() const {
    Counters counters = session_.counters();
    counters.received = port().received();
    return counters;
}

template <class Session>
std::shared_ptr<Address> SessionCarrier<Session>::address() {
    if (!address_) {
        address_ = std::make_shared<CarrierAddress>(loop_->mailroom(), weak_from_this());
        if (port().is_closed()) address_->mark_gone();
    }
    return address_;
}

template <class Session>
void SessionCarrier<Session>::changed() {
    if (in_turn_) {
        changed_ = true;
        return;
    }
    loop_->defer({shared_from_this(), this});
}

template <class Session>
void SessionCarrier<Session>::turn() {
    if (in_turn_) return changed();
    const auto keep = shared_from_this();
    Turn turn{*this};
    if (Clock::now() >= session_.deadline()) session_.tick(Clock::now());
    poll();
    changed_ = false;
    if (port().awaits_drained() && session_.backlog().at_most_low()) port().drained();
    if (session_.deadline() < net::Timer::deadline()) loop_->arm(*this, session_.deadline());
    turned();
    turn.is_done = true;
}

template <class Session>
void SessionCarrier<Session>::poll() {
    bool any = true;
    while (any) {
        any = false;
        while (auto event = session_.poll_event()) {
            any = true;
            take(std::move(*event));
        }
        any = port().pump() || any;
        give_room();
        if (session_.finished()) return;
    }
}

template <class Session>
void SessionCarrier<Session>::give_room() {
    const Port::Room room = port().room();
    session_.set_room({.bytes = room.bytes, .messages = room.messages}, Clock::now());
}

template <class Session>
void SessionCarrier<Session>::take(Event&& event) {
    if (auto* const message = std::get_if<Message>(&event)) {
        return port().deliver(std::move(*message));
    }
    if (auto* const closed = std::get_if<typename Session::Closed>(&event)) {
        if (address_) address_->mark_gone();
        ended(closed->reason);
        return port().close(std::move(closed->reason));
    }
    handle(std::move(event));
}

template <class Session>
void SessionCarrier<Session>::expired() noexcept {
    // Null when the carrier is being destroyed.
    if (auto self = weak_from_this().lock()) loop_->defer({std::move(self), this});
}

}  // namespace hawser::inline HAWSER_MODE
