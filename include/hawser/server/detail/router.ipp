#pragma once

#include <hawser/server/router.hpp>

#include <hawser/websocket/handshake.hpp>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL std::optional<std::size_t> Router::match(std::string_view pattern,
                                                     std::string_view path) noexcept {
    if (pattern == path) return path.size() + 1;  // better than any pattern with a star
    if (!pattern.ends_with("/*")) return std::nullopt;
    pattern.remove_suffix(1);
    if (!path.starts_with(pattern)) return std::nullopt;
    return pattern.size();
}

HAWSER_DECL std::shared_ptr<Route> Router::find(const http::RequestHead& head) const {
    const bool is_upgrade = websocket::asks_for_websocket(head);
    const std::string_view path = head.path();
    const Entry* best = nullptr;
    std::size_t best_match = 0;
    bool best_fits = false;
    for (const Entry& entry : entries_) {
        const auto matched = match(entry.path, path);
        if (!matched || *matched < best_match) continue;
        const bool fits = (entry.route->upgrades_to() != nullptr) == is_upgrade;
        if (*matched == best_match && (best_fits || !fits)) continue;
        best = &entry;
        best_match = *matched;
        best_fits = fits;
    }
    return best == nullptr ? nullptr : best->route;
}

}  // namespace hawser::inline HAWSER_MODE
