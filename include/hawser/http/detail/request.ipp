#pragma once

#include <hawser/http/request.hpp>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL std::string_view RequestHead::path() const noexcept {
    std::string_view rest = std::string_view{target}.substr(0, target.find('?'));
    if (rest.starts_with('/')) return rest;
    // The absolute form (RFC 9112 §3.2.2): the path begins behind the authority, or is empty.
    const std::size_t authority = rest.find("://");
    if (authority == std::string_view::npos) return rest;
    const std::size_t path = rest.find('/', authority + 3);
    return path == std::string_view::npos ? "/" : rest.substr(path);
}

HAWSER_DECL std::string_view RequestHead::query() const noexcept {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view{}
                                     : std::string_view{target}.substr(mark + 1);
}

}  // namespace hawser::inline HAWSER_MODE::http
