#pragma once

#include <hawser/channel/port.hpp>

#include <asio/error.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL Port::Ticket Port::receive(Received completion) {
    if (receive_ || handlers_) {
        std::move(completion).post(Error::receive_pending, Message{});
        return 0;
    }
    if (abandoned_) {
        std::move(completion).post(Error::channel_gone, Message{});
        return 0;
    }
    if (inbox_.empty() && reason_) {
        std::move(completion).post(reason_->error, Message{});
        return 0;
    }
    receive_ = std::move(completion);
    return receive_ticket_ = ++last_ticket_;
}

HAWSER_DECL void Port::cancel_receive(Ticket ticket) {
    if (!receive_ || ticket != receive_ticket_) return;
    std::exchange(receive_, {}).post(asio::error::operation_aborted, Message{});
}

HAWSER_DECL void Port::set_handlers(Handlers handlers) {
    handlers_ = std::make_shared<Handlers>(std::move(handlers));
}

HAWSER_DECL Port::Ticket Port::wait_drained(Done completion) {
    full_noted_ = true;
    draining_.push_back({++last_ticket_, std::move(completion)});
    return last_ticket_;
}

HAWSER_DECL void Port::cancel_wait(Ticket ticket) {
    const auto at = std::ranges::find(draining_, ticket, &Waiting::ticket);
    if (at == draining_.end()) return;
    Done completion = std::move(at->completion);
    draining_.erase(at);
    std::move(completion).post(asio::error::operation_aborted);
}

HAWSER_DECL void Port::wait_closed(Done completion) {
    if (reason_) return std::move(completion).post(std::error_code{});
    closing_.push_back(std::move(completion));
}

HAWSER_DECL void Port::abandon() {
    abandoned_ = true;
    drop_inbox();
    handlers_.reset();
    if (receive_) std::exchange(receive_, {}).post(Error::channel_gone, Message{});
    for (auto& waiting : std::exchange(draining_, {})) {
        std::move(waiting.completion).post(Error::channel_gone);
    }
}

HAWSER_DECL void Port::drop_inbox() noexcept {
    inbox_.clear();
    inbox_bytes_ = 0;
}

HAWSER_DECL Port::Room Port::room() const noexcept {
    if (abandoned_) return {limits_.bytes, limits_.messages};  // whatever comes is dropped
    return {limits_.bytes - std::min(limits_.bytes, inbox_bytes_),
            limits_.messages - std::min(limits_.messages, inbox_.size())};
}

HAWSER_DECL void Port::deliver(Message message) {
    if (abandoned_ || reason_) return;
    const bool is_awaited = receive_ || (handlers_ && !in_handler_);
    if (inbox_.empty() && is_awaited) return hand_over(std::move(message));
    inbox_bytes_ += message.size();
    inbox_.push(std::move(message));
}

HAWSER_DECL void Port::hand_over(Message message) {
    ++received_;
    if (receive_) {
        return std::exchange(receive_, {})
            .complete(executor_, std::error_code{}, std::move(message));
    }
    const auto handlers = handlers_;  // the handler may destroy the channel, or itself
    if (!handlers->message) return;
    in_handler_ = true;
    const auto leave = [](bool* in_handler) { *in_handler = false; };
    const std::unique_ptr<bool, decltype(leave)> guard{&in_handler_, leave};
    handlers->message(std::move(message));
}

HAWSER_DECL bool Port::pump() {
    bool any = false;
    while (!inbox_.empty() && (receive_ || (handlers_ && !in_handler_))) {
        any = true;
        Message message = inbox_.pop();
        inbox_bytes_ -= message.size();
        hand_over(std::move(message));
    }
    if (reason_ && inbox_.empty() && !in_handler_) tell_end();
    return any;
}

HAWSER_DECL void Port::close(CloseReason reason) {
    if (reason_) return;
    reason_ = std::make_unique<CloseReason>(std::move(reason));
    for (auto& waiting : std::exchange(draining_, {})) {
        std::move(waiting.completion).post(reason_->error);
    }
    for (auto& done : std::exchange(closing_, {})) std::move(done).post(std::error_code{});
    pump();
}

HAWSER_DECL void Port::tell_end() {
    if (receive_) std::exchange(receive_, {}).post(reason_->error, Message{});
    if (!handlers_ || std::exchange(end_told_, true)) return;
    const auto handlers = std::exchange(handlers_, nullptr);
    if (handlers->closed) handlers->closed(CloseReason{*reason_});
}

HAWSER_DECL void Port::drained() {
    full_noted_ = false;
    for (auto& waiting : std::exchange(draining_, {})) {
        std::move(waiting.completion).post(std::error_code{});
    }
    const auto handlers = handlers_;
    if (handlers && handlers->drained) handlers->drained();
}

}  // namespace hawser::inline HAWSER_MODE
