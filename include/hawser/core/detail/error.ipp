#pragma once

#include <hawser/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// What each error means.
struct ErrorTable {
    struct Row {
        Error error;
        Condition condition;
        const char* text;
    };

    using enum Error;

    /// One row per enumerator, in their order.
    static constexpr Row rows[] = {
        {closed, Condition::closed, "the channel was closed"},
        {aborted, Condition::closed, "the channel was aborted"},
        {channel_gone, Condition::closed, "the channel no longer exists"},
        {receive_pending, Condition::misuse, "a receive is already outstanding"},
        {connection_lost, Condition::unreachable, "the connection ended without a close"},
        {slow_consumer, Condition::overloaded, "the peer reads too slowly"},
        {going_away, Condition::closed, "the peer is going away"},
        {draining, Condition::refused, "the server is draining"},
        {invalid_text, Condition::misuse, "a text message is not UTF-8"},
        {message_too_big, Condition::overloaded, "a message exceeds the limit"},
        {backlog_full, Condition::overloaded, "the backlog is full"},
        {bad_argument, Condition::misuse, "an argument is not allowed"},
        {handshake_timeout, Condition::unreachable, "the handshake took too long"},
        {idle_timeout, Condition::unreachable, "the connection was idle too long"},
        {keep_alive_timeout, Condition::unreachable, "a ping was not answered in time"},
        {write_stalled, Condition::unreachable, "the peer stopped reading"},
        {close_timeout, Condition::unreachable, "the close was not answered in time"},
        {session_expired, Condition::unreachable, "the session was not used within its grace time"},
        {connect_timeout, Condition::unreachable, "connecting took too long"},
        {exchange_timeout, Condition::unreachable, "an HTTP message did not arrive in time"},
        {answer_timeout, Condition::overloaded, "a request was not answered in time"},
        {message_timeout, Condition::unreachable, "a message did not arrive in time"},
        {bad_request_line, Condition::protocol_violation, "the request line is malformed"},
        {unknown_method, Condition::refused, "the method is not known"},
        {bad_status_line, Condition::protocol_violation, "the status line is malformed"},
        {bad_version, Condition::protocol_violation, "the HTTP version is not supported"},
        {bad_target, Condition::protocol_violation, "the request target is malformed"},
        {bad_field, Condition::protocol_violation, "a header field is malformed"},
        {bad_line_end, Condition::protocol_violation, "a line does not end with CRLF"},
        {bad_host, Condition::protocol_violation, "there is not exactly one valid Host field"},
        {head_too_big, Condition::overloaded, "the head exceeds the limit"},
        {target_too_long, Condition::overloaded, "the request target exceeds the limit"},
        {too_many_fields, Condition::overloaded, "there are too many header fields"},
        {bad_content_length, Condition::protocol_violation, "Content-Length is malformed"},
        {bad_transfer_encoding, Condition::protocol_violation,
         "Transfer-Encoding is not acceptable"},
        {unknown_transfer_coding, Condition::refused, "the transfer coding is not supported"},
        {bad_chunk, Condition::protocol_violation, "the chunked coding is malformed"},
        {body_too_big, Condition::overloaded, "the body exceeds the limit"},
        {unexpected_body, Condition::protocol_violation, "a body is not allowed here"},
        {content_coding, Condition::refused, "content codings are not supported"},
        {bad_expectation, Condition::refused, "the expectation cannot be met"},
        {incomplete_message, Condition::unreachable, "the peer stopped in the middle of a message"},
        {unexpected_bytes, Condition::protocol_violation, "bytes arrived where none may"},
        {not_an_upgrade, Condition::protocol_violation, "the request is no WebSocket upgrade"},
        {bad_websocket_key, Condition::protocol_violation, "Sec-WebSocket-Key is malformed"},
        {bad_websocket_version, Condition::refused, "the WebSocket version is not 13"},
        {bad_websocket_accept, Condition::protocol_violation,
         "Sec-WebSocket-Accept does not match"},
        {upgrade_refused, Condition::refused, "the server did not switch to WebSocket"},
        {unrequested_subprotocol, Condition::protocol_violation, "an unrequested subprotocol"},
        {unrequested_extension, Condition::protocol_violation, "an unrequested extension"},
        {origin_refused, Condition::refused, "the origin is not allowed"},
        {unmasked_frame, Condition::protocol_violation, "a client's frame is not masked"},
        {masked_frame, Condition::protocol_violation, "a server's frame is masked"},
        {reserved_bits, Condition::protocol_violation, "a reserved bit is set"},
        {reserved_opcode, Condition::protocol_violation, "a reserved opcode"},
        {bad_frame_length, Condition::protocol_violation, "a frame's length is malformed"},
        {long_control_frame, Condition::protocol_violation, "a control frame is too long"},
        {fragmented_control_frame, Condition::protocol_violation, "a control frame is fragmented"},
        {unexpected_continuation, Condition::protocol_violation, "a continuation of nothing"},
        {expected_continuation, Condition::protocol_violation, "a message inside another"},
        {too_many_fragments, Condition::overloaded, "a message has too many fragments"},
        {bad_close_payload, Condition::protocol_violation, "a close frame's payload is malformed"},
        {bad_close_code, Condition::protocol_violation, "a close code is not allowed"},
        {invalid_utf8, Condition::protocol_violation, "a text message is not UTF-8"},
        {bad_compressed_bytes, Condition::protocol_violation, "compressed bytes are malformed"},
        {bad_polling_request, Condition::protocol_violation, "the polling request is malformed"},
        {bad_number, Condition::protocol_violation, "a number of the polling request is malformed"},
        {bad_frames, Condition::protocol_violation, "the frames of a body are malformed"},
        {unknown_session, Condition::refused, "the session is not known"},
        {superseded, Condition::refused, "a newer request took the place of this one"},
        {gap, Condition::refused, "messages are missing before the first of the body"},
        {busy, Condition::overloaded, "there is no room for the messages yet"},
        {too_many, Condition::overloaded, "there are too many already"},
        {media_type, Condition::refused, "the media type is not accepted"},
        {foreign_reply, Condition::unreachable,
         "the reply did not come from the protocol's server"},
        {bad_polling_reply, Condition::protocol_violation, "the polling reply is malformed"},
        {refused_by_peer, Condition::refused, "the server refused"},
        {bad_url, Condition::misuse, "the URL is malformed"},
        {unsupported_scheme, Condition::misuse, "the URL's scheme is not supported here"},
        {no_transport_left, Condition::unreachable, "no transport reached the server"},
        {tls_required, Condition::misuse, "TLS is not built in: include hawser/tls.hpp"},
        {certificate_refused, Condition::refused, "the server's certificate was not accepted"},
    };

