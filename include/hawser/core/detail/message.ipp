#pragma once

#include <hawser/core/message.hpp>

#include <cstdint>
#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// The length of the header of the unmasked frame that carries `size` bytes.
[[nodiscard]] constexpr std::size_t frame_header_size(std::size_t size) noexcept {
    if (size <= 125) return 2;
    return size <= 0xFFFF ? 4 : 10;
}

/// Writes that header so that it ends at `end`.
HAWSER_DECL void write_frame_header(std::byte* end, Message::Kind kind, std::size_t size) noexcept {
    const std::size_t header = frame_header_size(size);
    std::byte* const begin = end - header;
    // FIN and the opcode: 1 is a text frame, 2 a binary one (RFC 6455 §5.2).
    begin[0] = kind == Message::Kind::text ? std::byte{0x81} : std::byte{0x82};
    if (header == 2) {
        begin[1] = static_cast<std::byte>(size);
        return;
    }
    begin[1] = header == 4 ? std::byte{126} : std::byte{127};
    // "in network byte order"
    for (std::byte* at = end; at != begin + 2; size >>= 8) *--at = static_cast<std::byte>(size);
}

struct MessageForm {
    std::uint32_t key;
    Message message;
    MessageForm* next;
};

HAWSER_DECL void destroy_forms(MessageForm* first) noexcept {
    while (first != nullptr) delete std::exchange(first, first->next);
}

}  // namespace detail

HAWSER_DECL Message::Message(const Message& other) noexcept
    : place_{other.place_}, size_{other.size_}, kind_{other.kind_}, utf8_{other.utf8_} {
    if (!is_inline()) place_.shared->acquire();
}

HAWSER_DECL Message::Message(Message&& other) noexcept
    : place_{other.place_}, size_{other.size_}, kind_{other.kind_}, utf8_{other.utf8_} {
    other.become_empty();
}

HAWSER_DECL Message::Message(Kind kind, std::size_t size) noexcept
    : size_{size}, kind_{kind}, utf8_{Utf8::unchecked} {
    detail::write_frame_header(place_.own + inline_header, kind, size);
}

HAWSER_DECL Message::Message(Kind kind, Utf8 utf8, detail::BlockMemory&& memory,
                             std::size_t size) noexcept
    : size_{size}, kind_{kind}, utf8_{utf8} {
    detail::write_frame_header(memory.bytes().data(), kind, size);
    place_.shared = std::move(memory).into_block();
    remember_utf8(utf8);
}

HAWSER_DECL Message& Message::operator=(Message&& other) noexcept {
    if (this == &other) return *this;
    release();
    place_ = other.place_;
    size_ = other.size_;
    kind_ = other.kind_;
    utf8_ = other.utf8_;
    other.become_empty();
    return *this;
}

HAWSER_DECL void Message::become_empty() noexcept {
    size_ = 0;
    // Element by element, so that the array becomes the union's member ([class.union]/6).
    place_.own[0] = kind_ == Kind::text ? std::byte{0x81} : std::byte{0x82};
    place_.own[1] = std::byte{0};
}

HAWSER_DECL void Message::release() noexcept {
    if (!is_inline()) place_.shared->release();
}

HAWSER_DECL Message Message::text(std::string_view text) {
    return make(Kind::text, as_bytes(text));
}

HAWSER_DECL Message Message::binary(ByteView bytes) { return make(Kind::binary, bytes); }

HAWSER_DECL Message Message::make(Kind kind, ByteView bytes, Utf8 utf8) {
    return filled(kind, bytes.size(), [&](MutableBytes place) {
        copy_bytes(bytes, place);
        return utf8;
    });
}

HAWSER_DECL ByteView Message::bytes() const noexcept {
    return {is_inline() ? place_.own + inline_header : place_.shared->bytes(), size_};
}

HAWSER_DECL ByteView Message::frame() const noexcept {
    const std::size_t header = detail::frame_header_size(size_);
    return {bytes().data() - header, header + size_};
}

HAWSER_DECL Message::Utf8 Message::utf8() const noexcept {
    if (is_inline()) return utf8_;
    return static_cast<Utf8>(place_.shared->utf8.load(std::memory_order_relaxed));
}

HAWSER_DECL void Message::remember_utf8(Utf8 found) const noexcept {
    if (is_inline()) return;
    place_.shared->utf8.store(static_cast<std::uint8_t>(found), std::memory_order_relaxed);
}

HAWSER_DECL const Message* Message::form(std::uint32_t key) const noexcept {
    if (is_inline()) return nullptr;
    const auto* form = place_.shared->forms.load(std::memory_order_acquire);
    while (form != nullptr && form->key != key) form = form->next;
    return form == nullptr ? nullptr : &form->message;
}

HAWSER_DECL void Message::remember_form(std::uint32_t key, Message form) const {
    if (is_inline()) return;
    auto& forms = place_.shared->forms;
    auto* const made = new detail::MessageForm{
        key, std::move(form), forms.load(std::memory_order_relaxed)};
    while (!forms.compare_exchange_weak(made->next, made, std::memory_order_release,
                                        std::memory_order_relaxed)) {
    }
}

}  // namespace hawser::inline HAWSER_MODE
