#pragma once

#include <hawser/core/error.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace hawser::inline HAWSER_MODE::polling {

/// Why a request is refused. A refusal never changes a session.
enum class Refusal : std::uint8_t {
    bad_request,
    bad_number,
    bad_frames,
    method,
    unknown_session,
    superseded,
    gap,
    message_too_big,
    body_too_big,
    media_type,
    origin,
    busy,
    too_many,
    /// As `too_many`, but a cap of the caller's own address.
    too_many_of_address,
    draining,
};

/// How a refusal looks on the wire, and what it is for a log.
struct RefusalTerms {
    unsigned status;
    /// The value of `Hawser-Error`.
    std::string_view word;
    Error error;
};

[[nodiscard]] HAWSER_DECL RefusalTerms terms_of(Refusal refusal) noexcept;

/// The refusal that a value of `Hawser-Error` names; the first of those that share a word.
[[nodiscard]] HAWSER_DECL std::optional<Refusal> refusal_named(std::string_view word) noexcept;

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/refusal.ipp>
#endif
