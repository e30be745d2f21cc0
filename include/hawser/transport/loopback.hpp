#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/core/backlog.hpp>
#include <hawser/core/guarantee.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/time.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/transport/carrier_address.hpp>
#include <hawser/transport/outgoing.hpp>

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

class LoopbackCarrier;

/// How both ends of a loopback behave.
struct LoopbackOptions {
    MessageLimits message = {};
    BacklogOptions backlog = {};
    InboxLimits inbox = {};
    /// How long a close waits for the other end.
    Duration close_timeout = std::chrono::seconds{5};
};

/// In memory, within one executor: for trying handlers without sockets. Behaves as the others do:
/// back-pressure, limits, closing.
struct Loopback {
    static constexpr std::string_view name = "loopback";
    static constexpr Guarantee guarantee = Guarantee::exactly_once;
    using Options = LoopbackOptions;
    using Carrier = LoopbackCarrier;
};

/// Moves the messages of one end of a loopback to the other.
class LoopbackCarrier final : public Carrier, private net::Timer, private net::Deferred {
    struct Private {};

public:
    using Pair = std::pair<std::shared_ptr<LoopbackCarrier>, std::shared_ptr<LoopbackCarrier>>;

    /// Two carriers, each the other's peer, that live on `executor`.
    [[nodiscard]] static Pair make_pair(const asio::any_io_executor& executor,
                                        LoopbackOptions options);

    LoopbackCarrier(Private, std::shared_ptr<net::Loop> loop,
                    std::shared_ptr<const LoopbackOptions> options);
    ~LoopbackCarrier() override { loop_->disarm(*this); }

    std::error_code send(Message message, WhenFull when_full) override;
    void close(CloseReason reason) override;
    void abort() override;
    void attend() override;
    [[nodiscard]] Guarantee guarantee() const noexcept override { return Loopback::guarantee; }
    [[nodiscard]] BacklogState backlog() const override;
    [[nodiscard]] Counters counters() const override;
    [[nodiscard]] ChannelFacts info() const override { return {}; }
    [[nodiscard]] std::shared_ptr<Address> address() override;

private:
    void defer() { loop_->defer({shared_from_this(), this}); }
    /// A turn; and another, of both ends, where an application's exception has ended it.
    void end_of_turn() override;
    void take_turn();
    void expired() noexcept override;
    void move_messages(LoopbackCarrier& peer);
    void move_close(LoopbackCarrier& peer);
    void end(CloseReason reason);
    void fail(Error error, CloseCode code, Party by);

    std::shared_ptr<net::Loop> loop_;
    std::shared_ptr<const LoopbackOptions> options_;
    /// The other end; null when it, or this one, has ended.
    std::weak_ptr<LoopbackCarrier> peer_;
    Backlog backlog_;
    /// Why this end closes; sent when the backlog has left.
    std::optional<CloseReason> closing_;
    /// Why it must end at once, at the next turn.
    std::optional<CloseReason> failed_;
    std::shared_ptr<CarrierAddress> address_;
    std::uint64_t sent_ = 0;
    bool close_sent_ = false;
    bool close_received_ = false;
    bool deadline_passed_ = false;
};

/// Two open channels, each the other's peer. Throws std::system_error (`Error::bad_argument`) where
/// the limits of the backlog do not fit the message limit.
[[nodiscard]] HAWSER_DECL std::pair<Channel<Loopback>, Channel<Loopback>> make_loopback(
    const asio::any_io_executor& executor, LoopbackOptions options = {});

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/transport/detail/loopback.ipp>
#endif
