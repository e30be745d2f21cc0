#pragma once

#include <hawser/session/token.hpp>

#include <hawser/core/base64.hpp>

namespace hawser::inline HAWSER_MODE::session {

HAWSER_DECL std::string make_token(Entropy entropy, std::uint8_t shard) {
    std::array<std::byte, token_bytes> bytes{};
    entropy.fill(MutableBytes{bytes}.subspan(1));
    bytes[0] = std::byte{shard};
    return base64url(bytes);
}

HAWSER_DECL std::optional<Token> parse_token(std::string_view text) {
    std::array<std::byte, token_bytes> bytes;
    if (!decode_base64url(text, bytes)) return std::nullopt;

    Token token;
    const ByteView all{bytes};
    token.shard = std::to_integer<std::uint8_t>(all.front());
    for (const std::byte byte : all.subspan(1, sizeof token.selector)) {
        token.selector = token.selector << 8 | std::to_integer<std::uint64_t>(byte);
    }
    copy_bytes(all.last(token.secret.size()), token.secret);
    return token;
}

HAWSER_DECL bool equal_without_early_exit(ByteView a, ByteView b) noexcept {
    if (a.size() != b.size()) return false;
    // Volatile: the compiler must not find out that the rest no longer matters.
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i != a.size(); ++i) {
        const auto bits = std::to_integer<unsigned char>(a[i] ^ b[i]);
        difference = static_cast<unsigned char>(difference | bits);
    }
    return difference == 0;
}

}  // namespace hawser::inline HAWSER_MODE::session
