#pragma once

#include <hawser/http/status.hpp>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL std::string_view reason_phrase(unsigned status) noexcept {
    switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return {};
    }
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
