#pragma once

#include <hawser/polling/door.hpp>

#include <hawser/polling/field_names.hpp>
#include <hawser/polling/number.hpp>
#include <hawser/polling/parameters.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::polling {

namespace detail {

inline constexpr std::string_view allowed_methods = "GET, POST, OPTIONS";
inline constexpr std::string_view exposed_fields =
    "Hawser, Hawser-Session, Hawser-Hold, Hawser-First, Hawser-Received, Hawser-Interval, "
    "Hawser-Grace, Hawser-Max-Message, Hawser-Max-Body, Hawser-Error, Retry-After";
inline constexpr std::string_view accepted_fields =
    "Hawser-Session, Hawser-After, Hawser-Request, Hawser-Hold, Hawser-First, Content-Type, "
    "Authorization";

/// Whether a body of this media type is taken for frames; parameters are not looked at.
[[nodiscard]] inline bool is_frames_type(std::string_view value) noexcept {
    const std::string_view type = http::trim_blanks(value.substr(0, value.find(';')));
    // The last two are what a page may send across origins without a preflight.
    return type.empty() || http::equal_ignoring_case(type, frames_media_type) ||
           http::equal_ignoring_case(type, "application/octet-stream") ||
           http::equal_ignoring_case(type, "text/plain");
}

/// What a refusal says to whoever reads its body.
[[nodiscard]] inline std::string sentence(Refusal refusal) {
    if (refusal != Refusal::bad_request) return make_error_code(terms_of(refusal).error).message();
    return "This is the address of a message channel, not of a page: it takes the requests of the "
           "Hawser polling protocol, and this was none.";
}

[[nodiscard]] inline bool is_upgrade(const http::RequestHead& head) noexcept {
    return head.fields.contains("Upgrade") && head.fields.has_token("Connection", "upgrade");
}

/// The announced length of the body; empty for one in chunks.
[[nodiscard]] inline std::optional<std::uint64_t> announced_length(
    const http::RequestHead& head) noexcept {
    if (head.fields.contains("Transfer-Encoding")) return std::nullopt;
    return parse_number(head.fields.find("Content-Length").value_or("0")).value_or(greatest_number);
}

/// What can be wrong with a GET.
[[nodiscard]] inline std::optional<Refusal> judge_receive(const http::RequestHead& head,
                                                          const Parameters& parameters) {
    const bool whole = parameters.session && parameters.request && parameters.after;
    if (!whole || announced_length(head) != 0U) return Refusal::bad_request;
    return std::nullopt;
}

/// What can be wrong with a POST before its body is here.
[[nodiscard]] inline std::optional<Refusal> judge_post(const http::RequestHead& head,
                                                       const Parameters& parameters,
                                                       std::size_t limit) {
    const auto coding = head.fields.find("Content-Encoding").value_or("identity");
    if (!http::equal_ignoring_case(coding, "identity")) return Refusal::media_type;
    const auto length = announced_length(head);
    if (!parameters.session) {
        // Whoever names numbers has lost the session's name on the way; no ghost for it.
        const bool numbered = parameters.first || parameters.after || parameters.request;
        if (numbered || length.value_or(0) != 0) return Refusal::bad_request;
        return std::nullopt;
    }
    if (!parameters.first) return Refusal::bad_request;
    if (!is_frames_type(head.fields.find("Content-Type").value_or(""))) return Refusal::media_type;
    if (length.value_or(0) > limit) return Refusal::body_too_big;
    return std::nullopt;
}

}  // namespace detail

HAWSER_DECL std::string Door::audience(const http::RequestHead& head) const {
    const auto origin = head.fields.find("Origin");
    if (!origin) return {};
    if (options_->origin.any) return "*";
    return options_->origin.allowed.empty() ? std::string{} : std::string{*origin};
}

HAWSER_DECL std::optional<Refusal> Door::judge(const http::RequestHead& head,
                                               const std::optional<Parameters>& given) const {
    if (!head.has_method("GET") && !head.has_method("POST")) return Refusal::method;
    if (detail::is_upgrade(head)) return Refusal::bad_request;
    if (!given) return Refusal::bad_number;
    if (head.has_method("GET")) return detail::judge_receive(head, *given);
    return detail::judge_post(head, *given, body_limit(*options_));
}

HAWSER_DECL std::optional<http::Response> Door::judge_head(const http::RequestHead& head,
                                                           http::Security security) const {
    return judge_head(head, parse_parameters(head), security);
}

