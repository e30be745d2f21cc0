#pragma once

#include <hawser/core/config.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE::http {

/// How long the body of a message is, as its head says (RFC 9112 §6.3).
struct BodyLength {
    enum class Kind : std::uint8_t {
        none,
        /// Of `bytes` bytes, more than none.
        known,
        /// As long as its chunks.
        chunked,
        /// All that comes until the server ends the connection; responses only.
        until_close,
    };

    Kind kind = Kind::none;
    std::uint64_t bytes = 0;

    [[nodiscard]] bool empty() const noexcept { return kind == Kind::none; }

    friend bool operator==(const BodyLength&, const BodyLength&) = default;
};

}  // namespace hawser::inline HAWSER_MODE::http
