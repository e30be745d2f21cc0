#pragma once

#include <hawser/channel/channel_facts.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

namespace hawser::inline HAWSER_MODE {

/// Keeps what a peer's request said of itself.
inline void keep_head(ChannelFacts::Block& facts, const http::RequestHead& head) {
    facts.target = head.target;
    facts.headers.reserve(head.fields.size());
    for (const auto [name, value] : head.fields) facts.headers.emplace_back(name, value);
}

/// Keeps what a server's reply said of itself.
inline void keep_head(ChannelFacts::Block& facts, const http::ResponseHead& head) {
    facts.headers.reserve(head.fields.size());
    for (const auto [name, value] : head.fields) facts.headers.emplace_back(name, value);
}

}  // namespace hawser::inline HAWSER_MODE