HAWSER_DECL std::optional<http::Response>
Door::judge_head(const http::RequestHead& head, const std::optional<Parameters>& given,
                 http::Security security) const {
    // No page that is refused may read even the refusal.
    if (check_origin(head, options_->origin, security)) return refuse(Refusal::origin, {});
    if (head.has_method("OPTIONS")) return preflight(audience(head));
    if (const auto refusal = judge(head, given)) return refuse(*refusal, audience(head));
    return std::nullopt;
}

HAWSER_DECL Call Door::read(http::Request request, http::Security security) const {
    auto given = parse_parameters(request.head);
    if (auto response = judge_head(request.head, given, security)) return *std::move(response);
    Parameters& parameters = *given;
    if (request.head.has_method("GET")) {
        return ReceiveCall{*std::move(parameters.session),
                           {*parameters.after, *parameters.request, parameters.hold}};
    }
    if (request.body.size() > body_limit(*options_)) {
        return refuse(Refusal::body_too_big, audience(request.head));
    }
    if (parameters.session) {
        return SendCall{*std::move(parameters.session),
                        {*parameters.first, parameters.after, std::move(request.body)}};
    }
    if (!request.body.empty()) return refuse(Refusal::bad_request, audience(request.head));
    return OpenCall{std::move(request.head)};
}

HAWSER_DECL http::Response Door::mark(http::Response response, std::string_view audience) const {
    http::Fields& fields = response.fields;
    fields.set(field::version, protocol_version);
    fields.set("Cache-Control", "no-store");
    fields.set("X-Content-Type-Options", "nosniff");
    if (audience.empty()) return response;
    fields.set("Access-Control-Allow-Origin", audience);
    if (audience != "*") fields.add("Vary", "Origin");
    fields.set("Access-Control-Expose-Headers", detail::exposed_fields);
    return response;
}

HAWSER_DECL http::Response Door::preflight(std::string_view audience) const {
    http::Response response = mark({.status = 204}, audience);
    response.fields.add("Allow", detail::allowed_methods);
    if (audience.empty()) return response;
    response.fields.add("Access-Control-Allow-Methods", "GET, POST");
    response.fields.add("Access-Control-Allow-Headers", detail::accepted_fields);
    response.fields.add("Access-Control-Max-Age", "7200");
    return response;
}

HAWSER_DECL void Door::add_limits(http::Fields& fields) const {
    fields.add(field::max_message, std::to_string(options_->message.bytes));
    fields.add(field::max_body, std::to_string(body_limit(*options_)));
}

HAWSER_DECL http::Response Door::opened(std::string_view token, std::string_view audience) const {
    http::Response response = mark({.status = 201}, audience);
    http::Fields& fields = response.fields;
    fields.add(field::session, token);
    fields.add(field::received, "0");
    fields.add(field::hold, milliseconds_text(options_->hold));
    fields.add(field::interval, milliseconds_text(options_->interval));
    fields.add(field::grace, milliseconds_text(grace_time(*options_)));
    add_limits(fields);
    return response;
}

HAWSER_DECL http::Response Door::refuse(Refusal refusal, std::string_view audience) const {
    return respond(polling::refuse(refusal), audience);
}

HAWSER_DECL http::Response Door::respond(Reply reply, std::string_view audience) const {
    http::Response response =
        mark({.status = reply.status, .body = std::move(reply.body)}, audience);
    http::Fields& fields = response.fields;
    if (reply.received) fields.add(field::received, std::to_string(*reply.received));
    if (reply.first) fields.add(field::first, std::to_string(*reply.first));
    if (reply.interval) fields.add(field::interval, milliseconds_text(*reply.interval));
    if (reply.status == 200) fields.add("Content-Type", frames_media_type);
    if (!reply.refusal) return response;

    const RefusalTerms terms = terms_of(*reply.refusal);
    fields.add(field::error, terms.word);
    fields.add("Content-Type", "text/plain; charset=utf-8");
    if (terms.status == 405) fields.add("Allow", detail::allowed_methods);
    if (terms.status == 413) add_limits(fields);
    if (terms.status == 429 || terms.status == 503) {
        fields.add("Retry-After", seconds_text(options_->retry_after));
    }
    if (reply.refusal == Refusal::body_too_big) fields.add("Connection", "close");
    response.body.append(detail::sentence(*reply.refusal) + "\n");
    return response;
}

}  // namespace hawser::inline HAWSER_MODE::polling
