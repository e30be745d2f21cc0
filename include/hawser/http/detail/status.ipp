#pragma once

#include <hawser/http/status.hpp>

#include <algorithm>
#include <iterator>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

struct Reason {
    unsigned status;
    std::string_view phrase;
};

inline constexpr Reason reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace detail

HAWSER_DECL std::string_view reason_phrase(unsigned status) noexcept {
    const auto* const found = std::ranges::find(detail::reasons, status, &detail::Reason::status);
    return found == std::end(detail::reasons) ? std::string_view{} : found->phrase;
}

HAWSER_DECL unsigned status_for(std::error_code error) noexcept {
    if (error == Error::origin_refused) return 403;
    if (error == Error::exchange_timeout) return 408;
    if (error == Error::body_too_big || error == Error::message_too_big) return 413;
    if (error == Error::target_too_long) return 414;
    if (error == Error::content_coding || error == Error::media_type) return 415;
    if (error == Error::bad_expectation) return 417;
    if (error == Error::bad_websocket_version) return 426;
    if (error == Error::head_too_big || error == Error::too_many_fields) return 431;
    if (error == Error::unknown_method || error == Error::unknown_transfer_coding) return 501;
    if (error == Error::answer_timeout || error == Error::draining) return 503;
    if (error == Error::bad_version) return 505;
    return 400;
}

}  // namespace hawser::inline HAWSER_MODE::http
