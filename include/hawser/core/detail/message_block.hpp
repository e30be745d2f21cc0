#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/config.hpp>
#include <hawser/core/detail/tally.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace hawser::inline HAWSER_MODE::detail {

/// What a message was made into.
struct MessageForm;

/// Destroys `first` and all that follow it.
HAWSER_DECL void destroy_forms(MessageForm* first) noexcept;

/// What all copies of a long message share: this, then room for the frame's header, then the bytes,
/// in one piece of memory from `std::malloc`.
struct MessageBlock {
    /// The longest header of an unmasked frame (RFC 6455 §5.2).
    static constexpr std::size_t header_room = 10;
    /// Where the bytes begin.
    static constexpr std::size_t bytes_at = 2 * sizeof(std::uint64_t) + header_room;

    std::atomic<std::uint32_t> references{1};
    /// A `Message::Utf8`.
    std::atomic<std::uint8_t> utf8{0};
    /// What the message was made into, newest first; null for most.
    std::atomic<MessageForm*> forms{nullptr};

    [[nodiscard]] const std::byte* bytes() const noexcept {
        return reinterpret_cast<const std::byte*>(this) + bytes_at;
    }

    void acquire() noexcept { references.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        // Whoever frees the memory has seen all that the others did with it.
        if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        if (auto* const made = forms.load(std::memory_order_relaxed)) destroy_forms(made);
        std::free(this);
    }
};

static_assert(sizeof(MessageBlock) + MessageBlock::header_room <= MessageBlock::bytes_at);
static_assert(std::is_trivially_destructible_v<MessageBlock>, "it is freed, not destroyed");

/// The memory of a message block to come. As long as there are but bytes in it, it may grow in
/// place; the block itself, which cannot be moved, is made at the very end.
class BlockMemory {
public:
    /// Bytes of a message there is room for.
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    /// The room for them; there must be some.
    [[nodiscard]] MutableBytes bytes() const noexcept {
        return {memory_.get() + MessageBlock::bytes_at, capacity_};
    }

    /// Changes the room; as many bytes as fit stay. Says whether it could: if not, for want of
    /// memory, nothing has changed.
    [[nodiscard]] bool try_resize(std::size_t capacity) noexcept {
        void* const memory = std::realloc(memory_.get(), MessageBlock::bytes_at + capacity);
        if (memory == nullptr) return false;
        static_cast<void>(memory_.release());
        memory_.reset(static_cast<std::byte*>(memory));
        capacity_ = capacity;
        return true;
    }

    /// The same, but throws `std::bad_alloc` if it could not.
    void resize(std::size_t capacity) {
        if (!try_resize(capacity)) throw std::bad_alloc{};
    }

    /// The block, with one reference.
    [[nodiscard]] MessageBlock* into_block() && noexcept {
        capacity_ = 0;
        return new (memory_.release()) MessageBlock;
    }

private:
    struct Free {
        void operator()(std::byte* memory) const noexcept { std::free(memory); }
    };

    std::unique_ptr<std::byte, Free> memory_;
    Tally capacity_;
};

}  // namespace hawser::inline HAWSER_MODE::detail
