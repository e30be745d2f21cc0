#pragma once

#include <cstdint>

namespace bench {

/// Calls of the kernel, by what they are for.
struct SyscallCount {
    std::uint64_t receives = 0;
    std::uint64_t sends = 0;
    std::uint64_t waits = 0;
    /// Changes of what is waited for, or until when.
    std::uint64_t watches = 0;

    [[nodiscard]] std::uint64_t all() const noexcept { return receives + sends + waits + watches; }
};

}  // namespace bench
