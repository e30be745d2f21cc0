#pragma once

#include <hawser/core/detail/message_block.hpp>
#include <hawser/core/detail/tally.hpp>
#include <hawser/core/message.hpp>

#include <cassert>
#include <cstddef>
#include <limits>

namespace hawser::inline HAWSER_MODE {

/// Collects the bytes of one message as they arrive, in the place where they will stay.
///
/// Its memory grows with the bytes received, never with the bytes announced: there is room for at
/// most twice as many as it holds, or for `first_room` more, whichever is greater. Where it throws,
/// for want of memory, it is as it was. What is moved from is empty.
class MessageBuilder {
public:
    /// Bytes that are made room for although they are only announced.
    static constexpr std::size_t first_room = 64 * 1024;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// How many bytes there is room for, those collected included.
    [[nodiscard]] std::size_t capacity() const noexcept { return memory_.capacity(); }
    /// What has been collected; valid until the next call that is not const.
    [[nodiscard]] ByteView bytes() const noexcept;

    /// Copies `bytes`, which are not its own, to the end of a message that will not have more than
    /// `most` bytes.
    void append(ByteView bytes, std::size_t most = any_size) {
        copy_bytes(bytes, extend(bytes.size(), most));
    }
    /// Adds `more` bytes at the end, which the caller, who has them at hand, is to write at once.
    /// Valid until the next call that is not const.
    [[nodiscard]] MutableBytes extend(std::size_t more, std::size_t most = any_size);
    /// Takes the last `bytes` away, of which there must be as many.
    void shorten(std::size_t bytes) noexcept {
        assert(bytes <= size() && "a message has fewer bytes");
        size_ -= bytes;
    }

    /// Room for the next bytes, of which `expected` (not 0) are still to come: at least one, at
    /// most `expected`. Valid until the next call that is not const.
    [[nodiscard]] MutableBytes prepare(std::size_t expected);
    /// Says that the first `written` bytes of what `prepare` offered are there.
    void commit(std::size_t written) noexcept {
        assert(written <= capacity() - size() && "more was committed than prepared");
        size_ += written;
    }
    /// The bytes from `offset` on, to be changed in place (unmasked); valid as long as `bytes()`.
    [[nodiscard]] MutableBytes tail(std::size_t offset) noexcept;

    /// The message; leaves the builder empty.
    [[nodiscard]] Message finish(Message::Kind kind, Message::Utf8 utf8);
    /// Forgets everything and frees the memory.
    void clear() noexcept { *this = MessageBuilder{}; }

private:
    static constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

    detail::BlockMemory memory_;
    detail::Tally size_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/message_builder.ipp>
#endif
