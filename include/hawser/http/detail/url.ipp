#pragma once

#include <hawser/http/url.hpp>

#include <hawser/http/grammar.hpp>
#include <hawser/http/target.hpp>

#include <algorithm>
#include <charconv>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

[[nodiscard]] constexpr bool is_letter_or_digit(char c) noexcept {
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

/// A registered name or an IPv4 address. Narrower than RFC 3986 §3.2.2 allows: what no name service
/// knows (sub-delimiters, percent-encoding) is refused.
[[nodiscard]] constexpr bool is_host_name(std::string_view host) noexcept {
    constexpr std::string_view marks = "-._~";
    return !host.empty() && std::ranges::all_of(host, [marks](char c) {
        return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

/// The characters of an IPv6 address; whether it is one, the resolver says.
[[nodiscard]] constexpr bool is_address_literal(std::string_view host) noexcept {
    constexpr std::string_view characters = "0123456789abcdefABCDEF:.";
    return std::ranges::count(host, ':') >= 2 &&
           host.find_first_not_of(characters) == std::string_view::npos;
}

[[nodiscard]] HAWSER_DECL std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

}  // namespace detail

HAWSER_DECL Result<Authority> parse_authority(std::string_view text) {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) return Error::bad_host;
        host = text.substr(1, bracket - 1);
        port = text.substr(bracket + 1);
        if (!detail::is_address_literal(host)) return Error::bad_host;
    } else {
        host = text.substr(0, text.find(':'));
        port = text.substr(host.size());
        if (!detail::is_host_name(host)) return Error::bad_host;
    }
    Authority authority{to_lower(host), std::nullopt};
    // `host:` is allowed and means the default port (RFC 3986 §3.2.3).
    if (port.empty() || port == ":") return authority;
    authority.port = detail::parse_port(port.substr(1));
    if (!port.starts_with(':') || !authority.port) return Error::bad_host;
    return authority;
}

HAWSER_DECL std::string Url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != default_port(scheme)) text.append(":").append(std::to_string(port));
    return text;
}

HAWSER_DECL Result<Url> parse_url(std::string_view text) {
    constexpr std::string_view separator = "://";
    const std::size_t colon = text.find(separator);
    if (colon == std::string_view::npos || colon == 0) return Error::bad_url;
    const auto scheme = find_scheme(text.substr(0, colon));
    if (!scheme) return Error::unsupported_scheme;
    const std::string_view rest = text.substr(colon + separator.size());
    const std::size_t authority_size = std::min(rest.find_first_of("/?#"), rest.size());
    const auto authority = parse_authority(rest.substr(0, authority_size));
    if (!authority) return Error::bad_url;
    std::string target{rest.substr(authority_size)};
    if (!target.starts_with('/')) target.insert(0, "/");
    if (!is_target(target) || !is_well_encoded(target)) return Error::bad_url;
    return Url{*scheme, authority->host, authority->port.value_or(default_port(*scheme)),
               std::move(target)};
}

}  // namespace hawser::inline HAWSER_MODE::http
