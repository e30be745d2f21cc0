#pragma once

#include <hawser/core/message.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace hawser::inline HAWSER_MODE::detail {

/// The longest header of an unmasked frame (RFC 6455 §5.2), kept free in front of the bytes.
inline constexpr std::size_t frame_header_room = 10;

/// The shared bytes of a long message: this head, room for the frame's header, the bytes.
struct MessageBlock {
    std::atomic<std::uint32_t> references{1};
    std::atomic<Message::Utf8> utf8{Message::Utf8::unchecked};

    [[nodiscard]] std::byte* payload() noexcept {
        return reinterpret_cast<std::byte*>(this + 1) + frame_header_room;
    }

    /// A block with room for `capacity` bytes; throws std::bad_alloc.
    [[nodiscard]] static MessageBlock* allocate(std::size_t capacity) {
        void* memory = std::malloc(sizeof(MessageBlock) + frame_header_room + capacity);
        if (memory == nullptr) throw std::bad_alloc{};
        return new (memory) MessageBlock;
    }

    /// Changes the room of a block that nobody shares; the bytes stay. Throws std::bad_alloc and
    /// leaves the block as it was.
    [[nodiscard]] static MessageBlock* reallocate(MessageBlock* block, std::size_t capacity) {
        // Its atomics are lock-free and trivially copied bytes; nobody else sees them yet.
        const std::size_t size = sizeof(MessageBlock) + frame_header_room + capacity;
        void* memory = std::realloc(static_cast<void*>(block), size);
        if (memory == nullptr) throw std::bad_alloc{};
        return new (memory) MessageBlock;
    }

    void acquire() noexcept { references.fetch_add(1, std::memory_order_relaxed); }

    void release() noexcept {
        if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) std::free(this);
    }
};

/// Writes the header of the unmasked frame that carries `size` bytes so that it ends at `end`.
/// Returns its first byte.
HAWSER_DECL std::byte* write_frame_header(std::byte* end, Message::Kind kind, std::size_t size);

/// The length of that header.
[[nodiscard]] constexpr std::size_t frame_header_size(std::size_t size) noexcept {
    if (size <= 125) return 2;
    return size <= 0xFFFF ? 4 : 10;
}

}  // namespace hawser::inline HAWSER_MODE::detail
