#pragma once

#include <hawser/core/entropy.hpp>
#include <hawser/core/time.hpp>
#include <hawser/polling/options.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace hawser::inline HAWSER_MODE::polling {

/// How long to wait before something that failed is tried again: "full jitter", so that clients
/// that lost their server together do not come back together.
class BackOff {
public:
    /// It failed: how long to wait. `options` must be the same at each call.
    [[nodiscard]] Duration failed(const BackOffOptions& options, Entropy entropy, TimePoint now) {
        if (healthy_since_ && now - *healthy_since_ >= options.reset_after) doublings_ = 0;
        healthy_since_.reset();
        const Duration bound = bound_after(options, doublings_);
        if (bound < options.most) ++doublings_;
        if (bound <= Duration::zero()) return Duration::zero();
        const auto span = static_cast<std::uint64_t>(bound.count()) + 1;
        return Duration{static_cast<Duration::rep>(entropy.number() % span)};
    }

    /// It succeeded.
    void succeeded(TimePoint now) noexcept {
        if (!healthy_since_) healthy_since_ = now;
    }

private:
    [[nodiscard]] static Duration bound_after(const BackOffOptions& options, unsigned doublings) {
        Duration bound = options.base;
        while (doublings-- != 0 && bound < options.most) {
            bound += std::min(bound, options.most - bound);
        }
        return std::min(bound, options.most);
    }

    /// Since the latest failure; empty until something succeeds.
    std::optional<TimePoint> healthy_since_;
    unsigned doublings_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE::polling
