#pragma once

#include <hawser/core/result.hpp>
#include <hawser/http/body_length.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

#include <cstdint>
#include <string_view>
#include <system_error>

namespace hawser::inline HAWSER_MODE::http {

/// Whether a body in the chunked coding may be read (`reads_chunks_strictly`).
enum class ChunkedCoding : std::uint8_t { trusted, refused };

/// What is wrong with a request's line and fields; empty where nothing is. The target must be in
/// origin form, in absolute form with the authority of Host, or `*` for OPTIONS; well encoded and
/// without dot segments. Host: exactly one valid one, which only HTTP/1.0 may leave out.
[[nodiscard]] HAWSER_DECL std::error_code check_request(const RequestHead& head);

/// How long a request's body is (RFC 9112 §6.3), narrower than the RFC where proxies are known to
/// disagree: one Content-Length of digits only, or one Transfer-Encoding that is `chunked`, on
/// HTTP/1.1; never both, and neither on an upgrade to WebSocket.
[[nodiscard]] HAWSER_DECL Result<BodyLength> request_body_length(const RequestHead& head,
                                                                 ChunkedCoding chunked);

/// How long the body of a response to a request with `method` is: none after HEAD, or with 1xx, 204
/// and 304, whatever the fields say; else as for requests, or until the connection ends.
[[nodiscard]] HAWSER_DECL Result<BodyLength>
response_body_length(const ResponseHead& head, std::string_view method, ChunkedCoding chunked);

/// Whether the sender of a message with these fields means to use the connection again
/// (RFC 9112 §9.3).
[[nodiscard]] HAWSER_DECL bool keeps_alive(const Fields& fields, unsigned minor_version) noexcept;

/// Whether a request asks to go on with the WebSocket protocol: `Connection: upgrade` and
/// `Upgrade: websocket`, on HTTP/1.1, as on 1.0 an Upgrade field is to be ignored (RFC 9110 §7.8).
[[nodiscard]] HAWSER_DECL bool is_websocket_upgrade(const RequestHead& head) noexcept;

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/semantics.ipp>
#endif
