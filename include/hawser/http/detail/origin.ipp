#pragma once

#include <hawser/http/origin.hpp>

#include <hawser/http/url.hpp>

#include <algorithm>
#include <optional>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// A parsed origin (RFC 6454 §6.2); port 0 where neither the origin nor its scheme names one.
struct Origin {
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const Origin&, const Origin&) = default;
};

[[nodiscard]] HAWSER_DECL std::optional<Origin> parse_origin(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) return std::nullopt;
    const auto authority = parse_authority(text.substr(colon + 3));
    if (!authority) return std::nullopt;
    Origin origin{to_lower(text.substr(0, colon)), authority->host, 0};
    const auto scheme = find_scheme(origin.scheme);
    origin.port = authority->port.value_or(scheme ? default_port(*scheme) : std::uint16_t{0});
    return origin;
}

[[nodiscard]] HAWSER_DECL bool is_same_host(const Origin& origin, const RequestHead& head,
                                            Security security) {
    if (security == Security::tls && origin.scheme != "https") return false;
    const auto scheme = find_scheme(origin.scheme);
    const auto authority = parse_authority(head.fields.find("Host").value_or(""));
    if (!scheme || !authority || authority->host != origin.host) return false;
    return authority->port.value_or(default_port(*scheme)) == origin.port;
}

}  // namespace detail

HAWSER_DECL std::error_code check_origin(const RequestHead& head, const OriginPolicy& policy,
                                         Security security) {
    const std::size_t count = head.fields.count("Origin");
    if (count == 0) return {};
    if (count > 1) return Error::origin_refused;
    if (policy.any) return {};
    const auto origin = detail::parse_origin(*head.fields.find("Origin"));
    if (!origin) return Error::origin_refused;
    const bool allowed =
        policy.allowed.empty()
            ? detail::is_same_host(*origin, head, security)
            : std::ranges::any_of(policy.allowed, [&origin](const std::string& entry) {
                  return detail::parse_origin(entry) == origin;
              });
    return allowed ? std::error_code{} : make_error_code(Error::origin_refused);
}

}  // namespace hawser::inline HAWSER_MODE::http
