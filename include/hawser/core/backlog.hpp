#pragma once

#include <hawser/core/detail/conflation_index.hpp>
#include <hawser/core/detail/tally.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/queue.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace hawser::inline HAWSER_MODE {

/// What happens when a message would pass the hard limit of a backlog.
enum class SlowConsumer : std::uint8_t {
    /// The channel is closed.
    close,
    /// The new message is dropped.
    drop_newest,
    /// The oldest waiting messages are dropped until the new one fits.
    drop_oldest,
    /// Of the waiting messages with one key only the newest is kept, at the place of the oldest,
    /// full or not; if the backlog overflows all the same, the channel is closed.
    conflate,
};

/// How much may wait on one channel, and what happens when that is not enough.
struct BacklogOptions {
    BacklogLimits limits = {};
    /// What happens at the hard limit.
    SlowConsumer slow_consumer = SlowConsumer::close;
    /// For `SlowConsumer::conflate`: the key of a message, asked for once, when it is pushed.
    /// Messages with an empty key are never conflated.
    std::function<std::string(const Message&)> conflation_key = {};
};

/// The messages of one channel that wait to be put on the wire for the first time, so that each may
/// still be dropped. The bytes of their frames are counted, headers included.
///
/// Where it throws, for want of memory or because `conflation_key` does, it is as it was.
class Backlog {
public:
    /// What became of a message that was pushed.
    enum class Push : std::uint8_t {
        /// It waits.
        accepted,
        /// It was given up, as the policy says.
        dropped,
        /// It was not taken, and the policy says that the channel is to be closed.
        overflow,
    };

    /// Places that it keeps for the next batch of messages when the last has left.
    static constexpr std::size_t kept = 32;

    /// `options` must outlive the backlog.
    explicit Backlog(const BacklogOptions& options) noexcept : options_{&options} {}

    /// Takes `message`, handling overflow by the policy.
    [[nodiscard]] Push push(Message&& message);
    /// Takes `message` if it fits without dropping another, or if it conflates with a waiting one.
    [[nodiscard]] bool try_push(Message&& message);

    /// Takes the oldest out; there must be one.
    [[nodiscard]] Message pop() noexcept;
    /// Drops the oldest, which has been made use of; there must be one.
    void drop() noexcept;
    /// The oldest; there must be one. Valid until the next call that is not const.
    [[nodiscard]] const Message& front() const noexcept { return queue_.front(); }
    [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
    /// How many wait.
    [[nodiscard]] std::size_t messages() const noexcept { return queue_.size(); }

    /// Bytes that wait here, and those that count although they have left (`set_elsewhere`).
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ + elsewhere_; }
    /// Says how many bytes have left but are not yet gone for good: the stream has not taken them,
    /// or the peer has not acknowledged them.
    void set_elsewhere(std::size_t bytes) noexcept { elsewhere_ = bytes; }

    /// Whether a sender is to wait until `at_most_low()`.
    [[nodiscard]] bool above_high() const noexcept;
    /// Whether a sender that waits may go on.
    [[nodiscard]] bool at_most_low() const noexcept;
    /// Messages dropped, or replaced by a newer one, since the beginning.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

    /// Forgets all that waits, without counting it as dropped.
    void clear() noexcept;
    /// Gives back what it keeps for the next messages, up to `kept` places, if none waits. For an
    /// owner that has had nothing to send for a while.
    void rest() noexcept { queue_.rest(); }

private:
    [[nodiscard]] bool admits(std::size_t bytes, std::size_t messages) const noexcept;
    [[nodiscard]] Push push_dropping_oldest(Message&& message);
    [[nodiscard]] Push conflate(Message&& message);
    [[nodiscard]] Push replace(std::size_t place, Message&& message) noexcept;
    void append(Message&& message);
    void drop_oldest() noexcept;

    const BacklogOptions* options_;
    Queue<Message, kept> queue_;
    /// Null unless messages are conflated.
    std::unique_ptr<detail::ConflationIndex> index_;
    detail::Tally bytes_;
    detail::Tally elsewhere_;
    std::uint64_t dropped_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/backlog.ipp>
#endif
