#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/detail/message_block.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// One message: its kind and its bytes. Immutable, and cheap to copy: long messages share their
/// bytes, short ones (up to `inline_capacity`) live in the object and never touch the heap.
///
/// The bytes are kept behind the header of the unmasked, unfragmented RFC 6455 frame that carries
/// them, because every transport of this library writes that frame: a message is encoded once, when
/// it is made, and can then be sent on to one peer or ten thousand without another copy.
///
/// Copies may be used from different threads. What is moved from is empty, of the same kind.
class Message {
public:
    enum class Kind : std::uint8_t { text, binary };

    /// Whether the bytes of a text message have been found to be UTF-8.
    enum class Utf8 : std::uint8_t { unchecked, valid, invalid };

    /// The most bytes of a message that is kept in the object.
    static constexpr std::size_t inline_capacity = 46;

    /// The empty binary message.
    Message() noexcept : kind_{Kind::binary}, utf8_{Utf8::unchecked} { become_empty(); }
    Message(const Message& other) noexcept;
    Message(Message&& other) noexcept;
    Message& operator=(const Message& other) noexcept { return *this = Message{other}; }
    Message& operator=(Message&& other) noexcept;
    ~Message() { release(); }

    /// A text message with a copy of `text`. Not checked here: the first `send` does it, once, and
    /// fails with `Error::invalid_text` where it is not UTF-8.
    [[nodiscard]] static Message text(std::string_view text);
    /// A binary message with a copy of `bytes`.
    [[nodiscard]] static Message binary(ByteView bytes);
    /// A message of `kind` with a copy of `bytes`, whose encoding is already known as `utf8`.
    [[nodiscard]] static Message make(Kind kind, ByteView bytes, Utf8 utf8 = Utf8::unchecked);
    /// A message of `kind` with `size` bytes that `fill` writes in the place where they will stay:
    /// all of what it is given, a `MutableBytes`. It returns what it knows of their encoding.
    template <class Fill>
    [[nodiscard]] static Message filled(Kind kind, std::size_t size, Fill fill);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_text() const noexcept { return kind_ == Kind::text; }
    /// How many bytes it has, without the frame's header.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// The bytes; valid while this object, or for long messages any copy of it, lives unmoved.
    [[nodiscard]] ByteView bytes() const noexcept;
    /// The bytes as characters, whatever the kind; valid as long as `bytes()`.
    [[nodiscard]] std::string_view view() const noexcept { return as_characters(bytes()); }
    /// The whole unmasked frame (RFC 6455 §5.2): header, then bytes. Valid as long as `bytes()`.
    [[nodiscard]] ByteView frame() const noexcept;

    /// What is known of the encoding; remembered by all copies that share the bytes.
    [[nodiscard]] Utf8 utf8() const noexcept;
    /// Remembers the outcome of a check of the encoding, for long messages; a short one forgets it,
    /// as to check it again costs little. Safe from any thread.
    void remember_utf8(Utf8 found) const noexcept;

    /// What the bytes were made into, as `key` says, and kept with them by `remember_form` of any
    /// copy; null where nothing was, and for short messages. Valid as long as `bytes()`.
    [[nodiscard]] const Message* form(std::uint32_t key) const noexcept;
    /// Keeps `form`, which the bytes were made into (compressed, say), with them, so that it is
    /// made once for all copies of a long message; a short one forgets it. Whoever makes forms
    /// names each way of making by a `key` of its own. Safe from any thread; where two keep a form
    /// by the same key at once, either may be found.
    void remember_form(std::uint32_t key, Message form) const;

    /// Same kind and same bytes.
    friend bool operator==(const Message& a, const Message& b) noexcept {
        return a.kind_ == b.kind_ && a.view() == b.view();
    }

private:
    friend class MessageBuilder;

    /// The longest header of the frame of a short message.
    static constexpr std::size_t inline_header = 2;

    union Place {
        /// The frame of a short message.
        std::byte own[inline_header + inline_capacity];
        /// Where the copies of a long message find theirs.
        detail::MessageBlock* shared;
    };

    /// With `size` bytes to be written, which are few enough for the object.
    Message(Kind kind, std::size_t size) noexcept;
    /// With the first `size` bytes of `memory`, which are too many for the object.
    Message(Kind kind, Utf8 utf8, detail::BlockMemory&& memory, std::size_t size) noexcept;

    [[nodiscard]] bool is_inline() const noexcept { return size_ <= inline_capacity; }
    void become_empty() noexcept;
    void release() noexcept;

    Place place_;
    std::size_t size_;
    Kind kind_;
    Utf8 utf8_;
};

template <class Fill>
Message Message::filled(Kind kind, std::size_t size, Fill fill) {
    if (size <= inline_capacity) {
        Message message{kind, size};
        message.utf8_ = fill(MutableBytes{message.place_.own + inline_header, size});
        return message;
    }
    detail::BlockMemory memory;
    memory.resize(size);
    const Utf8 utf8 = fill(memory.bytes());
    return Message{kind, utf8, std::move(memory), size};
}

static_assert(sizeof(void*) != 8 || sizeof(Message) == 64, "a message fills one cache line");

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/message.ipp>
#endif
