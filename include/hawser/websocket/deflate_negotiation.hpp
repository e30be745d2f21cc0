#pragma once

#include <hawser/core/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::websocket {

/// How the messages of one direction are compressed.
struct DeflateDirection {
    /// What a window may be. A peer may ask for 8, which zlib cannot do: a server declines that
    /// offer, a client compresses nothing.
    static constexpr int least_window_bits = 9;
    static constexpr int most_window_bits = 15;

    /// The base-2 logarithm of how far back a repetition is found.
    int window_bits = most_window_bits;
    /// Whether repetitions are found in earlier messages too. That makes short ones of one kind far
    /// shorter, but both ends keep memory for the connection from the first one on: to compress
    /// 2^(window_bits+2) + 2^(memory_level+9) bytes, 256 KiB by default, to inflate 2^window_bits +
    /// some 7 KiB. Without it that memory is needed only while a message is compressed or inflated,
    /// and a message that is sent to many is compressed once for all of them.
    bool context_takeover = false;

    friend bool operator==(const DeflateDirection&, const DeflateDirection&) = default;
};

/// How permessage-deflate (RFC 7692) is offered and accepted, on either side.
struct DeflateOptions {
    /// What we send: the most that may be agreed on.
    DeflateDirection send = {};
    /// What we receive: a client insists; a server asks for it as far as the client's offer lets
    /// it, and takes a larger window where it does not.
    DeflateDirection receive = {};
    /// zlib's: from 1, fast, to 9, small.
    int level = 6;
    /// zlib's: how much memory is used to compress, from 1 to 9.
    int memory_level = 8;
    /// Messages of fewer bytes are sent as they are.
    std::size_t threshold = 1024;
};

/// Whether an application may use these options; else `Error::bad_argument`.
[[nodiscard]] HAWSER_DECL std::error_code check(const DeflateOptions& options) noexcept;

/// What both sides have agreed on, by who compresses.
struct DeflateAgreement {
    DeflateDirection server = {.context_takeover = true};
    DeflateDirection client = {.context_takeover = true};

    friend bool operator==(const DeflateAgreement&, const DeflateAgreement&) = default;
};

/// An offer that a server has accepted.
struct AcceptedDeflate {
    DeflateAgreement agreement;
    /// The value of Sec-WebSocket-Extensions that says so.
    std::string field;
};

/// Server: the first of the client's `offers` that can be met (RFC 7692 §5). One with a parameter
/// that is unknown, repeated or out of range is declined, and so are all in a malformed list.
[[nodiscard]] HAWSER_DECL std::optional<AcceptedDeflate>
accept_deflate(std::string_view offers, const DeflateOptions& options);

/// Client: the value of Sec-WebSocket-Extensions that asks for `options`.
[[nodiscard]] HAWSER_DECL std::string deflate_offer(const DeflateOptions& options);

/// Client: what the server's `answer` to that means. `Error::unrequested_extension` where it is
/// malformed or not what was offered.
[[nodiscard]] HAWSER_DECL Result<DeflateAgreement>
read_deflate_answer(std::string_view answer, const DeflateOptions& options);

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/deflate_negotiation.ipp>
#endif
