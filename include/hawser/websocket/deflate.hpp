#pragma once

#include <hawser/websocket/compression.hpp>
#include <hawser/websocket/deflate_negotiation.hpp>

#include <memory>

namespace hawser::inline HAWSER_MODE {

namespace websocket {

/// Compression of each message by zlib: permessage-deflate (RFC 7692), for the options of servers
/// and clients alike. What a message inflates to counts for its limit, and nothing is inflated
/// beyond it; compressed bytes that are malformed, or end in the middle of a block, end the
/// connection with 1002. Throws std::system_error (`Error::bad_argument`) where an option is out of
/// range.
[[nodiscard]] HAWSER_DECL std::shared_ptr<const Compression> deflate(DeflateOptions options = {});

}  // namespace websocket

using websocket::deflate;
using websocket::DeflateOptions;

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/deflate.ipp>
#endif
