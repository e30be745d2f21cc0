#pragma once

#include <hawser/transport/loopback.hpp>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL LoopbackCarrier::LoopbackCarrier(Private, std::shared_ptr<net::Loop> loop,
                                             std::shared_ptr<const LoopbackOptions> options)
    : Carrier{loop->shared_executor(), options->inbox},
      loop_{std::move(loop)},
      options_{std::move(options)},
      backlog_{options_->backlog} {}

HAWSER_DECL LoopbackCarrier::Pair LoopbackCarrier::make_pair(const asio::any_io_executor& executor,
                                                             LoopbackOptions options) {
    const auto loop = net::Loop::of(executor);
    const auto shared = std::make_shared<const LoopbackOptions>(std::move(options));
    Pair pair{std::make_shared<LoopbackCarrier>(Private{}, loop, shared),
              std::make_shared<LoopbackCarrier>(Private{}, loop, shared)};
    pair.first->peer_ = pair.second;
    pair.second->peer_ = pair.first;
    return pair;
}

HAWSER_DECL std::error_code LoopbackCarrier::send(Message message, WhenFull when_full) {
    if (closing_ || failed_ || port().is_closed()) return Error::closed;
    if (const auto error = check_outgoing(message, options_->message)) return error;
    if (when_full == WhenFull::refuse) {
        if (!backlog_.try_push(std::move(message))) return Error::backlog_full;
    } else if (backlog_.push(std::move(message)) == Backlog::Push::overflow) {
        fail(Error::slow_consumer, CloseCode::policy_violation, Party::peer);
        return Error::slow_consumer;
    }
    ++sent_;
    defer();
    return {};
}

HAWSER_DECL void LoopbackCarrier::close(CloseReason reason) {
    if (closing_ || failed_ || port().is_closed()) return;
    closing_ = sayable(std::move(reason));
    loop_->keep(shared_from_this());  // what has been accepted is still to be moved
    loop_->arm(*this, deadline_after(Clock::now(), options_->close_timeout));
    defer();
}

HAWSER_DECL void LoopbackCarrier::abort() {
    port().drop_inbox();
    fail(Error::aborted, CloseCode::abnormal, Party::local);
}

HAWSER_DECL void LoopbackCarrier::fail(Error error, CloseCode code, Party by) {
    if (failed_ || port().is_closed()) return;
    failed_ = CloseReason{.error = error, .code = static_cast<std::uint16_t>(code), .by = by};
    defer();
}

HAWSER_DECL void LoopbackCarrier::attend() {
    defer();
    if (const auto peer = peer_.lock()) peer->defer();  // there may be room for what it has
}

HAWSER_DECL BacklogState LoopbackCarrier::backlog() const {
    return {.bytes = backlog_.bytes(),
            .messages = backlog_.messages(),
            .is_above_high = backlog_.above_high(),
            .is_at_most_low = backlog_.at_most_low()};
}

HAWSER_DECL Counters LoopbackCarrier::counters() const {
    return {.received = port().received(), .sent = sent_, .dropped = backlog_.dropped()};
}

HAWSER_DECL std::shared_ptr<Address> LoopbackCarrier::address() {
    if (!address_) {
        address_ = std::make_shared<CarrierAddress>(loop_->mailroom(), weak_from_this());
        if (port().is_closed()) address_->mark_gone();
    }
    return address_;
}

HAWSER_DECL void LoopbackCarrier::end_of_turn() {
    const auto keep = shared_from_this();
    const auto go_on = [](LoopbackCarrier* self) { self->attend(); };
    std::unique_ptr<LoopbackCarrier, decltype(go_on)> unless_done{this, go_on};
    take_turn();
    unless_done.release();
}

HAWSER_DECL void LoopbackCarrier::take_turn() {
    if (failed_ && !port().is_closed()) return end(*failed_);
    if (deadline_passed_ && !port().is_closed()) {
        return end({.error = Error::close_timeout,
                    .code = static_cast<std::uint16_t>(CloseCode::abnormal),
                    .by = Party::peer});
    }
    const bool has_room = port().pump();
    const auto peer = peer_.lock();
    if (!peer) return;
    if (has_room) peer->defer();
    move_messages(*peer);
    if (backlog_.empty() && closing_) move_close(*peer);
    if (port().awaits_drained() && backlog_.at_most_low()) port().drained();
}

HAWSER_DECL void LoopbackCarrier::move_messages(LoopbackCarrier& peer) {
    while (!backlog_.empty() && !peer.port().room().is_none()) {
        peer.port().deliver(backlog_.pop());
    }
}

HAWSER_DECL void LoopbackCarrier::move_close(LoopbackCarrier& peer) {
    if (!close_sent_) {
        close_sent_ = true;
        peer.close_received_ = true;
        if (!peer.closing_) {
            // It answers with what it was told, as a WebSocket does (RFC 6455 §5.5.1).
            peer.closing_ = closing_;
            peer.closing_->by = Party::peer;
        }
        peer.defer();
    }
    if (close_received_) end(*closing_);
}

HAWSER_DECL void LoopbackCarrier::end(CloseReason reason) {
    const auto peer = std::exchange(peer_, {}).lock();
    if (peer && !(close_sent_ && close_received_)) {
        peer->fail(Error::connection_lost, CloseCode::abnormal, Party::network);
    }
    loop_->disarm(*this);
    loop_->release(static_cast<Carrier*>(this));
    backlog_.clear();
    if (address_) address_->mark_gone();
    port().close(std::move(reason));
}

HAWSER_DECL void LoopbackCarrier::expired() noexcept {
    deadline_passed_ = true;
    // Null when it is being destroyed.
    if (auto self = weak_from_this().lock()) loop_->defer({std::move(self), this});
}

HAWSER_DECL std::pair<Channel<Loopback>, Channel<Loopback>> make_loopback(
    const asio::any_io_executor& executor, LoopbackOptions options) {
    if (!are_valid(options.backlog.limits, options.message.bytes)) {
        throw std::system_error{make_error_code(Error::bad_argument), "the options of a loopback"};
    }
    auto [one, other] = LoopbackCarrier::make_pair(executor, std::move(options));
    return {Channel<Loopback>{std::move(one)}, Channel<Loopback>{std::move(other)}};
}

}  // namespace hawser::inline HAWSER_MODE
