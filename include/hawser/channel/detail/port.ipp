#pragma once

#include <hawser/channel/port.hpp>

#include <asio/error.hpp>
#include <asio/execution/context.hpp>
#include <asio/post.hpp>
#include <asio/query.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

HAWSER_DECL void Ports::add(Port& port) noexcept {
    const std::lock_guard lock{mutex_};
    if (is_shut_) return;
    port.place_ = {.ports = this, .next = first_};
    if (first_ != nullptr) first_->place_.previous = &port;
    first_ = &port;
}

HAWSER_DECL void Ports::remove(Port& port) noexcept {
    Ports* const ports = port.place_.ports;
    if (ports == nullptr) return;
    const std::lock_guard lock{ports->mutex_};
    const PortPlace place = std::exchange(port.place_, {});
    (place.previous != nullptr ? place.previous->place_.next : ports->first_) = place.next;
    if (place.next != nullptr) place.next->place_.previous = place.previous;
}

/// The context is being destroyed, so no other thread is at work. What a port forgets may destroy
/// that port, and others.
HAWSER_DECL void Ports::shutdown() {
    is_shut_ = true;
    while (first_ != nullptr) {
        Port& port = *first_;
        remove(port);
        port.forget();
    }
}

}  // namespace detail

HAWSER_DECL Port::Port(SharedExecutor executor, InboxLimits limits)
    : executor_{std::move(executor)}, limits_{limits} {
    asio::use_service<detail::Ports>(asio::query(*executor_, asio::execution::context)).add(*this);
}

HAWSER_DECL Port::Ticket Port::receive(Received completion) {
    if (receive_ || handlers_ || in_handler_) {
        std::move(completion).post(Error::receive_pending, Message{});
        return 0;
    }
    if (abandoned_) {
        std::move(completion).post(Error::channel_gone, Message{});
        return 0;
    }
    if (!has_inbox() && reason_) {
        std::move(completion).post(reason_->error, Message{});
        return 0;
    }
    receive_ = std::move(completion);
    return ++receive_ticket_;
}

HAWSER_DECL void Port::cancel_receive(Ticket ticket) {
    if (!receive_ || ticket != receive_ticket_) return;
    std::exchange(receive_, {}).post(asio::error::operation_aborted, Message{});
}

HAWSER_DECL void Port::set_handlers(Handlers handlers) {
    handlers_ = std::make_unique<Handlers>(std::move(handlers));
}

HAWSER_DECL Port::Outstanding& Port::outstanding() {
    if (!outstanding_) outstanding_ = std::make_unique<Outstanding>();
    return *outstanding_;
}

HAWSER_DECL Port::Ticket Port::wait_drained(Done completion) {
    full_noted_ = true;
    Outstanding& with = outstanding();
    with.draining.push_back({with.last_ticket + 1, std::move(completion)});
    return ++with.last_ticket;
}

HAWSER_DECL void Port::cancel_wait(Ticket ticket) {
    if (!outstanding_) return;
    auto& draining = outstanding_->draining;
    const auto at = std::ranges::find(draining, ticket, &Waiting::ticket);
    if (at == draining.end()) return;
    Done completion = std::move(at->completion);
    draining.erase(at);
    std::move(completion).post(asio::error::operation_aborted);
}

HAWSER_DECL void Port::end_draining(std::error_code error) {
    if (!outstanding_) return;
    for (auto& waiting : std::exchange(outstanding_->draining, {})) {
        std::move(waiting.completion).post(error);
    }
}

HAWSER_DECL void Port::wait_closed(Done completion) {
    if (reason_) return std::move(completion).post(std::error_code{});
    outstanding().closing.push_back(std::move(completion));
}

HAWSER_DECL void Port::abandon() {
    abandoned_ = true;
    drop_inbox();
    handlers_.reset();
    if (receive_) std::exchange(receive_, {}).post(Error::channel_gone, Message{});
    end_draining(Error::channel_gone);
}

HAWSER_DECL void Port::drop_inbox() noexcept {
    inbox_.reset();
}

HAWSER_DECL Port::Room Port::room() const noexcept {
    if (!inbox_) return {limits_.bytes, limits_.messages};
    return {limits_.bytes - std::min(limits_.bytes, inbox_->bytes),
            limits_.messages - std::min(limits_.messages, inbox_->messages.size())};
}

HAWSER_DECL void Port::deliver(Message&& message) {
    if (abandoned_ || reason_) return;
    if (!has_inbox() && is_awaited()) return hand_over(std::move(message));
    if (!inbox_) inbox_ = std::make_unique<Inbox>();
    const std::size_t bytes = message.size();
    inbox_->messages.push(std::move(message));
    inbox_->bytes += bytes;
}

HAWSER_DECL void Port::hand_over(Message&& message) {
    ++received_;
    if (receive_) {
        return std::exchange(receive_, {})
            .complete(*executor_, std::error_code{}, std::move(message));
    }
    AtWork at_work{*this};
    if (at_work.handlers->message) at_work.handlers->message(std::move(message));
}

HAWSER_DECL bool Port::pump() {
    bool any = false;
    while (has_inbox() && is_awaited()) {
        any = true;
        Message message = inbox_->messages.pop();
        inbox_->bytes -= message.size();
        hand_over(std::move(message));
    }
    if (reason_ && !in_handler_) tell_end();
    return any;
}

HAWSER_DECL void Port::pump_later(std::shared_ptr<void> owner) {
    asio::post(*executor_, [this, owner = std::move(owner)] {
        try {
            pump();
        } catch (...) {
            pump_later(owner);
            throw;
        }
    });
}

HAWSER_DECL void Port::close(CloseReason reason) {
    if (reason_) return;
    reason_ = std::make_unique<CloseReason>(std::move(reason));
    end_draining(reason_->error);
    if (outstanding_) {
        for (auto& done : outstanding_->closing) std::move(done).post(std::error_code{});
        outstanding_.reset();
    }
    pump();
}

HAWSER_DECL void Port::tell_end() {
    if (receive_) std::exchange(receive_, {}).post(reason_->error, Message{});
    const auto handlers = std::move(handlers_);
    if (handlers && handlers->closed) handlers->closed(CloseReason{*reason_});
}

HAWSER_DECL void Port::drained() {
    full_noted_ = false;
    end_draining({});
    if (!handlers_ || !handlers_->drained) return;
    AtWork at_work{*this};
    at_work.handlers->drained();
}

/// The context is being destroyed. What is let go of may own the channel, and so this port.
HAWSER_DECL void Port::forget() noexcept {
    abandoned_ = true;
    const auto inbox = std::move(inbox_);
    const auto receive = std::move(receive_);
    const auto handlers = std::move(handlers_);
    const auto outstanding = std::move(outstanding_);
}

}  // namespace hawser::inline HAWSER_MODE
