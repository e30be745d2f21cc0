#pragma once

#include <hawser/http/fields.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

/// The request line and the header fields of a request.
struct RequestHead {
    std::string method = "GET";
    /// As it stands in the request line: `/path?query`, `http://host/path?query`, or `*`. What a
    /// `ServerConnection` has received has no dot segments and no malformed percent-encoding.
    std::string target = "/";
    /// The y of HTTP/1.y: 0 or 1.
    unsigned minor_version = 1;
    Fields fields = {};

    /// Whether this is the method; of methods case matters (RFC 9110 §9.1).
    [[nodiscard]] bool has_method(std::string_view name) const noexcept { return method == name; }
    /// The path of the target, percent-encoded as received, without scheme, authority and query.
    [[nodiscard]] std::string_view path() const noexcept;
    /// What follows the first `?` of the target; empty where there is none.
    [[nodiscard]] std::string_view query() const noexcept;

    friend bool operator==(const RequestHead&, const RequestHead&) = default;
};

/// A whole request, as received.
struct Request {
    RequestHead head;
    std::vector<std::byte> body;

    friend bool operator==(const Request&, const Request&) = default;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/request.ipp>
#endif
