#pragma once

#include <hawser/core/backlog.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/time.hpp>

#include <chrono>

namespace hawser::inline HAWSER_MODE::websocket {

/// How one WebSocket connection behaves, on either side.
struct ConnectionOptions {
    /// What a received message may cost; one that exceeds it ends the connection with 1009.
    MessageLimits message = {};
    /// What may wait to be sent, and what happens to a peer that reads too slowly.
    BacklogOptions backlog = {};
    /// Client: what the head of the server's reply may cost.
    HeadLimits head = {};
    /// Client: from connecting to the whole head of the server's reply.
    Duration handshake_timeout = std::chrono::seconds{10};
    /// When nothing has been received for this long, a ping is sent.
    Duration ping_interval = std::chrono::seconds{20};
    /// How long after the ping anything at all must have been received.
    Duration pong_timeout = std::chrono::seconds{20};
    /// From the first byte of a message to its last, so that none can be dribbled for ever.
    Duration message_timeout = std::chrono::minutes{5};
    /// From the wish to close, ours or the peer's, until the stream may be closed.
    Duration close_timeout = std::chrono::seconds{5};
};

}  // namespace hawser::inline HAWSER_MODE::websocket
