#pragma once

// Replaces `malloc` and its kin, so that what a process takes from the heap is counted exactly. To
// be included in one file of a program only.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <malloc.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAWSER_BENCHMARK_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAWSER_BENCHMARK_SANITIZED
#endif

namespace bench {

/// What a process has taken from the heap since it began to count. May lie in memory that it shares
/// with another process, which reads it.
struct HeapCount {
    /// Calls of `malloc`, `calloc`, `realloc`, `aligned_alloc`, and so of `operator new`.
    std::atomic<std::int64_t> allocations{0};
    /// Bytes taken and not given back, with what the allocator itself needs for each block.
    std::atomic<std::int64_t> bytes{0};
};

/// Where this process counts; null while it does not.
inline HeapCount* heap_count = nullptr;

namespace detail {

/// Not one locked instruction, as that would be measured too: a benchmark's server has one thread.
inline void add(std::atomic<std::int64_t>& count, std::int64_t change) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    count.store(count.load(relaxed) + change, relaxed);
}

inline void note_taken(std::size_t bytes) noexcept {
    if (heap_count == nullptr) return;
    add(heap_count->allocations, 1);
    add(heap_count->bytes, static_cast<std::int64_t>(bytes));
}

inline void note_given_back(std::size_t bytes) noexcept {
    if (heap_count != nullptr) add(heap_count->bytes, -static_cast<std::int64_t>(bytes));
}

}  // namespace detail

}  // namespace bench

#if defined(HAWSER_BENCHMARK_SANITIZED)

// Of <sanitizer/allocator_interface.h>, which not every compiler brings along. The sanitizer has
// replaced `malloc` already; what it adds to a block is not counted.
extern "C" {
std::size_t __sanitizer_get_allocated_size(const volatile void* memory);
int __sanitizer_install_malloc_and_free_hooks(void (*taken)(const volatile void*, std::size_t),
                                              void (*given_back)(const volatile void*));
}

namespace bench {

/// Begins to count in `count`, and no longer where it counted before.
inline void count_heap(HeapCount& count) {
    heap_count = &count;
    [[maybe_unused]] static const int hooks = __sanitizer_install_malloc_and_free_hooks(
        [](const volatile void*, std::size_t size) { detail::note_taken(size); },
        [](const volatile void* memory) {
            if (memory == nullptr) return;
            detail::note_given_back(__sanitizer_get_allocated_size(memory));
        });
}

}  // namespace bench

#else

namespace bench {

/// Begins to count in `count`, and no longer where it counted before.
inline void count_heap(HeapCount& count) {
    heap_count = &count;
}

namespace detail {

/// The bytes of a block, with the word that glibc keeps before it.
inline std::size_t size_of(void* memory) noexcept {
    return memory == nullptr ? 0 : ::malloc_usable_size(memory) + sizeof(std::size_t);
}

inline void* taken(void* memory) noexcept {
    if (memory != nullptr) note_taken(size_of(memory));
    return memory;
}

}  // namespace detail

}  // namespace bench

extern "C" {

// Under these names glibc keeps its own.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) noexcept {
    return bench::detail::taken(__libc_malloc(size));
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    return bench::detail::taken(__libc_calloc(count, size));
}

void* realloc(void* memory, std::size_t size) noexcept {
    const std::size_t before = bench::detail::size_of(memory);
    void* const moved = __libc_realloc(memory, size);
    // Where it fails the block stays; with a size of 0 it goes.
    if (moved != nullptr || size == 0) bench::detail::note_given_back(before);
    return bench::detail::taken(moved);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return bench::detail::taken(__libc_memalign(alignment, size));
}

void free(void* memory) noexcept {
    bench::detail::note_given_back(bench::detail::size_of(memory));
    __libc_free(memory);
}

}  // extern "C"

#endif
