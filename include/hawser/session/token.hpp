#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/entropy.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::session {

/// The name and the key of a session in one: whoever has it may use the session.
///
/// A lookup by a secret tells, by the time it takes, how much of a guess was right. So the random
/// bits are split: the `selector` finds the record, in a table like any other, and the `secret`, by
/// itself more than 128 bits, is then compared without early exit.
struct Token {
    /// Which of the endpoint's executors holds the session.
    std::uint8_t shard = 0;
    std::uint64_t selector = 0;
    std::array<std::byte, 18> secret = {};
};

/// The bytes of a token and the characters of its text, which base64url fills without padding.
inline constexpr std::size_t token_bytes = 27;
inline constexpr std::size_t token_characters = 36;

/// A new token as text (base64url, 36 characters), all but its first byte random.
[[nodiscard]] HAWSER_DECL std::string make_token(Entropy entropy, std::uint8_t shard);

/// The parts of a token's text; empty where no `make_token` can have made it. Takes no memory.
[[nodiscard]] HAWSER_DECL std::optional<Token> parse_token(std::string_view text);

/// Whether `a` and `b` are equal, in a time that depends on their sizes only.
[[nodiscard]] HAWSER_DECL bool equal_without_early_exit(ByteView a, ByteView b) noexcept;

}  // namespace hawser::inline HAWSER_MODE::session

#if !defined(HAWSER_COMPILED)
#include <hawser/session/detail/token.ipp>
#endif
