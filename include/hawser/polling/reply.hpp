#pragma once

#include <hawser/core/output.hpp>
#include <hawser/core/time.hpp>
#include <hawser/polling/refusal.hpp>

#include <cstdint>
#include <optional>

namespace hawser::inline HAWSER_MODE::polling {

/// What a session answers to a request, in the words of the protocol. `Door` makes it HTTP.
struct Reply {
    /// 200 with frames, 204 without; a refusal has its own status.
    unsigned status = 204;
    std::optional<Refusal> refusal = {};
    /// The number of the last message that the session has from the client; not where there is no
    /// living session.
    std::optional<std::uint64_t> received = {};
    /// The number of the first message in `body`.
    std::optional<std::uint64_t> first = {};
    /// How long the client is to rest before its next short poll.
    std::optional<Duration> interval = {};
    Output body = {};
};

/// The reply that refuses a request.
[[nodiscard]] inline Reply refuse(Refusal refusal) {
    return {.status = terms_of(refusal).status, .refusal = refusal};
}

}  // namespace hawser::inline HAWSER_MODE::polling
