#pragma once

#include <cstddef>

#include <malloc.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAWSER_TEST_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAWSER_TEST_SANITIZED
#endif

#if defined(HAWSER_TEST_SANITIZED)
// Of <sanitizer/allocator_interface.h>, which not every compiler brings along.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace test {

/// The bytes that the whole program has from `malloc` at this moment.
[[nodiscard]] inline std::size_t allocated_bytes() {
#if defined(HAWSER_TEST_SANITIZED)
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
#endif
}

}  // namespace test
