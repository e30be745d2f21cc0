#pragma once

#include <hawser/net/loop.hpp>

#include <asio/execution_context.hpp>
#include <asio/post.hpp>
#include <asio/query.hpp>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

namespace detail {

/// The loops of one execution context. It owns none of them, so none outlives what uses it.
class Loops : public asio::execution_context::service {
public:
    using key_type = Loops;
    inline static asio::execution_context::id id;

    explicit Loops(asio::execution_context& context) : service{context} {}

    template <class Make>
    std::shared_ptr<Loop> find_or_make(const asio::any_io_executor& executor, Make make) {
        const std::lock_guard lock{mutex_};
        std::erase_if(loops_, [](const auto& loop) { return loop.expired(); });
        for (const auto& known : loops_) {
            auto loop = known.lock();
            if (loop && loop->executor() == executor) return loop;
        }
        auto loop = make();
        loops_.push_back(loop);
        return loop;
    }

private:
    void shutdown() override {}

    std::mutex mutex_;
    std::vector<std::weak_ptr<Loop>> loops_;
};

}  // namespace detail

HAWSER_DECL std::shared_ptr<Loop> Loop::of(const asio::any_io_executor& executor) {
    auto& context = asio::query(executor, asio::execution::context);
    auto& loops = asio::use_service<detail::Loops>(context);
    return loops.find_or_make(
        executor, [&] { return std::make_shared<Loop>(Private{}, executor); });
}

HAWSER_DECL Loop::Loop(Private, const asio::any_io_executor& executor)
    : executor_{executor},
      mailroom_{std::make_shared<Mailroom>(executor)},
      alarm_{executor},
      wheel_{Clock::now()} {}

HAWSER_DECL void Loop::arm(Timer& timer, TimePoint deadline) {
    if (deadline == never) return disarm(timer);
    wheel_.arm(timer, deadline);
    if (deadline < alarm_at_) wait_until(wheel_.next());
}

HAWSER_DECL void Loop::disarm(Timer& timer) noexcept {
    wheel_.disarm(timer);
    if (!wheel_.empty() || alarm_at_ == never) return;
    alarm_at_ = never;
    alarm_.cancel();
}

HAWSER_DECL void Loop::wait_until(TimePoint deadline) {
    alarm_at_ = deadline;
    if (deadline == never) return;
    alarm_.expires_at(deadline);
    alarm_.async_wait([weak = weak_from_this()](std::error_code error) {
        const auto loop = weak.lock();
        if (error || !loop) return;
        loop->alarm_at_ = never;
        loop->wheel_.advance(Clock::now());
        loop->wait_until(loop->wheel_.next());
    });
}

HAWSER_DECL void Loop::defer(std::shared_ptr<Deferred> what) {
    if (std::exchange(what->waits_, true)) return;
    deferred_.push_back(std::move(what));
    if (deferred_.size() != 1 || !running_.empty()) return;
    asio::post(executor_, [self = shared_from_this()] { self->run_deferred(); });
}

HAWSER_DECL void Loop::run_deferred() {
    running_.swap(deferred_);
    std::size_t done = 0;
    // An application's handler may throw through here: the others' work must not be lost.
    const std::unique_ptr<Loop, ResumeDeferred> resume{this, {&done}};
    while (done != running_.size()) {
        const auto what = std::move(running_[done++]);
        what->waits_ = false;
        what->end_of_turn();
    }
}

HAWSER_DECL void Loop::resume_deferred(std::size_t done) {
    const auto first = running_.begin() + static_cast<std::ptrdiff_t>(done);
    deferred_.insert(deferred_.begin(), std::make_move_iterator(first),
                     std::make_move_iterator(running_.end()));
    running_.clear();
    if (deferred_.empty()) return;
    asio::post(executor_, [self = shared_from_this()] { self->run_deferred(); });
}

}  // namespace hawser::inline HAWSER_MODE::net
