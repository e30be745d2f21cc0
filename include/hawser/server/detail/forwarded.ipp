#pragma once

#include <hawser/server/forwarded.hpp>

#include <hawser/http/grammar.hpp>

#include <asio/ip/address.hpp>

#include <algorithm>
#include <system_error>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL std::optional<std::string> forwarded_address(
    const http::RequestHead& head, std::string_view peer,
    const std::vector<std::string>& trusted_proxies) {
    const auto is_trusted = [&](std::string_view address) {
        return std::ranges::find(trusted_proxies, address) != trusted_proxies.end();
    };
    if (trusted_proxies.empty() || !is_trusted(peer)) return std::nullopt;
    std::string list;  // several fields mean one list (RFC 9110 §5.3)
    for (const auto [name, value] : head.fields) {
        if (http::equal_ignoring_case(name, "X-Forwarded-For")) (list += ',') += value;
    }
    std::optional<std::string> client;
    while (!list.empty()) {
        const auto comma = list.rfind(',');
        const auto element = http::trim_blanks(std::string_view{list}.substr(comma + 1));
        std::error_code error;
        const auto address = asio::ip::make_address(std::string{element}, error);
        if (error) return client;
        client = address.to_string();
        if (!is_trusted(*client)) return client;
        list.resize(comma);
    }
    return client;
}

}  // namespace hawser::inline HAWSER_MODE
