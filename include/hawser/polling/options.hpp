#pragma once

#include <hawser/core/backlog.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/origin.hpp>
#include <hawser/session/registry.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace hawser::inline HAWSER_MODE::polling {

/// What a body needs besides the bytes of its messages: room for headers and a close frame.
inline constexpr std::size_t framing_room = 256;

/// The most percent by which a server may shorten a hold.
inline constexpr unsigned most_hold_jitter_percent = 10;

/// The greatest part of `hold` that a server whose jitter is so many percent takes off it.
[[nodiscard]] constexpr Duration hold_jitter(Duration hold, unsigned percent) noexcept {
    return hold / 100 * percent;
}

/// What a server grants, demands and waits for. All durations on the wire are whole milliseconds.
struct ServerOptions {
    MessageLimits message = {};
    BacklogOptions backlog = {};
    InboxLimits inbox = {};
    session::Caps caps = {};
    /// Which web pages may use the endpoint. A list, or `any`, has cross-origin requests answered
    /// with what browsers ask for (CORS).
    http::OriginPolicy origin = {};

    /// The most that a request's body may have; `body_limit` raises it to what one message needs.
    std::size_t body_bytes = 0;
    /// How many bytes of frames go into one reply; a single message may be longer.
    std::size_t reply_bytes = 256 * 1024;

    /// The longest that a receive is held; 0 is short polling. Less than what proxies bear, often
    /// half a minute.
    Duration hold = std::chrono::seconds{25};
    /// By up to how many percent each hold is shortened, at random, so that sessions that were
    /// opened together are not all answered together; at most `most_hold_jitter_percent`.
    unsigned hold_jitter_percent = most_hold_jitter_percent;
    /// How long a client is told to rest between short polls.
    Duration interval = std::chrono::milliseconds{1000};
    /// How long a session lives without a request; `grace_time` raises it to three intervals.
    Duration grace = std::chrono::seconds{120};
    /// How long a session waits for its first valid request.
    Duration unused = std::chrono::seconds{10};
    /// How long `close` waits for the client.
    Duration close_timeout = std::chrono::seconds{5};
    /// How long a send waits for room in the inbox.
    Duration room_wait = std::chrono::seconds{5};
    /// How long the writing of one reply may take, if it makes progress. One that makes none is
    /// ended sooner, by the connection.
    Duration write_limit = std::chrono::minutes{10};
    /// After what time a refused client is told to try again.
    Duration retry_after = std::chrono::seconds{1};
};

/// The most that the body of a request may have.
[[nodiscard]] constexpr std::size_t body_limit(const ServerOptions& options) noexcept {
    return std::max(options.body_bytes, options.message.bytes + framing_room);
}

/// How long a session lives without a request.
[[nodiscard]] constexpr Duration grace_time(const ServerOptions& options) noexcept {
    return std::max(options.grace, 3 * options.interval);
}

/// `Error::bad_argument` where the options do not fit together: a limit that admits nothing, a
/// negative duration, a backlog too small for the messages, a jitter that clients would take for a
/// fault.
[[nodiscard]] HAWSER_DECL std::error_code check(const ServerOptions& options);

/// When to try again after a fault. Each wait is drawn evenly between 0 and a bound that doubles.
struct BackOffOptions {
    /// The bound of the first wait.
    Duration base = std::chrono::milliseconds{250};
    /// The greatest bound.
    Duration most = std::chrono::seconds{30};
    /// After this long without a fault the bound is `base` again.
    Duration reset_after = std::chrono::seconds{30};
};

/// What to do when something else than the protocol's server answers to the open.
enum class ForeignReply : std::uint8_t {
    /// Try again, until the connect deadline.
    retry,
    /// Give up at once: another transport may get through.
    give_up,
};

/// What a client asks for, bears and waits for.
struct ClientOptions {
    MessageLimits message = {};
    BacklogOptions backlog = {};
    InboxLimits inbox = {};
    BackOffOptions back_off = {};
    ForeignReply foreign_reply = ForeignReply::retry;

    /// How many bytes of frames go into one request; a single message may be longer.
    std::size_t request_bytes = 256 * 1024;
    /// The most that a server may put into one reply; `reply_limit` raises it to what one message
    /// needs.
    std::size_t reply_bytes = std::size_t{1} << 20;

    /// How long the client is willing to have a receive held; 0 is short polling.
    Duration hold = std::chrono::seconds{25};
    /// What a hold is not shortened below when the path does not bear it.
    Duration least_hold = std::chrono::seconds{1};
    /// After this long without another fault a shortened hold is what it was.
    Duration hold_restored_after = std::chrono::minutes{10};
    /// How long a request may go without a byte moving either way, besides its hold.
    Duration progress = std::chrono::seconds{15};
    /// How long opening may take, with all its repeats.
    Duration connect_timeout = std::chrono::seconds{30};
    /// How long `close` waits for the server.
    Duration close_timeout = std::chrono::seconds{5};
    /// So many empty replies running, each sooner than a server's jitter has them, are a fault of
    /// the path.
    unsigned early_replies = 5;

    /// What is assumed where the server's reply to the open does not say it.
    Duration interval = std::chrono::milliseconds{1000};
    Duration grace = std::chrono::seconds{120};
};

/// The most that the body of a reply may have.
[[nodiscard]] constexpr std::size_t reply_limit(const ClientOptions& options) noexcept {
    return std::max(options.reply_bytes, options.message.bytes + framing_room);
}

/// `Error::bad_argument` where the options do not fit together.
[[nodiscard]] HAWSER_DECL std::error_code check(const ClientOptions& options);

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/options.ipp>
#endif
