#pragma once

#include <hawser/http/request.hpp>

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

/// Which web pages may use an endpoint (RFC 6455 §10.2). Browsers say in the Origin field where a
/// page came from; a request without it comes from no browser and is always allowed.
struct OriginPolicy {
    /// Whether pages from everywhere may.
    bool any = false;
    /// Origins such as `https://example.com` or `https://example.com:8443`. When not empty these
    /// may, and no others; when empty, pages from the host that the request names may.
    std::vector<std::string> allowed = {};
};

/// How a connection is protected on its way to this process.
enum class Security : std::uint8_t { plain, tls };

/// `Error::origin_refused` where `policy` does not allow the page behind `head`; so it is, but for
/// `any`, with `null` and with what is no origin, and always with more than one Origin field.
///
/// By default the origin's host and port must be those of the Host field, with the default ports of
/// the origin's own scheme: a proxy that ends TLS may stand before a `plain` connection. On a `tls`
/// connection the origin must be an https one.
[[nodiscard]] HAWSER_DECL std::error_code
check_origin(const RequestHead& head, const OriginPolicy& policy, Security security);

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/origin.ipp>
#endif
