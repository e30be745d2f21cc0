#pragma once

#include <hawser/core/message_builder.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL ByteView MessageBuilder::bytes() const noexcept {
    return empty() ? ByteView{} : memory_.bytes().first(size());
}

HAWSER_DECL MutableBytes MessageBuilder::tail(std::size_t offset) noexcept {
    assert(offset <= size() && "a message has no bytes there yet");
    return empty() ? MutableBytes{} : memory_.bytes().first(size()).subspan(offset);
}

HAWSER_DECL MutableBytes MessageBuilder::extend(std::size_t more, std::size_t most) {
    if (more == 0) return {};
    const std::size_t needed = size() + more;
    const std::size_t grown = std::min(most, capacity() + capacity() / 2);
    if (needed > capacity()) memory_.resize(std::max(needed, grown));
    size_ = needed;
    return memory_.bytes().first(needed).last(more);
}

HAWSER_DECL MutableBytes MessageBuilder::prepare(std::size_t expected) {
    assert(expected != 0 && "a message that is complete needs no room");
    if (capacity() == size()) {
        memory_.resize(size() + std::min(expected, std::max(size(), first_room)));
    }
    return memory_.bytes().subspan(size(), std::min(expected, capacity() - size()));
}

HAWSER_DECL Message MessageBuilder::finish(Message::Kind kind, Message::Utf8 utf8) {
    if (size() <= Message::inline_capacity) {
        Message message = Message::make(kind, bytes(), utf8);
        clear();
        return message;
    }
    // A long-lived message shall not keep what only its growth needed.
    const std::size_t unused = capacity() - size();
    if (unused > size() / 8) static_cast<void>(memory_.try_resize(size()));
    return Message{kind, utf8, std::move(memory_), std::exchange(size_, 0)};
}

}  // namespace hawser::inline HAWSER_MODE
