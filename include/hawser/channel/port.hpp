#pragma once

#include <hawser/channel/completion.hpp>
#include <hawser/channel/detail/ports.hpp>
#include <hawser/channel/handlers.hpp>
#include <hawser/core/close_reason.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/queue.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// Where a carrier and the application meet: what has arrived and waits for the application, and
/// what the application waits for. Has no thread and no transport; everything happens on the
/// channel's executor. No completion handler is called from inside the function that takes it.
///
/// When the executor's context is destroyed, so are the handlers, uncalled: one that owns the
/// channel, as a coroutine does, would otherwise keep itself alive for ever.
class Port {
public:
    using Received = Completion<void(std::error_code, Message)>;
    using Done = Completion<void(std::error_code)>;
    /// Names an outstanding operation, to cancel it.
    using Ticket = std::uint64_t;

    /// How much more the inbox takes: something, as long as both are above 0.
    struct Room {
        std::size_t bytes;
        std::size_t messages;
        [[nodiscard]] bool is_none() const noexcept { return bytes == 0 || messages == 0; }
    };

    /// One for all channels that run on it, as it is large.
    using SharedExecutor = std::shared_ptr<const asio::any_io_executor>;

    Port(SharedExecutor executor, InboxLimits limits);
    Port(asio::any_io_executor executor, InboxLimits limits)
        : Port{std::make_shared<const asio::any_io_executor>(std::move(executor)), limits} {}
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port() { detail::Ports::remove(*this); }

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return *executor_; }

    // The application's side.

    /// Waits for the next message or the end. A second receive, or one while handlers are set, is
    /// refused with `Error::receive_pending`.
    Ticket receive(Received completion);
    /// Gives up a receive, which completes with `asio::error::operation_aborted`; what has arrived
    /// stays.
    void cancel_receive(Ticket ticket);
    /// Gives every message to `handlers`, from the end of this turn on, in place of earlier ones.
    void set_handlers(Handlers handlers);
    /// Waits for the backlog to fall to its low-water mark, or the end.
    Ticket wait_drained(Done completion);
    void cancel_wait(Ticket ticket);
    /// Waits for the end.
    void wait_closed(Done completion);
    /// Remembers that the application was told, or could see, that the backlog is full.
    void note_full() noexcept { full_noted_ = true; }
    /// The application has let go of the channel: outstanding operations end with
    /// `Error::channel_gone`, what has arrived or will arrive is dropped.
    void abandon();
    /// Drops what has arrived and not been taken.
    void drop_inbox() noexcept;

    /// Whether a message waits for the application.
    [[nodiscard]] bool has_arrived() const noexcept { return has_inbox(); }
    [[nodiscard]] bool is_closed() const noexcept { return reason_ != nullptr; }
    /// Why it is closed; null while it is open.
    [[nodiscard]] const CloseReason* reason() const noexcept { return reason_.get(); }
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

    // The carrier's side.

    /// Gives a message to whoever waits for it, or else to the inbox. Not to be called from inside
    /// a call that the application makes.
    void deliver(Message&& message);
    /// Ends the channel; once. What has arrived can still be received.
    void close(CloseReason reason);
    /// The backlog has fallen to its low-water mark.
    void drained();
    [[nodiscard]] bool awaits_drained() const noexcept { return full_noted_; }
    [[nodiscard]] Room room() const noexcept;
    /// Gives waiting messages out as far as somebody waits for them, then the end. Returns whether
    /// any was taken. Throws what the application's handlers throw; to be called again then.
    bool pump();
    /// Pumps at the end of this turn, for a carrier that takes no turns of its own any more; again
    /// behind what the application's handlers throw. Keeps `owner`, which owns this, until then.
    void pump_later(std::shared_ptr<void> owner);

private:
    friend class detail::Ports;

    /// What has arrived and not been taken.
    struct Inbox {
        Queue<Message> messages;
        std::size_t bytes = 0;
    };
    struct Waiting {
        Ticket ticket;
        Done completion;
    };
    /// What is outstanding beside a receive: rare, so most channels never have one of these.
    struct Outstanding {
        std::vector<Waiting> draining;
        std::vector<Done> closing;
        Ticket last_ticket = 0;
    };

    /// Handlers while one of them is called: it may destroy the channel, or set others. Has them
    /// back in place afterwards, unless so.
    struct AtWork {
        explicit AtWork(Port& of) noexcept : port{of}, handlers{std::move(of.handlers_)} {
            port.in_handler_ = true;
        }
        AtWork(const AtWork&) = delete;
        AtWork& operator=(const AtWork&) = delete;
        ~AtWork() {
            port.in_handler_ = false;
            if (!port.handlers_ && !port.abandoned_) port.handlers_ = std::move(handlers);
        }

        Port& port;
        std::unique_ptr<Handlers> handlers;
    };

    [[nodiscard]] Outstanding& outstanding();
    [[nodiscard]] bool has_inbox() const noexcept { return inbox_ && !inbox_->messages.empty(); }
    /// Whether a message can be handed over now.
    [[nodiscard]] bool is_awaited() const noexcept {
        return receive_ || (handlers_ && !in_handler_);
    }
    void end_draining(std::error_code error);
    void hand_over(Message&& message);
    void tell_end();
    void forget() noexcept;

    // What is needed for each message stands together.
    detail::PortPlace place_;
    SharedExecutor executor_;
    InboxLimits limits_;
    /// Null unless something has been in it since it was last dropped.
    std::unique_ptr<Inbox> inbox_;
    Received receive_;
    /// That of the latest receive, the only one that can be outstanding.
    Ticket receive_ticket_ = 0;
    /// Null also while they are at work.
    std::unique_ptr<Handlers> handlers_;
    std::unique_ptr<Outstanding> outstanding_;
    std::unique_ptr<CloseReason> reason_;
    std::uint64_t received_ = 0;
    bool in_handler_ = false;
    bool abandoned_ = false;
    bool full_noted_ = false;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/channel/detail/port.ipp>
#endif
