#pragma once

#include <hawser/core/time.hpp>
#include <hawser/polling/options.hpp>

#include <algorithm>
#include <optional>

namespace hawser::inline HAWSER_MODE::polling {

/// When a client asks for messages, and how long it has the server hold the question.
class Schedule {
public:
    /// What to do after an empty reply.
    enum class Next : std::uint8_t { at_once, after_interval, after_fault };

    /// `options` must outlive the schedule.
    explicit Schedule(const ClientOptions& options) noexcept
        : options_{&options}, interval_{options.interval} {}

    /// The most that the server holds a request.
    void set_granted(Duration hold) noexcept { granted_ = hold; }
    /// How long the server wants the client to rest between short polls.
    void set_interval(Duration interval) noexcept { interval_ = interval; }
    [[nodiscard]] Duration interval() const noexcept { return interval_; }

    /// The hold to ask for now.
    [[nodiscard]] Duration hold(TimePoint now) noexcept {
        if (shortened_at_ && now - *shortened_at_ >= options_->hold_restored_after) {
            shortened_at_.reset();
        }
        const Duration wanted = shortened_at_ ? shortened_ : options_->hold;
        return std::min(wanted, granted_);
    }

    /// The path did not bear a hold of `asked`: half as long from now on, for a while.
    void shorten(Duration asked, TimePoint now) noexcept {
        if (asked <= Duration::zero()) return;
        shortened_at_ = now;
        shortened_ = std::max(asked / 2, std::min(asked, options_->least_hold));
    }

    /// A request that asked for `hold` was answered after `waited`, with nothing. A server's jitter
    /// does not make it early.
    [[nodiscard]] Next empty_reply(Duration hold, Duration waited) noexcept {
        if (hold <= Duration::zero()) return Next::after_interval;
        if (waited >= hold - hold_jitter(hold, most_hold_jitter_percent)) {
            early_ = 0;
            return Next::at_once;
        }
        // Something on the way answers in the server's place, or ends what waits.
        if (++early_ < options_->early_replies) return Next::at_once;
        early_ = 0;
        return Next::after_fault;
    }

    /// A request was answered with messages.
    void reply_with_frames() noexcept { early_ = 0; }

private:
    const ClientOptions* options_;
    Duration granted_ = Duration::zero();
    Duration interval_;
    Duration shortened_ = Duration::zero();
    std::optional<TimePoint> shortened_at_;
    /// Empty replies running that came too early.
    unsigned early_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE::polling
