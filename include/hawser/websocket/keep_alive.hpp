#pragma once

#include <hawser/core/time.hpp>
#include <hawser/websocket/options.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE::websocket {

/// Decides when a silent peer is asked whether it lives, and when it is given up. It has exactly
/// one deadline at all times.
///
/// Any byte received counts as life: a pong cannot overtake the long message it waits behind. The
/// time to answer begins when the ping leaves for the stream; one that has to wait because the peer
/// reads nothing is the business of whoever writes to the stream.
class KeepAlive {
public:
    enum class Verdict : std::uint8_t { send_ping, dead };

    /// What excuses a peer that has not answered.
    enum class Excuse : std::uint8_t {
        none,
        /// The ping has not left for the stream yet.
        ping_waits,
        /// Nobody reads what the peer may have answered.
        paused,
    };

    KeepAlive(const ConnectionOptions& options, TimePoint now) noexcept { heard(options, now); }

    /// Something was received, or receiving begins anew.
    void heard(const ConnectionOptions& options, TimePoint now) noexcept {
        asked_ = false;
        deadline_ = deadline_after(now, options.ping_interval);
    }

    /// The ping has left for the stream.
    void ping_left(const ConnectionOptions& options, TimePoint now) noexcept {
        if (asked_) deadline_ = deadline_after(now, options.pong_timeout);
    }

    /// To be called when the deadline has passed.
    [[nodiscard]] Verdict expire(const ConnectionOptions& options, Excuse excuse,
                                 TimePoint now) noexcept {
        if (asked_ && excuse == Excuse::none) return Verdict::dead;
        asked_ = excuse != Excuse::paused;
        deadline_ = deadline_after(now, asked_ ? options.pong_timeout : options.ping_interval);
        return Verdict::send_ping;
    }

    [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }

private:
    TimePoint deadline_ = never;
    /// Whether a ping was sent, and nothing heard since.
    bool asked_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::websocket
