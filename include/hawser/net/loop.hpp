#pragma once

#include <hawser/core/time.hpp>
#include <hawser/net/mailroom.hpp>
#include <hawser/net/timer_wheel.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace hawser::inline HAWSER_MODE::net {

/// Something that has work to do at the end of the present turn of its executor.
class Deferred {
public:
    Deferred() noexcept = default;
    Deferred(const Deferred&) = delete;
    Deferred& operator=(const Deferred&) = delete;

protected:
    ~Deferred() = default;

private:
    friend class Loop;

    /// Called once for each time it was deferred to an idle state; may defer itself again.
    virtual void end_of_turn() = 0;

    bool waits_ = false;
};

/// What everything that runs on one executor shares: the deadlines, in one wheel behind one Asio
/// timer, and the work put off to the end of a turn, so that what is queued during one turn of the
/// executor leaves in one write per connection.
///
/// There is one per executor (a strand is an executor of its own), found with `Loop::of`. All but
/// `of` must be called on that executor.
class Loop : public std::enable_shared_from_this<Loop> {
    struct Private {};

public:
    /// The loop of `executor`, made at the first call and kept as long as somebody holds it. Safe
    /// from any thread.
    [[nodiscard]] static std::shared_ptr<Loop> of(const asio::any_io_executor& executor);

    Loop(Private, const asio::any_io_executor& executor);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() { mailroom_->shut(); }

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }

    /// Arms `timer` for `deadline`; `never` disarms it.
    void arm(Timer& timer, TimePoint deadline);
    /// Disarms `timer`. Who arms a timer here disarms it here before destroying it, so that an alarm
    /// for nothing keeps no `io_context` running.
    void disarm(Timer& timer) noexcept;

    /// The way to this executor from other threads; may outlive the loop.
    [[nodiscard]] const std::shared_ptr<Mailroom>& mailroom() const noexcept { return mailroom_; }

    /// Has `what` called at the end of this turn, once however often it is asked for.
    void defer(std::shared_ptr<Deferred> what);

private:
    /// Calls `resume_deferred` when a run has ended, be it by an exception.
    struct ResumeDeferred {
        const std::size_t* done;
        void operator()(Loop* loop) const { loop->resume_deferred(*done); }
    };

    void wait_until(TimePoint deadline);
    void run_deferred();
    void resume_deferred(std::size_t done);

    asio::any_io_executor executor_;
    std::shared_ptr<Mailroom> mailroom_;
    asio::steady_timer alarm_;
    TimerWheel wheel_;
    TimePoint alarm_at_ = never;
    std::vector<std::shared_ptr<Deferred>> deferred_;
    std::vector<std::shared_ptr<Deferred>> running_;
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/loop.ipp>
#endif
