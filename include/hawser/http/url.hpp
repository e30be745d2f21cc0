#pragma once

#include <hawser/core/result.hpp>
#include <hawser/http/grammar.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::http {

enum class Scheme : std::uint8_t { http, https, ws, wss };

[[nodiscard]] constexpr bool uses_tls(Scheme scheme) noexcept {
    return scheme == Scheme::https || scheme == Scheme::wss;
}

/// The scheme called `name`, in any case.
[[nodiscard]] constexpr std::optional<Scheme> find_scheme(std::string_view name) noexcept {
    if (equal_ignoring_case(name, "http")) return Scheme::http;
    if (equal_ignoring_case(name, "https")) return Scheme::https;
    if (equal_ignoring_case(name, "ws")) return Scheme::ws;
    if (equal_ignoring_case(name, "wss")) return Scheme::wss;
    return std::nullopt;
}

/// The port that a URL of this scheme means when it names none.
[[nodiscard]] constexpr std::uint16_t default_port(Scheme scheme) noexcept {
    return uses_tls(scheme) ? 443 : 80;
}

/// A host and perhaps a port, as in a Host field (RFC 9110 §7.2).
struct Authority {
    /// In small letters; an IPv6 address without its brackets.
    std::string host;
    std::optional<std::uint16_t> port;

    friend bool operator==(const Authority&, const Authority&) = default;
};

/// Parses `host`, `host:port`, `[address]` or `[address]:port`. `Error::bad_host` for anything
/// else, user information and percent-encoding among it.
[[nodiscard]] HAWSER_DECL Result<Authority> parse_authority(std::string_view text);

/// Where a server is, and what to ask it for.
struct Url {
    Scheme scheme = Scheme::http;
    /// In small letters; an IPv6 address without its brackets.
    std::string host;
    std::uint16_t port = 80;
    /// Path and query, for the request line; never empty.
    std::string target = "/";

    /// The value of the Host field: an IPv6 address in brackets, the port only where it is not the
    /// scheme's own.
    [[nodiscard]] std::string authority() const;

    friend bool operator==(const Url&, const Url&) = default;
};

/// Parses an absolute URL. `Error::unsupported_scheme` where it is not http, https, ws or wss;
/// `Error::bad_url` where it is malformed or has user information or a fragment.
[[nodiscard]] HAWSER_DECL Result<Url> parse_url(std::string_view text);

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/url.ipp>
#endif
