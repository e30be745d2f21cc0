#pragma once

#include <hawser/core/message.hpp>

#include <cstddef>

namespace hawser::inline HAWSER_MODE {

/// Collects the bytes of one message as they arrive, in the place where they will stay.
/// Its memory grows with the bytes received, never with the bytes announced.
class MessageBuilder {
public:
    MessageBuilder() noexcept = default;
    MessageBuilder(MessageBuilder&& other) noexcept;
    MessageBuilder& operator=(MessageBuilder&& other) noexcept;
    ~MessageBuilder();

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// What has been collected; valid until the next call that is not const.
    [[nodiscard]] ByteView bytes() const noexcept;

    /// Copies `bytes` to the end.
    void append(ByteView bytes);

    /// Room for the next bytes, of which `expected` more are announced: at most that many, at least
    /// one, and no more than has been received already or 64 KiB, whichever is greater. Valid until
    /// the next call that is not const. `expected` must not be 0.
    [[nodiscard]] MutableBytes prepare(std::size_t expected);
    /// Says that the first `written` bytes of what `prepare` offered are there.
    void commit(std::size_t written) noexcept { size_ += written; }
    /// The bytes from `offset` on, to be changed in place (unmasked).
    [[nodiscard]] MutableBytes tail(std::size_t offset) noexcept;

    /// The message; leaves the builder empty.
    [[nodiscard]] Message finish(Message::Kind kind, Message::Utf8 utf8);
    /// Forgets everything and frees the memory.
    void clear() noexcept;

private:
    void reserve(std::size_t capacity);

    detail::MessageBlock* block_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/message_builder.ipp>
#endif
