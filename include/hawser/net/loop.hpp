#pragma once

#include <hawser/core/time.hpp>
#include <hawser/net/mailroom.hpp>
#include <hawser/net/timer_wheel.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hawser::inline HAWSER_MODE::net {

namespace detail {
class Loops;
}  // namespace detail

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

    /// Called once, however often it was deferred since the last time, and kept alive meanwhile;
    /// may defer itself again, and throw.
    virtual void end_of_turn() = 0;

    bool waits_ = false;
};

/// What everything that runs on one executor shares: the deadlines, in one wheel behind one Asio
/// timer, and the work put off to the end of a turn, so that what is queued during one turn of the
/// executor leaves in one write per connection.
///
/// There is one per executor (a strand is an executor of its own), found with `Loop::of`. All but
/// `of` and `mailroom` must be called on that executor. It may outlive its context, with which all
/// that is deferred, kept and armed is forgotten.
///
/// A loop takes 5 KiB, and finding it takes longer the more of them a context has: strands are for
/// many connections each.
class Loop : public std::enable_shared_from_this<Loop> {
    struct Private {};

public:
    /// The loop of `executor`, made at the first call and kept as long as somebody holds it. How
    /// the executor tracks work or may block makes no difference. Safe from any thread.
    [[nodiscard]] static std::shared_ptr<Loop> of(const asio::any_io_executor& executor);

    Loop(Private, const asio::any_io_executor& executor);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() { shut(); }

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }

    /// The same, and the loop with it.
    [[nodiscard]] std::shared_ptr<const asio::any_io_executor> shared_executor() {
        return {shared_from_this(), &executor_};
    }

    /// Arms `timer` for `deadline`; `never` disarms it.
    void arm(Timer& timer, TimePoint deadline);
    /// Disarms `timer`. Who arms a timer here disarms it here before destroying it, so that an
    /// alarm for nothing keeps no `io_context` running.
    void disarm(Timer& timer) noexcept;

    /// The way to this executor from other threads; may outlive the loop.
    [[nodiscard]] const std::shared_ptr<Mailroom>& mailroom() const noexcept { return mailroom_; }

    /// Has `what` called when the handlers that are ready now have run, once however often it is
    /// asked for.
    void defer(std::shared_ptr<Deferred> what);

    /// Keeps `what` alive until `release`, or until the context is destroyed: for what has work to
    /// finish though nobody else holds it, and no operation under way does.
    void keep(std::shared_ptr<const void> what);
    /// Lets go of what was kept. Does nothing where it was not.
    void release(const void* what) noexcept { kept_.erase(what); }

private:
    friend class detail::Loops;

    /// Calls `end_run` when a run has ended, be it by an exception.
    struct EndRun {
        void operator()(Loop* loop) const { loop->end_run(); }
    };

    void wait_until(TimePoint deadline);
    void post_run();
    void run_deferred();
    void end_run();
    void shut() noexcept;
    [[nodiscard]] bool is_shut() const noexcept { return !alarm_; }

    asio::any_io_executor executor_;
    std::shared_ptr<Mailroom> mailroom_;
    /// None once the context has gone.
    std::optional<asio::steady_timer> alarm_;
    TimerWheel wheel_;
    TimePoint alarm_at_ = never;
    std::vector<std::shared_ptr<Deferred>> deferred_;
    /// What was deferred before the present run; done up to `next_`.
    std::vector<std::shared_ptr<Deferred>> running_;
    std::size_t next_ = 0;
    std::unordered_map<const void*, std::shared_ptr<const void>> kept_;
    bool is_run_posted_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/loop.ipp>
#endif
