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

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/base64.ipp>
#endif
