#pragma once

#include <hawser/core/backlog.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL bool Backlog::fits(std::size_t frame) const noexcept {
    const std::size_t hard = options_->limits.hard;
    return bytes() <= hard && frame <= hard - bytes();
}

HAWSER_DECL void Backlog::append(Message message) {
    bytes_ += message.frame().size();
    queue_.push(std::move(message));
}

HAWSER_DECL bool Backlog::try_push(Message message) {
    if (options_->slow_consumer == SlowConsumer::conflate) {
        return push(std::move(message)) == Push::accepted;
    }
    if (!fits(message.frame().size())) return false;
    append(std::move(message));
    return true;
}

HAWSER_DECL bool Backlog::replace_older(const std::string& key, Message& message) {
    const auto at = positions_.find(key);
    if (at == positions_.end()) return false;
    Message& older = queue_[at->second - popped_];
    const std::size_t without = bytes_ - older.frame().size();
    const std::size_t frame = message.frame().size();
    if (without + elsewhere_ + frame > options_->limits.hard) return false;
    bytes_ = without + frame;
    older = std::move(message);
    ++dropped_;
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

HAWSER_DECL Backlog::Push Backlog::conflate(Message message) {
    std::string key;
    if (options_->conflation_key) key = options_->conflation_key(message);
    if (!key.empty() && replace_older(key, message)) return Push::accepted;
    if (!fits(message.frame().size())) return Push::overflow;
    append(std::move(message));
    if (!key.empty()) positions_[std::move(key)] = popped_ + queue_.size() - 1;
    return Push::accepted;
}

HAWSER_DECL void Backlog::drop_oldest_for(std::size_t frame) {
    while (!queue_.empty() && !fits(frame)) {
        bytes_ -= queue_.pop().frame().size();
        ++popped_;
        ++dropped_;
    }
}

HAWSER_DECL Message Backlog::pop() {
    Message message = queue_.pop();
    ++popped_;
    bytes_ -= message.frame().size();
    if (!positions_.empty()) {
        const auto at = positions_.find(options_->conflation_key(message));
        if (at != positions_.end() && at->second < popped_) positions_.erase(at);
    }
    return message;
}

HAWSER_DECL void Backlog::clear() noexcept {
    popped_ += queue_.size();
    queue_.clear();
    positions_.clear();
    bytes_ = 0;
}

}  // namespace hawser::inline HAWSER_MODE
