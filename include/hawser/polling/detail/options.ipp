#pragma once

#include <hawser/polling/options.hpp>

#include <initializer_list>

namespace hawser::inline HAWSER_MODE::polling {

namespace detail {

[[nodiscard]] inline bool any_negative(std::initializer_list<Duration> durations) noexcept {
    return std::min(durations) < Duration::zero();
}

[[nodiscard]] inline bool any_not_positive(std::initializer_list<Duration> durations) noexcept {
    return std::min(durations) <= Duration::zero();
}

[[nodiscard]] inline bool admits_nothing(const InboxLimits& inbox) noexcept {
    return inbox.bytes == 0 || inbox.messages == 0;
}

}  // namespace detail

HAWSER_DECL std::error_code check(const ServerOptions& options) {
    const bool good = are_valid(options.backlog.limits, options.message.bytes) &&
                      !detail::admits_nothing(options.inbox) && options.reply_bytes != 0 &&
                      options.hold_jitter_percent <= most_hold_jitter_percent &&
                      !detail::any_negative({options.hold, options.room_wait}) &&
                      !detail::any_not_positive({options.interval, options.grace, options.unused,
                                                 options.close_timeout, options.write_limit,
                                                 options.retry_after});
    return good ? std::error_code{} : make_error_code(Error::bad_argument);
}

HAWSER_DECL std::error_code check(const ClientOptions& options) {
    const BackOffOptions& back_off = options.back_off;
    const bool good =
        are_valid(options.backlog.limits, options.message.bytes) &&
        !detail::admits_nothing(options.inbox) && options.request_bytes != 0 &&
        options.early_replies != 0 && back_off.base <= back_off.most &&
        !detail::any_negative({options.hold, back_off.reset_after}) &&
        !detail::any_not_positive({options.least_hold, options.hold_restored_after,
                                   options.progress, options.connect_timeout, options.close_timeout,
                                   options.interval, options.grace, back_off.base});
    return good ? std::error_code{} : make_error_code(Error::bad_argument);
}

}  // namespace hawser::inline HAWSER_MODE::polling
