#pragma once

#include <hawser/core/message.hpp>
#include <hawser/net/task.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE::net {

/// Somebody on an executor to whom other threads send messages.
class Addressee {
public:
    Addressee() noexcept = default;
    Addressee(const Addressee&) = delete;
    Addressee& operator=(const Addressee&) = delete;
    virtual ~Addressee() = default;

private:
    friend class Mailroom;

    /// Called on the mailroom's executor, once for each message.
    virtual void take(Message message) = 0;
};

/// The way from all other threads to what lives on one executor: one queue, and one wake-up however
/// many letters were posted since the last. It is what a loop has synchronised; may outlive the
/// loop and its execution context.
class Mailroom : public std::enable_shared_from_this<Mailroom> {
public:
    explicit Mailroom(asio::any_io_executor executor) : executor_{std::move(executor)} {}
    Mailroom(const Mailroom&) = delete;
    Mailroom& operator=(const Mailroom&) = delete;

    /// Has `to` take `message` on the executor; never from inside this call. Letters are delivered
    /// in the order in which they were posted. Safe from any thread. Dropped once the mailroom is
    /// shut.
    void post(std::shared_ptr<Addressee> to, Message message);

    /// Has `task` called on the executor; never from inside this call. Safe from any thread.
    /// Dropped once the mailroom is shut.
    void run(Task task);

    /// Drops what waits, and what is posted from now on. Safe from any thread; called by the loop
    /// before its executor goes.
    void shut() noexcept;

private:
    struct Letter {
        std::shared_ptr<Addressee> to;
        Message message;
    };
    /// Calls `end_delivery` when a delivery has ended, be it by an exception.
    struct EndDelivery {
        void operator()(Mailroom* mailroom) const { mailroom->end_delivery(); }
    };

    /// The most letters whose memory is kept for the next.
    static constexpr std::size_t kept = 256;

    void wake_up();
    void deliver();
    void end_delivery();

    std::mutex mutex_;
    /// Empty once shut, as a strand must not outlive its context.
    asio::any_io_executor executor_;
    std::vector<Letter> letters_;
    /// Whether a delivery is to come, or under way: it looks for letters again before it ends.
    bool is_woken_ = false;

    /// What is being delivered; used on the executor only.
    std::vector<Letter> batch_;
    std::size_t next_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/mailroom.ipp>
#endif
