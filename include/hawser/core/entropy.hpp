#pragma once

#include <hawser/core/bytes.hpp>

#include <array>
#include <bit>
#include <cstdint>

namespace hawser::inline HAWSER_MODE {

/// A source of random bytes, given to whatever must be unpredictable (session tokens, mask keys,
/// handshake keys) or spread out (back-off). Copyable; refers to its state, which must outlive it.
class Entropy {
public:
    /// Writes random bytes to all of `into`, with the state it was given.
    using Fill = void (*)(void* state, MutableBytes into);

    /// A source that calls `function(state, into)`.
    constexpr Entropy(Fill function, void* state) noexcept : fill_{function}, state_{state} {}

    /// Writes random bytes to all of `into`.
    void fill(MutableBytes into) const { fill_(state_, into); }

    /// A number with all 64 bits random.
    [[nodiscard]] std::uint64_t number() const {
        std::array<std::byte, sizeof(std::uint64_t)> bytes{};
        fill(bytes);
        return std::bit_cast<std::uint64_t>(bytes);
    }

private:
    Fill fill_;
    void* state_;
};

/// The operating system's generator (getrandom), safe for secrets, from any thread.
/// Aborts the process when the system has none to give: there is no safe way to go on.
[[nodiscard]] HAWSER_DECL Entropy system_entropy() noexcept;

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/entropy.ipp>
#endif
