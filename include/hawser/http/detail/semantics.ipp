#pragma once

#include <hawser/http/semantics.hpp>

#include <hawser/http/target.hpp>
#include <hawser/http/url.hpp>

#include <charconv>
#include <optional>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

[[nodiscard]] HAWSER_DECL std::error_code check_host(const RequestHead& head) {
    const std::size_t count = head.fields.count("Host");
    // "A server MUST respond with a 400 ... to any HTTP/1.1 request message that lacks a Host
    // header field and to any request message that contains more than one" (RFC 9112 §3.2).
    if (count > 1 || (count == 0 && head.minor_version != 0)) return Error::bad_host;
    return count == 0 ? std::error_code{} : parse_authority(*head.fields.find("Host")).error();
}

/// Whether a Host field names the host and port of `url`.
[[nodiscard]] HAWSER_DECL bool is_host_of(std::string_view field, const Url& url) {
    const auto authority = parse_authority(field);
    return authority && authority->host == url.host &&
           authority->port.value_or(default_port(url.scheme)) == url.port;
}

[[nodiscard]] HAWSER_DECL std::error_code check_target(const RequestHead& head) {
    if (head.target == "*" && head.has_method("OPTIONS")) return {};
    if (!head.target.starts_with('/')) {
        const auto url = parse_url(head.target);
        if (!url) return Error::bad_target;
        // "a client MUST send a Host field value ... identical to that authority component"
        // (RFC 9112 §3.2); where they differ, somebody is to be misled.
        const auto host = head.fields.find("Host");
        if (host && !is_host_of(*host, *url)) return Error::bad_host;
    }
    if (!is_well_encoded(head.target) || has_dot_segments(head.path())) return Error::bad_target;
    return {};
}

/// "Content-Length = 1*DIGIT" (RFC 9110 §8.6), and neither a list nor twice.
[[nodiscard]] HAWSER_DECL Result<BodyLength> known_length(const Fields& fields) {
    if (fields.count("Content-Length") > 1) return Error::bad_content_length;
    const std::string_view text = *fields.find("Content-Length");
    BodyLength length;
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, length.bytes);
    if (parsed != end || error != std::errc{}) return Error::bad_content_length;
    if (length.bytes != 0) length.kind = BodyLength::Kind::known;
    return length;
}

[[nodiscard]] HAWSER_DECL Result<BodyLength>
coded_length(const Fields& fields, unsigned minor_version, ChunkedCoding chunked) {
    if (minor_version == 0 || fields.contains("Content-Length") ||
        fields.count("Transfer-Encoding") > 1) {
        return Error::bad_transfer_encoding;
    }
    const std::string_view coding = *fields.find("Transfer-Encoding");
    if (chunked == ChunkedCoding::refused) return Error::unknown_transfer_coding;
    if (equal_ignoring_case(coding, "chunked")) return BodyLength{BodyLength::Kind::chunked, 0};
    // "If any transfer coding other than chunked is applied to a request's content, the sender MUST
    // apply chunked as the final transfer coding" (RFC 9112 §6.1).
    const std::size_t comma = coding.rfind(',');
    const std::string_view last = trim_blanks(coding.substr(comma + 1));
    const bool is_well_formed =
        comma != std::string_view::npos && equal_ignoring_case(last, "chunked") &&
        is_token(trim_blanks(coding.substr(0, comma))) &&
        !equal_ignoring_case(trim_blanks(coding.substr(0, comma)), "chunked");
    return is_well_formed ? Error::unknown_transfer_coding : Error::bad_transfer_encoding;
}

/// The length that the framing fields give; nothing where there is none of them.
[[nodiscard]] HAWSER_DECL std::optional<Result<BodyLength>>
framed_length(const Fields& fields, unsigned minor_version, ChunkedCoding chunked) {
    if (fields.contains("Transfer-Encoding")) return coded_length(fields, minor_version, chunked);
    if (fields.contains("Content-Length")) return known_length(fields);
    return std::nullopt;
}

}  // namespace detail

HAWSER_DECL std::error_code check_request(const RequestHead& head) {
    // Only a proxy has a use for CONNECT (RFC 9110 §9.3.6).
    if (head.has_method("CONNECT")) return Error::unknown_method;
    if (const auto error = detail::check_host(head)) return error;
    return detail::check_target(head);
}

HAWSER_DECL Result<BodyLength> request_body_length(const RequestHead& head, ChunkedCoding chunked) {
    auto length =
        detail::framed_length(head.fields, head.minor_version, chunked).value_or(BodyLength{});
    if (length && !length->empty() && is_websocket_upgrade(head)) return Error::unexpected_body;
    return length;
}

HAWSER_DECL Result<BodyLength>
response_body_length(const ResponseHead& head, std::string_view method, ChunkedCoding chunked) {
    const bool has_none =
        method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304;
    if (has_none) return BodyLength{};
    return detail::framed_length(head.fields, head.minor_version, chunked)
        .value_or(BodyLength{BodyLength::Kind::until_close, 0});
}

HAWSER_DECL bool keeps_alive(const Fields& fields, unsigned minor_version) noexcept {
    if (fields.has_token("Connection", "close")) return false;
    return minor_version != 0 || fields.has_token("Connection", "keep-alive");
}

HAWSER_DECL bool is_websocket_upgrade(const RequestHead& head) noexcept {
    return head.minor_version != 0 && head.fields.has_token("Connection", "upgrade") &&
           head.fields.has_token("Upgrade", "websocket");
}

}  // namespace hawser::inline HAWSER_MODE::http
