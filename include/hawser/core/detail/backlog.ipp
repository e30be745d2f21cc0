#pragma once

#include <hawser/core/backlog.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL bool Backlog::above_high() const noexcept {
    const BacklogLimits& limits = options_->limits;
    return bytes() > limits.high || messages() > limits.messages / 2;
}

HAWSER_DECL bool Backlog::at_most_low() const noexcept {
    const BacklogLimits& limits = options_->limits;
    return bytes() <= limits.low && messages() <= limits.messages / 4;
}

/// Whether so many messages, with so many bytes, may wait here.
HAWSER_DECL bool Backlog::admits(std::size_t bytes, std::size_t messages) const noexcept {
    const BacklogLimits& limits = options_->limits;
    return elsewhere_ <= limits.hard && bytes <= limits.hard - elsewhere_ &&
           messages <= limits.messages;
}

HAWSER_DECL void Backlog::append(Message&& message) {
    const std::size_t frame = message.frame().size();
    queue_.push(std::move(message));
    bytes_ += frame;
}

HAWSER_DECL void Backlog::drop_oldest() noexcept {
    bytes_ -= queue_.front().frame().size();
    queue_.drop();
}

HAWSER_DECL bool Backlog::try_push(Message&& message) {
    if (options_->slow_consumer == SlowConsumer::conflate) {
        return conflate(std::move(message)) == Push::accepted;
    }
    if (!admits(bytes_ + message.frame().size(), messages() + 1)) return false;
    append(std::move(message));
    return true;
}

HAWSER_DECL Backlog::Push Backlog::push(Message&& message) {
    switch (options_->slow_consumer) {
    case SlowConsumer::conflate: return conflate(std::move(message));
    case SlowConsumer::drop_oldest: return push_dropping_oldest(std::move(message));
    case SlowConsumer::close:
        return try_push(std::move(message)) ? Push::accepted : Push::overflow;
    case SlowConsumer::drop_newest: break;
    }
    if (try_push(std::move(message))) return Push::accepted;
    ++dropped_;
    return Push::dropped;
}

HAWSER_DECL Backlog::Push Backlog::push_dropping_oldest(Message&& message) {
    // What could not fit even alone shall not cost the others their place.
    if (!admits(message.frame().size(), 1)) {
        ++dropped_;
        return Push::dropped;
    }
    append(std::move(message));
    for (; !admits(bytes_, messages()); ++dropped_) drop_oldest();
    return Push::accepted;
}

HAWSER_DECL Backlog::Push Backlog::conflate(Message&& message) {
    std::string key;
    if (options_->conflation_key) key = options_->conflation_key(message);
    if (index_ == nullptr) index_ = std::make_unique<detail::ConflationIndex>();
    const auto older = index_->find(key);
    if (older) return replace(*older, std::move(message));
    if (!admits(bytes_ + message.frame().size(), messages() + 1)) return Push::overflow;
    queue_.make_room();
    index_->push(std::move(key));
    append(std::move(message));
    return Push::accepted;
}

HAWSER_DECL Backlog::Push Backlog::replace(std::size_t place, Message&& message) noexcept {
    Message& older = queue_[place];
    const std::size_t without = bytes_ - older.frame().size();
    const std::size_t frame = message.frame().size();
    if (!admits(without + frame, messages())) return Push::overflow;
    older = std::move(message);
    bytes_ = without + frame;
    ++dropped_;
    return Push::accepted;
}

HAWSER_DECL Message Backlog::pop() noexcept {
    if (index_ != nullptr) index_->pop();
    Message message = queue_.pop();
    bytes_ -= message.frame().size();
    return message;
}

HAWSER_DECL void Backlog::drop() noexcept {
    if (index_ != nullptr) index_->pop();
    drop_oldest();
}

HAWSER_DECL void Backlog::clear() noexcept {
    queue_.clear();
    index_.reset();
    bytes_ = 0;
}

}  // namespace hawser::inline HAWSER_MODE
