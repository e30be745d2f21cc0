#pragma once

#include <hawser/core/output.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

#include <cstddef>
#include <cstdint>

namespace hawser::inline HAWSER_MODE::http {

/// Whether the connection goes on after a message.
enum class Persistence : std::uint8_t { close, keep_alive };

/// What the head of a response depends on besides the response.
struct ResponseContext {
    /// Of the request.
    unsigned minor_version = 1;
    Persistence persistence = Persistence::keep_alive;
};

/// Appends the head of `response` in HTTP/1.1, with the Content-Length of its body (none with 1xx,
/// 204 and 304, RFC 9110 §8.6) and the Connection field that `context`, and an Upgrade field of the
/// response, ask for. Content-Length, Transfer-Encoding and Connection fields of the response are
/// left out; but for 101, whose Connection field is written as it is.
HAWSER_DECL void write_response_head(Output& into, const Response& response,
                                     const ResponseContext& context = {});

/// Appends `head`, and a Content-Length where `body_size` is not 0 or the method is one that
/// expects a body (POST, PUT, PATCH). Content-Length and Transfer-Encoding fields of `head` are
/// left out. `method` must be a token and `target` a target.
HAWSER_DECL void write_request_head(Output& into, const RequestHead& head, std::size_t body_size);

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/serializer.ipp>
#endif
