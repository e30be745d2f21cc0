#pragma once

#include <hawser/core/detail/tally.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/queue.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// Bytes on their way to a stream, in order: short ones copied together, the frames of long
/// messages shared, and gathered when they are written.
///
/// What is moved from is empty. Where an `append` throws, for want of memory, nothing has changed.
class Output {
public:
    /// From this size on, a message's frame is shared instead of copied.
    static constexpr std::size_t share_from = 4096;
    /// The most room for copied bytes that an output keeps when it has become empty.
    static constexpr std::size_t kept = 64 * 1024;

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Bytes not yet consumed.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Appends a copy of `bytes`, which are not its own.
    void append(ByteView bytes);
    void append(std::string_view text) { append(as_bytes(text)); }
    /// Appends the unmasked frame of `message`.
    void append_frame(const Message& message);
    /// Appends a copy of `head`, which stands in for the header of the message's own frame, and the
    /// bytes of `message`.
    void append_with_head(ByteView head, const Message& message);
    /// Appends all that `other` holds, and leaves it empty; does nothing to itself.
    void append(Output&& other);
    /// Room for `size` bytes at the end, zeros, to be overwritten by the caller at once; valid
    /// until the next call that is not const.
    [[nodiscard]] MutableBytes extend(std::size_t size);

    /// Writes views of the first bytes to `into`, none of them empty; returns how many views. They
    /// stay valid until the next call that is not const.
    [[nodiscard]] std::size_t gather(std::span<ByteView> into) const noexcept;
    /// Drops the first `size` bytes, of which there must be as many.
    void consume(std::size_t size) noexcept;
    /// Drops everything.
    void clear() noexcept;

    /// All bytes in one place, for small outputs and tests.
    [[nodiscard]] std::vector<std::byte> flatten() const;

private:
    /// The rest of a frame, which stands before the copied bytes from `before` on.
    struct Shared {
        std::size_t before;
        std::size_t consumed;
        Message message;

        [[nodiscard]] ByteView rest() const noexcept { return message.frame().subspan(consumed); }
    };

    template <class Visit>
    void visit_pieces(Visit visit) const;
    void make_room(std::size_t size);

    std::vector<std::byte> copied_;
    Queue<Shared> shared_;
    detail::Tally copied_consumed_;
    detail::Tally size_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/output.ipp>
#endif
