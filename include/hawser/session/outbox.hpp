#pragma once

#include <hawser/core/backlog.hpp>
#include <hawser/core/output.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hawser::inline HAWSER_MODE::session {

/// What is known of the fate of what was sent, by the numbers of the messages.
struct Delivery {
    /// The peer has every message up to this one.
    std::uint64_t acknowledged = 0;
    /// This one and later ones were certainly not sent; between the two it is unknown.
    std::uint64_t not_sent_from = 1;

    friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// The messages of one direction on their way to a peer that may be absent for a while. A message
/// waits without a number, when the slow-consumer policy may still drop it; gets its number when it
/// is first put on the wire; and stays, to be put there again, until the peer acknowledges it.
class Outbox {
public:
    struct TakeLimits {
        /// Frames go in while they fit; the first one always does.
        std::size_t bytes;
        std::size_t messages = ~std::size_t{0};
    };
    struct Taken {
        /// The number of the first message taken, if any was.
        std::uint64_t first = 1;
        std::size_t count = 0;
    };

    /// `options` must outlive the outbox.
    explicit Outbox(const BacklogOptions& options) noexcept : waiting_{options} {}

    /// Takes `message`, handling overflow by the policy; what is unacknowledged counts.
    /// Must not be called after `finish`.
    [[nodiscard]] Backlog::Push push(Message message) { return waiting_.push(std::move(message)); }
    /// Takes `message` only where it fits without dropping another. Not after `finish`.
    [[nodiscard]] bool try_push(Message message) { return waiting_.try_push(std::move(message)); }

    /// Puts a last frame behind everything that was accepted; it takes a number like a message.
    /// Only the first call counts.
    void finish(std::vector<std::byte> last_frame);
    [[nodiscard]] bool is_finished() const noexcept { return last_frame_ != nullptr; }

    /// Appends frames to `into`, beginning with the first that is not acknowledged, old ones again.
    Taken take(Output& into, const TakeLimits& limits);
    /// Forgets what the peer has: everything up to the number `up_to`, at most `last_number()`.
    void release(std::uint64_t up_to);

    /// Drops what has no number yet.
    void discard_waiting() noexcept { waiting_.clear(); }
    /// Drops everything; the numbers stay.
    void clear() noexcept;
    /// Gives back what it keeps for the next messages, if there are none.
    void rest() noexcept { waiting_.rest(); }

    /// The greatest number given so far.
    [[nodiscard]] std::uint64_t last_number() const noexcept { return last_number_; }
    /// The greatest number released so far.
    [[nodiscard]] std::uint64_t acknowledged() const noexcept { return acknowledged_; }
    [[nodiscard]] Delivery delivery() const noexcept { return {acknowledged_, last_number_ + 1}; }
    /// Whether there is nothing to put on the wire, neither again nor for the first time.
    [[nodiscard]] bool empty() const noexcept;
    /// Whether the last frame has been acknowledged, and so everything.
    [[nodiscard]] bool is_delivered() const noexcept;

    /// Messages and bytes accepted and not acknowledged.
    [[nodiscard]] std::size_t messages() const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept { return waiting_.bytes(); }
    [[nodiscard]] const Backlog& backlog() const noexcept { return waiting_; }
    /// Messages put on the wire again.
    [[nodiscard]] std::uint64_t retransmitted() const noexcept { return retransmitted_; }

private:
    /// A frame that ends the direction; its number is 0 until it is first put on the wire.
    struct LastFrame {
        std::vector<std::byte> bytes;
        std::uint64_t number = 0;
    };

    /// Gives the next number to the oldest that has none.
    void number_next();
    [[nodiscard]] ByteView next_frame(std::size_t index) const noexcept;
    [[nodiscard]] bool has_number(std::size_t index) const noexcept;
    void append(Output& into, std::size_t index) const;

    Backlog waiting_;
    /// The messages from `acknowledged_` + 1 on that have a number.
    Queue<Message> numbered_;
    std::size_t numbered_bytes_ = 0;
    std::uint64_t last_number_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t retransmitted_ = 0;
    std::unique_ptr<LastFrame> last_frame_;
};

}  // namespace hawser::inline HAWSER_MODE::session

#if !defined(HAWSER_COMPILED)
#include <hawser/session/detail/outbox.ipp>
#endif
