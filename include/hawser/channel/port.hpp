#pragma once

#include <hawser/channel/completion.hpp>
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
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// Where a carrier and the application meet: what has arrived and waits for the application, and
/// what the application waits for. Has no thread and no transport; everything happens on the
/// channel's executor. No completion handler is called from inside the function that takes it.
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

    Port(asio::any_io_executor executor, InboxLimits limits) noexcept
        : executor_{std::move(executor)}, limits_{limits} {}
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }

    // The application's side.

    /// Waits for the next message or the end. A second receive, or one while handlers are set, is
    /// refused with `Error::receive_pending`.
    Ticket receive(Received completion);
    /// Gives up a receive, which completes with `asio::error::operation_aborted`; what has arrived
    /// stays.
    void cancel_receive(Ticket ticket);
    /// Gives every message to `handlers`, from the end of this turn on.
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

    /// Whether something waits for the application: a message, or the end.
    [[nodiscard]] bool has_arrived() const noexcept { return !inbox_.empty() || is_closed(); }
    [[nodiscard]] bool is_closed() const noexcept { return reason_ != nullptr; }
    /// Why it is closed; null while it is open.
    [[nodiscard]] const CloseReason* reason() const noexcept { return reason_.get(); }
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

    // The carrier's side.

    /// Gives a message to whoever waits for it, or else to the inbox. Not to be called from inside
    /// a call that the application makes.
    void deliver(Message message);
    /// Ends the channel; once. What has arrived can still be received.
    void close(CloseReason reason);
    /// The backlog has fallen to its low-water mark.
    void drained();
    [[nodiscard]] bool awaits_drained() const noexcept { return full_noted_; }
    [[nodiscard]] Room room() const noexcept;
    /// Gives waiting messages out as far as somebody waits for them. Returns whether any was taken.
    bool pump();

private:
    struct Waiting {
        Ticket ticket;
        Done completion;
    };

    void hand_over(Message message);
    void tell_end();

    asio::any_io_executor executor_;
    InboxLimits limits_;
    Queue<Message> inbox_;
    std::size_t inbox_bytes_ = 0;
    Received receive_;
    Ticket last_ticket_ = 0;
    Ticket receive_ticket_ = 0;
    std::shared_ptr<Handlers> handlers_;
    std::vector<Waiting> draining_;
    std::vector<Done> closing_;
    std::unique_ptr<CloseReason> reason_;
    std::uint64_t received_ = 0;
    bool in_handler_ = false;
    bool abandoned_ = false;
    bool full_noted_ = false;
    bool end_told_ = false;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/channel/detail/port.ipp>
#endif
