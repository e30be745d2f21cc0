#pragma once

#include <hawser/net/mailroom.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::net {

HAWSER_DECL void Mailroom::post(std::shared_ptr<Addressee> to, Message message) {
    const std::lock_guard lock{mutex_};
    if (!executor_) return;
    letters_.push_back({std::move(to), std::move(message)});
    if (!is_woken_) wake_up();
}

HAWSER_DECL void Mailroom::run(Task task) {
    // With the mutex held, so that the executor cannot go meanwhile.
    const std::lock_guard lock{mutex_};
    if (executor_) net::post(executor_, std::move(task));
}

HAWSER_DECL void Mailroom::shut() noexcept {
    std::vector<Letter> dropped;  // outside of the lock, as letters may hold anything
    const std::lock_guard lock{mutex_};
    dropped.swap(letters_);
    executor_ = asio::any_io_executor{};
}

/// With the mutex held, so that the executor cannot go meanwhile.
HAWSER_DECL void Mailroom::wake_up() {
    is_woken_ = true;
    net::post(executor_, Task{[self = shared_from_this()] { self->deliver(); }});
}

HAWSER_DECL void Mailroom::deliver() {
    if (next_ == batch_.size()) {
        batch_.clear();
        if (batch_.capacity() > kept) batch_ = std::vector<Letter>{};
        next_ = 0;
        const std::lock_guard lock{mutex_};
        batch_.swap(letters_);
    }
    // An addressee may throw through here: what the others are to take must not be lost.
    const std::unique_ptr<Mailroom, EndDelivery> end{this};
    while (next_ != batch_.size()) {
        Letter letter = std::move(batch_[next_++]);
        letter.to->take(std::move(letter.message));
    }
}

HAWSER_DECL void Mailroom::end_delivery() {
    const std::lock_guard lock{mutex_};
    const bool has_more = next_ != batch_.size() || !letters_.empty();
    is_woken_ = false;
    if (has_more && executor_) wake_up();
}

}  // namespace hawser::inline HAWSER_MODE::net
