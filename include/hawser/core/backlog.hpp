#pragma once

#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/queue.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

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

struct BacklogOptions {
    BacklogLimits limits = {};
    SlowConsumer slow_consumer = SlowConsumer::close;
    /// For `SlowConsumer::conflate`: the key of a message; an empty key is never conflated.
    std::function<std::string(const Message&)> conflation_key = {};
};

/// The messages of one channel that wait to be put on the wire for the first time, so that each may
/// still be dropped. Frames are counted, header and bytes.
class Backlog {
public:
    enum class Push : std::uint8_t { accepted, dropped, overflow };

    /// `options` must outlive the backlog.
    explicit Backlog(const BacklogOptions& options) noexcept : options_{&options} {}

    /// Takes `message`, handling overflow by the policy. `Push::overflow`: not taken, and the
    /// policy says that the channel is to be closed.
    [[nodiscard]] Push push(Message message);
    /// Takes `message` only where it fits without dropping another.
    [[nodiscard]] bool try_push(Message message);

    /// Takes the oldest out; there must be one.
    [[nodiscard]] Message pop();
    [[nodiscard]] const Message& front() const noexcept { return queue_.front(); }
    [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
    [[nodiscard]] std::size_t messages() const noexcept { return queue_.size(); }

    /// Bytes that wait here, and those that count although they have left (`set_elsewhere`).
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ + elsewhere_; }
    /// Bytes that have left and are not yet gone for good (taken by the stream, or unacknowledged).
    void set_elsewhere(std::size_t bytes) noexcept { elsewhere_ = bytes; }

    [[nodiscard]] bool above_high() const noexcept { return bytes() > options_->limits.high; }
    [[nodiscard]] bool at_most_low() const noexcept { return bytes() <= options_->limits.low; }
    /// Messages dropped or replaced by a newer one since the beginning.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

    void clear() noexcept;

private:
    [[nodiscard]] bool fits(std::size_t frame) const noexcept;
    [[nodiscard]] Push conflate(Message message);
    /// Whether `message` took the place of a waiting one with the same key.
    [[nodiscard]] bool replace_older(const std::string& key, Message& message);
    void append(Message message);
    void drop_oldest_for(std::size_t frame);

    const BacklogOptions* options_;
    Queue<Message> queue_;
    /// Key to the position of its message, counted from the first message ever taken.
    std::unordered_map<std::string, std::uint64_t> positions_;
    std::uint64_t popped_ = 0;
    std::size_t bytes_ = 0;
    std::size_t elsewhere_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/core/detail/backlog.ipp>
#endif
