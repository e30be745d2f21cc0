#pragma once

#include <hawser/net/loop.hpp>

#include <asio/execution_context.hpp>
#include <asio/execution/blocking.hpp>
#include <asio/execution/context.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/execution/relationship.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>

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
    /// The context is being destroyed: its handlers are about to be.
    void shutdown() override {
        for (const auto& known : std::exchange(loops_, {})) {
            if (const auto loop = known.lock()) loop->shut();
        }
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<Loop>> loops_;
};

}  // namespace detail

HAWSER_DECL std::shared_ptr<Loop> Loop::of(const asio::any_io_executor& executor) {
    const asio::any_io_executor plain = asio::prefer(executor, asio::execution::blocking.possibly,
                                                     asio::execution::outstanding_work.untracked,
                                                     asio::execution::relationship.fork);
    auto& context = asio::query(plain, asio::execution::context);
    auto& loops = asio::use_service<detail::Loops>(context);
    return loops.find_or_make(plain, [&] { return std::make_shared<Loop>(Private{}, plain); });
}

HAWSER_DECL Loop::Loop(Private, const asio::any_io_executor& executor)
    : executor_{executor},
      mailroom_{std::make_shared<Mailroom>(executor)},
      alarm_{std::in_place, executor},
      wheel_{Clock::now()} {}

HAWSER_DECL void Loop::arm(Timer& timer, TimePoint deadline) {
    if (deadline == never) return disarm(timer);
    if (is_shut()) return;
    wheel_.arm(timer, deadline, Clock::now());
    if (deadline >= alarm_at_) return;
    if (const TimePoint next = wheel_.next(); next < alarm_at_) wait_until(next);
}

HAWSER_DECL void Loop::disarm(Timer& timer) noexcept {
    wheel_.disarm(timer);
    if (!wheel_.empty() || alarm_at_ == never) return;
    alarm_at_ = never;
    if (alarm_) alarm_->cancel();
}

HAWSER_DECL void Loop::wait_until(TimePoint deadline) {
    alarm_at_ = deadline;
    if (deadline == never) return;
    alarm_->expires_at(deadline);
    alarm_->async_wait([weak = weak_from_this()](std::error_code error) {
        const auto loop = weak.lock();
        if (error || !loop) return;
        loop->alarm_at_ = never;
        loop->wheel_.advance(Clock::now());
        loop->wait_until(loop->wheel_.next());
    });
}

HAWSER_DECL void Loop::defer(std::shared_ptr<Deferred> what) {
    if (is_shut() || what->waits_) return;
    Deferred& waiting = *what;
    deferred_.push_back(std::move(what));
    waiting.waits_ = true;
    if (!is_run_posted_) post_run();
}

HAWSER_DECL void Loop::post_run() {
    net::post(executor_, Task{[self = shared_from_this()] { self->run_deferred(); }});
    is_run_posted_ = true;
}

HAWSER_DECL void Loop::run_deferred() {
    is_run_posted_ = false;
    // A run goes on with what one before has left, that was ended by an application's exception, or
    // waits for an event loop that an application runs inside of it.
    if (next_ == running_.size()) {
        running_.clear();
        next_ = 0;
        running_.swap(deferred_);
    }
    const std::unique_ptr<Loop, EndRun> end{this};
    while (next_ != running_.size()) {
        const auto what = std::move(running_[next_++]);
        what->waits_ = false;
        what->end_of_turn();
    }
}

HAWSER_DECL void Loop::end_run() {
    const bool is_done = next_ == running_.size() && deferred_.empty();
    if (!is_done && !is_run_posted_ && !is_shut()) post_run();
}

HAWSER_DECL void Loop::keep(std::shared_ptr<const void> what) {
    if (is_shut()) return;
    const void* const key = what.get();
    kept_.insert_or_assign(key, std::move(what));
}

/// The end of the loop or of its context. What is deferred or kept may hold the loop.
HAWSER_DECL void Loop::shut() noexcept {
    mailroom_->shut();
    alarm_.reset();
    const auto deferred = std::exchange(deferred_, {});
    const auto running = std::exchange(running_, {});
    const auto kept = std::exchange(kept_, {});
    next_ = 0;
}

}  // namespace hawser::inline HAWSER_MODE::net
