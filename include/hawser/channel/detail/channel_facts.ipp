#pragma once

#include <hawser/channel/channel_facts.hpp>

#include <algorithm>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// Whether two names of header fields differ in case at most (RFC 9110 §5.1).
[[nodiscard]] HAWSER_DECL bool is_same_field(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace detail

HAWSER_DECL ChannelFacts::ChannelFacts(const Block& block) {
    std::vector<std::string_view> texts{block.peer_address, block.target, block.subprotocol,
                                        block.tls_version, block.tls_cipher};
    texts.reserve(texts.size() + 2 * block.headers.size());
    for (const auto& [name, value] : block.headers) texts.insert(texts.end(), {name, value});

    std::size_t bytes = 0;
    for (const std::string_view text : texts) bytes += text.size();
    const std::size_t bytes_at = 2 + texts.size();
    const auto shared = std::make_shared<std::uint32_t[]>(bytes_at + (bytes + 3) / 4);
    std::uint32_t* const words = shared.get();
    words[0] = block.peer_port;
    words[1] = static_cast<std::uint32_t>(texts.size());
    std::uint32_t end = 0;
    for (std::size_t i = 0; i != texts.size(); ++i) {
        std::ranges::copy(texts[i], reinterpret_cast<char*>(words + bytes_at) + end);
        words[2 + i] = end += static_cast<std::uint32_t>(texts[i].size());
    }
    words_ = shared;
}

HAWSER_DECL std::string_view ChannelFacts::text(std::size_t index) const noexcept {
    if (!words_) return {};
    const std::uint32_t* const ends = words_.get() + 2;
    const std::uint32_t begin = index == 0 ? 0 : ends[index - 1];
    return {reinterpret_cast<const char*>(ends + texts()) + begin, ends[index] - begin};
}

HAWSER_DECL std::optional<std::string_view> ChannelFacts::header(
    std::string_view name) const noexcept {
    for (std::size_t i = headers_at; i != texts(); i += 2) {
        if (detail::is_same_field(text(i), name)) return text(i + 1);
    }
    return std::nullopt;
}

}  // namespace hawser::inline HAWSER_MODE