    /// Whether the row of each error stands at its value, which is one more than its index.
    [[nodiscard]] static constexpr bool is_ordered() noexcept {
        std::size_t value = 0;
        return std::ranges::all_of(rows, [&](const Row& row) {
            return static_cast<std::size_t>(row.error) == ++value;
        });
    }

    /// The row of `value`, or null where there is no such error.
    [[nodiscard]] static constexpr const Row* find(int value) noexcept {
        return value < 1 || value > static_cast<int>(std::size(rows)) ? nullptr : &rows[value - 1];
    }
};

static_assert(ErrorTable::is_ordered(), "each error has its row, in the order of the enumerators");

class ErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "hawser"; }
    std::string message(int value) const override {
        const auto* const row = ErrorTable::find(value);
        return row == nullptr ? "unknown error" : row->text;
    }
    std::error_condition default_error_condition(int value) const noexcept override {
        const auto* const row = ErrorTable::find(value);
        if (row == nullptr) return {value, *this};
        return row->condition;
    }
};

class ConditionCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "hawser.condition"; }
    std::string message(int value) const override {
        switch (static_cast<Condition>(value)) {
        case Condition::protocol_violation: return "protocol violation";
        case Condition::refused: return "refused";
        case Condition::unreachable: return "unreachable";
        case Condition::overloaded: return "overloaded";
        case Condition::closed: return "closed";
        case Condition::misuse: return "misuse";
        }
        return "unknown condition";
    }
};

}  // namespace detail

HAWSER_DECL const std::error_category& error_category() noexcept {
    static const detail::ErrorCategory category;
    return category;
}

HAWSER_DECL const std::error_category& condition_category() noexcept {
    static const detail::ConditionCategory category;
    return category;
}

}  // namespace hawser::inline HAWSER_MODE
