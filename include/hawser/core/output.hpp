#pragma once

#include <hawser/core/message.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// Bytes on their way to a stream, in order: short ones copied together, the frames of long
/// messages shared and gathered when written. Moving it moves the ownership of all of them.
class Output {
public:
    /// From this size on, a message's frame is shared instead of copied.
    static constexpr std::size_t share_from = 4096;

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Bytes not yet consumed.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void append(ByteView bytes);
    void append(std::string_view text) { append(as_bytes(text)); }
    /// Appends the unmasked frame of `message`.
    void append_frame(const Message& message);
    /// Appends all that `other` holds, and leaves it empty.
    void append(Output&& other);
    /// Room for `size` bytes at the end, to be written by the caller at once; valid until the next
    /// call that is not const.
    [[nodiscard]] MutableBytes extend(std::size_t size);

    /// Writes views of the first bytes to `into`; returns how many views. They stay valid until the
    /// next call that is not const.
    [[nodiscard]] std::size_t gather(std::span<ByteView> into) const;
    /// Drops the first `size` bytes; frees what is no longer needed, but keeps the buffer of copied
    /// bytes, to be used again.
    void consume(std::size_t size);
    /// Drops everything; keeps the buffer of copied bytes.
    void clear() noexcept;

    /// All bytes in one place, for small outputs and tests.
    [[nodiscard]] std::vector<std::byte> flatten() const;

private:
    /// A frame that stands before the copied bytes from `before` on.
    struct Shared {
        std::size_t before;
        Message message;
    };

    std::vector<std::byte> copied_;
    std::vector<Shared> shared_;
    std::size_t copied_begin_ = 0;
    std::size_t shared_begin_ = 0;
    /// Bytes already consumed of the first shared frame.
    std::size_t frame_offset_ = 0;
    std::size_t size_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/output.ipp>
#endif
