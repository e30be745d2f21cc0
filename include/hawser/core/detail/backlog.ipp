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

/// Whether a frame of so many bytes would fit if nothing waited.
HAWSER_DECL bool Backlog::fits_alone(std::size_t frame) const noexcept {
    const BacklogLimits& limits = options_->limits;
    return elsewhere_ <= limits.hard && frame <= limits.hard - elsewhere_ && limits.messages != 0;
}

HAWSER_DECL bool Backlog::fits(std::size_t frame) const noexcept {
    return fits_alone(bytes_ + frame) && messages() < options_->limits.messages;
}

HAWSER_DECL void Backlog::append(Message message) {
    const std::size_t frame = message.frame().size();
    queue_.push(std::move(message));
    bytes_ += frame;
}

HAWSER_DECL Message Backlog::take_oldest() noexcept {
    Message message = queue_.pop();
    bytes_ -= message.frame().size();
    return message;
}

HAWSER_DECL bool Backlog::try_push(Message message) {
    if (options_->slow_consumer == SlowConsumer::conflate) {
        return conflate(std::move(message)) == Push::accepted;
    }
    if (!fits(message.frame().size())) return false;
    append(std::move(message));
    return true;
}

HAWSER_DECL Backlog::Push Backlog::push(Message message) {
    if (options_->slow_consumer == SlowConsumer::conflate) return conflate(std::move(message));
    const std::size_t frame = message.frame().size();
    if (options_->slow_consumer == SlowConsumer::drop_oldest) drop_oldest_for(frame);
    if (fits(frame)) {
        append(std::move(message));
        return Push::accepted;
    }
    if (options_->slow_consumer == SlowConsumer::close) return Push::overflow;
    ++dropped_;
    return Push::dropped;
}

HAWSER_DECL void Backlog::drop_oldest_for(std::size_t frame) noexcept {
    // What can never fit shall not cost the others their place.
    if (!fits_alone(frame)) return;
    while (!fits(frame)) {
        take_oldest();
        ++dropped_;
    }
}

HAWSER_DECL Backlog::Push Backlog::conflate(Message message) {
    std::string key;
    if (options_->conflation_key) key = options_->conflation_key(message);
    if (index_ == nullptr) index_ = std::make_unique<detail::ConflationIndex>();
    const auto older = index_->find(key);
    if (older) return replace(*older, std::move(message));
    if (!fits(message.frame().size())) return Push::overflow;
    queue_.make_room();
    index_->push(std::move(key));
    append(std::move(message));
    return Push::accepted;
}

HAWSER_DECL Backlog::Push Backlog::replace(std::size_t place, Message message) noexcept {
    Message& older = queue_[place];
    const std::size_t without = bytes_ - older.frame().size();
    const std::size_t frame = message.frame().size();
    if (!fits_alone(without + frame)) return Push::overflow;
    older = std::move(message);
    bytes_ = without + frame;
    ++dropped_;
    return Push::accepted;
}

HAWSER_DECL Message Backlog::pop() noexcept {
    if (index_ != nullptr) index_->pop();
    return take_oldest();
}

HAWSER_DECL void Backlog::clear() noexcept {
    queue_.clear();
    index_.reset();
    bytes_ = 0;
}

}  // namespace hawser::inline HAWSER_MODE
