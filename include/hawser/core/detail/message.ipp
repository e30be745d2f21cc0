#pragma once

#include <hawser/core/message.hpp>

#include <hawser/core/detail/message_block.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

HAWSER_DECL std::byte* write_frame_header(std::byte* end, Message::Kind kind, std::size_t size) {
    const std::size_t header = frame_header_size(size);
    std::byte* const begin = end - header;
    // FIN and the opcode: 1 is a text frame, 2 a binary one (RFC 6455 §5.2).
    begin[0] = kind == Message::Kind::text ? std::byte{0x81} : std::byte{0x82};
    if (header == 2) {
        begin[1] = static_cast<std::byte>(size);
        return begin;
    }
    begin[1] = header == 4 ? std::byte{126} : std::byte{127};
    for (std::byte* at = end; at != begin + 2; size >>= 8) *--at = static_cast<std::byte>(size);
    return begin;
}

}  // namespace detail

HAWSER_DECL Message::Message() noexcept : Message{Kind::binary, Utf8::unchecked, 0} {
    inline_ = {};
    detail::write_frame_header(inline_.data() + 2, kind_, 0);
}

HAWSER_DECL Message::Message(const Message& other) noexcept
    : size_{other.size_}, kind_{other.kind_}, utf8_{other.utf8_} {
    if (is_inline()) {
        inline_ = other.inline_;
        return;
    }
    block_ = other.block_;
    block_->acquire();
}

HAWSER_DECL Message::Message(Message&& other) noexcept
    : size_{other.size_}, kind_{other.kind_}, utf8_{other.utf8_} {
    if (is_inline()) {
        inline_ = other.inline_;
        return;
    }
    block_ = other.block_;
    // What is left behind is the empty message of the same kind.
    other.size_ = 0;
    other.inline_ = {};
    detail::write_frame_header(other.inline_.data() + 2, kind_, 0);
}

HAWSER_DECL Message& Message::operator=(const Message& other) noexcept {
    if (this != &other) *this = Message{other};
    return *this;
}

HAWSER_DECL Message& Message::operator=(Message&& other) noexcept {
    if (this == &other) return *this;
    release();
    new (this) Message{std::move(other)};
    return *this;
}

HAWSER_DECL Message::~Message() { release(); }

HAWSER_DECL void Message::release() noexcept {
    if (!is_inline()) block_->release();
}

HAWSER_DECL void Message::adopt(detail::MessageBlock* block) noexcept {
    block_ = block;
    block_->utf8.store(utf8_, std::memory_order_relaxed);
    detail::write_frame_header(block_->payload(), kind_, size_);
}

HAWSER_DECL Message Message::text(std::string_view text) {
    return make(Kind::text, as_bytes(text));
}

HAWSER_DECL Message Message::binary(ByteView bytes) { return make(Kind::binary, bytes); }

HAWSER_DECL Message Message::make(Kind kind, ByteView bytes, Utf8 utf8) {
    if (bytes.size() > inline_capacity) {
        auto* const block = detail::MessageBlock::allocate(bytes.size());
        std::ranges::copy(bytes, block->payload());
        Message message{kind, utf8, bytes.size()};
        message.adopt(block);
        return message;
    }
    Message message{kind, utf8, bytes.size()};
    message.inline_ = {};
    std::byte* const payload = message.inline_.data() + (room - inline_capacity);
    detail::write_frame_header(payload, kind, bytes.size());
    std::ranges::copy(bytes, payload);
    return message;
}

HAWSER_DECL ByteView Message::bytes() const noexcept {
    if (is_inline()) return {inline_.data() + (room - inline_capacity), size_};
    return {block_->payload(), size_};
}

HAWSER_DECL ByteView Message::frame() const noexcept {
    const std::size_t header = detail::frame_header_size(size_);
    return {bytes().data() - header, header + size_};
}

HAWSER_DECL Message::Utf8 Message::utf8() const noexcept {
    return is_inline() ? utf8_ : block_->utf8.load(std::memory_order_relaxed);
}

HAWSER_DECL void Message::remember_utf8(Utf8 found) const noexcept {
    if (!is_inline()) block_->utf8.store(found, std::memory_order_relaxed);
}

}  // namespace hawser::inline HAWSER_MODE
