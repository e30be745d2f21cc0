#pragma once

#include <hawser/core/bytes.hpp>

#include <array>
#include <cstddef>

namespace hawser::inline HAWSER_MODE::websocket::detail {

/// The SHA-1 digest of `message` (RFC 3174). It protects nothing: the handshake uses it to show
/// that a server understood the request (RFC 6455 §1.3).
[[nodiscard]] HAWSER_DECL std::array<std::byte, 20> sha1(ByteView message);

}  // namespace hawser::inline HAWSER_MODE::websocket::detail

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/sha1.ipp>
#endif
