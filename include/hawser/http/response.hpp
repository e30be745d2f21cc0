#pragma once

#include <hawser/core/output.hpp>
#include <hawser/http/fields.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

/// An answer on its way to the client. What frames it (Content-Length, Transfer-Encoding) is
/// written by the connection and ignored here; `Connection: close` is obeyed.
struct Response {
    unsigned status = 200;
    Fields fields = {};
    Output body = {};
};

/// An answer of `status` with `text` as its text/plain body.
[[nodiscard]] HAWSER_DECL Response make_text_response(unsigned status, std::string_view text);

/// The status line and the header fields of a response, as received.
struct ResponseHead {
    unsigned status = 0;
    std::string reason = {};
    /// The y of HTTP/1.y: 0 or 1.
    unsigned minor_version = 1;
    Fields fields = {};

    friend bool operator==(const ResponseHead&, const ResponseHead&) = default;
};

/// A whole response, as received.
struct ReceivedResponse {
    ResponseHead head;
    std::vector<std::byte> body;

    friend bool operator==(const ReceivedResponse&, const ReceivedResponse&) = default;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/response.ipp>
#endif
