#pragma once

#include <hawser/channel/channel_facts.hpp>
#include <hawser/channel/port.hpp>
#include <hawser/channel/sender.hpp>
#include <hawser/core/close_reason.hpp>
#include <hawser/core/counters.hpp>
#include <hawser/core/guarantee.hpp>
#include <hawser/core/message.hpp>

#include <cstddef>
#include <memory>
#include <system_error>

namespace hawser::inline HAWSER_MODE {

/// What waits to be sent on a channel, and is not yet gone for good.
struct BacklogState {
    std::size_t bytes = 0;
    std::size_t messages = 0;
    bool is_above_high = false;
    bool is_at_most_low = true;
};

/// What happens to a message that does not fit the backlog.
enum class WhenFull : std::uint8_t { refuse, apply_policy };

/// Moves the messages of one channel over some transport; what a transport implements.
///
/// Owned by a `std::shared_ptr`; the channel holds one, the transport as many as it needs. All of
/// it is used on the executor of its port, but for `address()->post`. It reports to its port: each
/// message with `deliver`, in order, then `close` exactly once and last, and never from inside one
/// of the functions below.
class Carrier : public std::enable_shared_from_this<Carrier> {
public:
    Carrier(const Carrier&) = delete;
    Carrier& operator=(const Carrier&) = delete;
    virtual ~Carrier() = default;

    [[nodiscard]] Port& port() noexcept { return port_; }
    [[nodiscard]] const Port& port() const noexcept { return port_; }

    /// Takes `message` for sending. Errors, with nothing taken: `closed`, `invalid_text`,
    /// `message_too_big`, `backlog_full` (`WhenFull::refuse`), `slow_consumer` (the policy closes
    /// the channel). A message that the policy drops is no error; the counters tell.
    [[nodiscard]] virtual std::error_code send(Message message, WhenFull when_full) = 0;
    /// Ends the channel politely, after what has been accepted; bounded in time. Idempotent.
    virtual void close(CloseReason reason) = 0;
    /// Ends the channel at once.
    virtual void abort() = 0;
    /// The application awaits a message, has taken some from the inbox, or has let go: to call
    /// `port().pump()` at the end of the turn (`port().pump_later` where it takes no more of them),
    /// and to go on reading where the inbox was full.
    virtual void attend() = 0;

    [[nodiscard]] virtual Guarantee guarantee() const noexcept = 0;
    [[nodiscard]] virtual BacklogState backlog() const = 0;
    [[nodiscard]] virtual Counters counters() const = 0;
    [[nodiscard]] virtual ChannelFacts info() const = 0;
    /// The door for other threads.
    [[nodiscard]] virtual std::shared_ptr<Address> address() = 0;

protected:
    Carrier(asio::any_io_executor executor, InboxLimits limits)
        : port_{std::move(executor), limits} {}
    Carrier(Port::SharedExecutor executor, InboxLimits limits)
        : port_{std::move(executor), limits} {}

private:
    Port port_;
};

}  // namespace hawser::inline HAWSER_MODE
