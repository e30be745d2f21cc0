#pragma once

#include <hawser/core/config.hpp>

#include <cstdint>
#include <system_error>
#include <type_traits>

namespace hawser::inline HAWSER_MODE {

/// What went wrong, exactly: for logs and tests. `Condition` groups these for decisions.
enum class Error : std::uint8_t {
    // The life of a channel.
    closed = 1,
    aborted,
    channel_gone,
    receive_pending,
    connection_lost,
    slow_consumer,
    going_away,
    draining,
    // What the application asked.
    invalid_text,
    message_too_big,
    backlog_full,
    bad_argument,
    // Deadlines.
    handshake_timeout,
    idle_timeout,
    keep_alive_timeout,
    write_stalled,
    close_timeout,
    session_expired,
    connect_timeout,
    exchange_timeout,
    answer_timeout,
    message_timeout,
    // HTTP/1.1 heads and bodies (RFC 9112).
    bad_request_line,
    unknown_method,
    bad_status_line,
    bad_version,
    bad_target,
    bad_field,
    bad_line_end,
    bad_host,
    head_too_big,
    target_too_long,
    too_many_fields,
    bad_content_length,
    bad_transfer_encoding,
    unknown_transfer_coding,
    bad_chunk,
    body_too_big,
    unexpected_body,
    content_coding,
    bad_expectation,
    incomplete_message,
    unexpected_bytes,
    // The WebSocket handshake (RFC 6455 §4).
    not_an_upgrade,
    bad_websocket_key,
    bad_websocket_version,
    bad_websocket_accept,
    upgrade_refused,
    unrequested_subprotocol,
    unrequested_extension,
    origin_refused,
    // WebSocket frames (RFC 6455 §5 to §8).
    unmasked_frame,
    masked_frame,
    reserved_bits,
    reserved_opcode,
    bad_frame_length,
    long_control_frame,
    fragmented_control_frame,
    unexpected_continuation,
    expected_continuation,
    too_many_fragments,
    bad_close_payload,
    bad_close_code,
    invalid_utf8,
    bad_compressed_bytes,
    // The polling wire protocol.
    bad_polling_request,
    bad_number,
    bad_frames,
    unknown_session,
    superseded,
    gap,
    busy,
    too_many,
    media_type,
    foreign_reply,
    bad_polling_reply,
    refused_by_peer,
    // Addresses and connecting.
    bad_url,
    unsupported_scheme,
    no_transport_left,
    tls_required,
    certificate_refused,
};

/// What can be done about an error. An error code of this library equals exactly one.
enum class Condition : std::uint8_t {
    /// The peer broke the rules of its protocol; it will do so again.
    protocol_violation = 1,
    /// The peer, or a policy on this side, said no.
    refused,
    /// The peer cannot be reached, or no longer answers; another try may succeed.
    unreachable,
    /// A limit was reached; less, or later, may succeed.
    overloaded,
    /// The channel has ended as somebody wished.
    closed,
    /// The application called what it must not call, or with what it must not pass.
    misuse,
};

/// The category of each `Error`, named "hawser".
[[nodiscard]] HAWSER_DECL const std::error_category& error_category() noexcept;
/// The category of each `Condition`, named "hawser.condition".
[[nodiscard]] HAWSER_DECL const std::error_category& condition_category() noexcept;

/// Found by `std::error_code`, to which an `Error` converts.
[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
    return {static_cast<int>(error), error_category()};
}

/// Found by `std::error_condition`, so that `error == Condition::closed` asks what it seems to ask.
[[nodiscard]] inline std::error_condition make_error_condition(Condition condition) noexcept {
    return {static_cast<int>(condition), condition_category()};
}

}  // namespace hawser::inline HAWSER_MODE

template <>
struct std::is_error_code_enum<hawser::Error> : std::true_type {};
template <>
struct std::is_error_condition_enum<hawser::Condition> : std::true_type {};

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/error.ipp>
#endif
