#pragma once

#include <hawser/core/message_builder.hpp>

#include <hawser/core/detail/message_block.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL MessageBuilder::MessageBuilder(MessageBuilder&& other) noexcept
    : block_{std::exchange(other.block_, nullptr)},
      size_{std::exchange(other.size_, 0)},
      capacity_{std::exchange(other.capacity_, 0)} {}

HAWSER_DECL MessageBuilder& MessageBuilder::operator=(MessageBuilder&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
}

HAWSER_DECL MessageBuilder::~MessageBuilder() { clear(); }

HAWSER_DECL void MessageBuilder::clear() noexcept {
    if (block_ != nullptr) block_->release();
    block_ = nullptr;
    size_ = capacity_ = 0;
}

HAWSER_DECL ByteView MessageBuilder::bytes() const noexcept {
    return block_ == nullptr ? ByteView{} : ByteView{block_->payload(), size_};
}

HAWSER_DECL MutableBytes MessageBuilder::tail(std::size_t offset) noexcept {
    if (block_ == nullptr) return {};
    return MutableBytes{block_->payload(), size_}.subspan(offset);
}

HAWSER_DECL void MessageBuilder::reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    block_ = block_ == nullptr ? detail::MessageBlock::allocate(capacity)
                               : detail::MessageBlock::reallocate(block_, capacity);
    capacity_ = capacity;
}

HAWSER_DECL void MessageBuilder::append(ByteView bytes) {
    if (bytes.empty()) return;
    if (size_ + bytes.size() > capacity_) {
        reserve(std::max(size_ + bytes.size(), capacity_ + capacity_ / 2));
    }
    std::ranges::copy(bytes, block_->payload() + size_);
    size_ += bytes.size();
}

HAWSER_DECL MutableBytes MessageBuilder::prepare(std::size_t expected) {
    constexpr std::size_t first_room = 64 * 1024;
    const std::size_t most = std::min(expected, std::max(size_, first_room));
    if (capacity_ == size_) reserve(size_ + most);
    return {block_->payload() + size_, std::min(most, capacity_ - size_)};
}

HAWSER_DECL Message MessageBuilder::finish(Message::Kind kind, Message::Utf8 utf8) {
    if (size_ <= Message::inline_capacity) {
        Message message = Message::make(kind, bytes(), utf8);
        clear();
        return message;
    }
    constexpr std::size_t worth_trimming = 4096;
    if (capacity_ - size_ > worth_trimming) {
        block_ = detail::MessageBlock::reallocate(block_, size_);
    }
    Message message{kind, utf8, size_};
    message.adopt(std::exchange(block_, nullptr));
    size_ = capacity_ = 0;
    return message;
}

}  // namespace hawser::inline HAWSER_MODE
