#pragma once

#include <hawser/transport/websocket.hpp>

#include <hawser/net/task.hpp>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL std::error_code check(const WebSocketOptions& options) {
    const auto& [bytes, fragments] = options.connection.message;
    const bool fits = are_valid(options.connection.backlog.limits, bytes) && bytes != 0 &&
                      fragments != 0 && options.inbox.bytes != 0 && options.inbox.messages != 0;
    if (!fits) return Error::bad_argument;
    if (const auto error = websocket::check(options.handshake)) return error;
    return websocket::check(options.request);
}

HAWSER_DECL WebSocketCarrier::WebSocketCarrier(Parts parts)
    : Carrier{parts.loop->shared_executor(), parts.options->inbox},
      Link{std::move(parts.stream), std::move(parts.connection), std::move(parts.loop),
           parts.options->link},
      options_{std::move(parts.options)},
      opening_{std::make_unique<Opening>(
          Opening{.facts = std::move(parts.facts), .on_open = std::move(parts.on_open)})},
      place_{std::move(parts.place)} {}

HAWSER_DECL std::error_code WebSocketCarrier::send(Message message, WhenFull when_full) {
    if (closing_ || port().is_closed()) return Error::closed;
    if (const auto error = check_outgoing(message, options_->connection.message)) return error;
    if (when_full == WhenFull::refuse) {
        if (!engine().try_send(std::move(message))) return Error::backlog_full;
    } else if (engine().send(std::move(message), Clock::now()) == Backlog::Push::overflow) {
        engine_changed();
        return Error::slow_consumer;
    }
    ++sent_;
    engine_changed();
    return {};
}

HAWSER_DECL void WebSocketCarrier::close(CloseReason reason) {
    if (std::exchange(closing_, true)) return;
    engine().close(sayable(std::move(reason)), Clock::now());
    engine_changed();
}

HAWSER_DECL void WebSocketCarrier::abort() {
    if (std::exchange(aborted_, true)) return;
    closing_ = true;
    port().drop_inbox();
    engine().abort(Error::aborted);
    engine_changed();
}

HAWSER_DECL void WebSocketCarrier::attend() {
    if (!port().is_closed()) return engine_changed();
    port().pump_later(shared_from_this());
}

HAWSER_DECL BacklogState WebSocketCarrier::backlog() const {
    const Backlog& backlog = engine().backlog();
    return {.bytes = backlog.bytes(),
            .messages = backlog.messages(),
            .is_above_high = backlog.above_high(),
            .is_at_most_low = backlog.at_most_low()};
}

HAWSER_DECL Counters WebSocketCarrier::counters() const {
    return {
        .received = port().received(), .sent = sent_, .dropped = engine().backlog().dropped()};
}

HAWSER_DECL std::shared_ptr<Address> WebSocketCarrier::address() {
    if (!address_) {
        address_ = std::make_shared<CarrierAddress>(loop().mailroom(), weak_from_this());
        if (port().is_closed()) address_->mark_gone();
    }
    return address_;
}

HAWSER_DECL void WebSocketCarrier::on_event(websocket::Connection::Event&& event) {
    if (auto* const message = std::get_if<Message>(&event)) {
        port().deliver(std::move(*message));
        return match_reading_to_room();
    }
    if (auto* const opened = std::get_if<websocket::Opened>(&event)) {
        return open(std::move(*opened));
    }
    end(std::move(std::get<websocket::Closed>(event).reason));
}

HAWSER_DECL void WebSocketCarrier::open(websocket::Opened opened) {
    const auto opening = std::move(opening_);
    opening->facts.subprotocol = std::move(opened.subprotocol);
    if (opened.reply && options_->keep_head) keep_head(opening->facts, *opened.reply);
    info_ = ChannelFacts{opening->facts};
    // Where a violation follows a message in the segment of the head, the message can be answered
    // before the close, as it could in a segment of its own, only by who has the channel by then.
    if (has_unread()) {
        behind_head_ = BehindHead::held;
        engine().pause(Clock::now());
    }
    opening->on_open({}, std::static_pointer_cast<WebSocketCarrier>(shared_from_this()));
}

/// The channel is on its way to the application by now, and gets there first.
HAWSER_DECL void WebSocketCarrier::read_behind_head() {
    behind_head_ = BehindHead::due;
    net::post(port().executor(), net::Task{[self = shared_from_this(), this] {
                  behind_head_ = BehindHead::read;
                  engine().resume(Clock::now());
                  engine_changed();
              }});
}

HAWSER_DECL void WebSocketCarrier::end(CloseReason reason) {
    if (address_) address_->mark_gone();
    const auto opening = std::move(opening_);
    const std::error_code error = reason.error;
    port().close(std::move(reason));
    if (opening) opening->on_open(error, nullptr);
}

HAWSER_DECL void WebSocketCarrier::on_output(std::size_t unsent) {
    engine().set_elsewhere(unsent);
    if (behind_head_ == BehindHead::held) read_behind_head();
    port().pump();
    match_reading_to_room();
    if (port().awaits_drained() && engine().backlog().at_most_low()) port().drained();
    // The application wants to see nothing more of the connection.
    if (aborted_ && port().is_closed()) cut();
}

HAWSER_DECL void WebSocketCarrier::on_end() {
    place_.reset();
    leave_roster();
}

HAWSER_DECL void WebSocketCarrier::match_reading_to_room() {
    if (behind_head_ != BehindHead::read) return;
    const Port::Room room = port().room();
    if (!engine().paused()) {
        if (room.is_none()) engine().pause(Clock::now());
        return;
    }
    // Half an inbox at a time, so that the work of going on is shared by many messages.
    const InboxLimits& limits = options_->inbox;
    const bool is_half_empty =
        room.bytes >= limits.bytes / 2 && room.messages >= limits.messages / 2;
    if (room.is_none() || !is_half_empty) return;
    engine().resume(Clock::now());
    engine_changed();
}

}  // namespace hawser::inline HAWSER_MODE
