#pragma once

#include <hawser/core/result.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/response.hpp>
#include <hawser/polling/refusal.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hawser::inline HAWSER_MODE::polling {

/// What the head of a server's reply says to the client.
struct ServerReply {
    unsigned status = 0;
    /// The cause of a refusal, where the client knows the word.
    std::optional<Refusal> refusal = {};
    std::optional<std::string> session = {};
    std::optional<std::uint64_t> first = {};
    std::optional<std::uint64_t> received = {};
    std::optional<Duration> hold = {};
    std::optional<Duration> interval = {};
    std::optional<Duration> grace = {};
    std::optional<std::uint64_t> max_message = {};
    std::optional<std::uint64_t> max_body = {};
    std::optional<Duration> retry_after = {};
};

/// Reads the head of a reply. `Error::foreign_reply` where it did not come from a server of this
/// protocol; `Error::bad_polling_reply` where a number in it is none.
[[nodiscard]] HAWSER_DECL Result<ServerReply> read_reply(const http::ResponseHead& head);

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/server_reply.ipp>
#endif
