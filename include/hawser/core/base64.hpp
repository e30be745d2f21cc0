#pragma once

#include <hawser/core/bytes.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// Base64 with padding (RFC 4648 §4).
[[nodiscard]] HAWSER_DECL std::string base64(ByteView bytes);
/// Base64 with the alphabet for URLs and no padding (RFC 4648 §5).
[[nodiscard]] HAWSER_DECL std::string base64url(ByteView bytes);
/// The bytes of canonical base64 with padding; none where `text` is anything else (other
/// characters, blanks, missing padding, padding bits that are not zero).
[[nodiscard]] HAWSER_DECL std::optional<std::vector<std::byte>>
decode_base64(std::string_view text);
/// Fills `into` with the bytes of canonical base64url; false, and `into` unspecified, where `text`
/// is anything else or does not have as many. Takes no memory.
[[nodiscard]] HAWSER_DECL bool decode_base64url(std::string_view text, MutableBytes into) noexcept;

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/base64.ipp>
#endif
