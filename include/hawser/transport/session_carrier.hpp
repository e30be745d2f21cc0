#pragma once

#include <hawser/core/time.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/polling/inbox_room.hpp>
#include <hawser/transport/carrier_address.hpp>
#include <hawser/transport/outgoing.hpp>
#include <hawser/transport/polling.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>
#include <variant>

namespace hawser::inline HAWSER_MODE {

/// What the carriers of both ends of a polling session share: commands to the session's engine, and
/// the turn in which its events, its deadline and the application are looked after. What the
/// application's handlers throw leaves through the executor; another turn goes on behind it.
template <class Session>
class SessionCarrier : public PollingCarrier, private net::Timer, private net::Deferred {
public:
    std::error_code send(Message message, WhenFull when_full) final;
    void close(CloseReason reason) final;
    void abort() final;
    void attend() final { changed(); }
    [[nodiscard]] Guarantee guarantee() const noexcept final { return Guarantee::exactly_once; }
    [[nodiscard]] BacklogState backlog() const final;
    [[nodiscard]] Counters counters() const final;
    [[nodiscard]] ChannelFacts info() const final { return info_; }
    [[nodiscard]] std::shared_ptr<Address> address() final;

protected:
    using Event = typename Session::Event;

    /// What both ends' options say of messages.
    struct Terms {
        MessageLimits message;
        InboxLimits inbox;
    };

    SessionCarrier(Session session, const Terms& terms, std::shared_ptr<net::Loop> loop)
        : PollingCarrier{loop->shared_executor(), terms.inbox},
          message_limits_{terms.message},
          loop_{std::move(loop)},
          session_{std::move(session)} {}
    ~SessionCarrier() override { loop_->disarm(*this); }

    [[nodiscard]] Session& session() noexcept { return session_; }
    [[nodiscard]] const Session& session() const noexcept { return session_; }
    [[nodiscard]] const std::shared_ptr<net::Loop>& loop() const noexcept { return loop_; }
    void set_info(ChannelFacts info) { info_ = std::move(info); }
    /// The peer takes no message longer than `bytes`.
    void set_peer_limit(std::size_t bytes) noexcept {
        message_limits_.bytes = std::min(message_limits_.bytes, bytes);
    }

    /// To be called after each call of the session from outside a turn: has a turn at the end of
    /// the executor's.
    void changed();
    /// A turn: polls the session until it has nothing more to say. From inside a turn the same as
    /// `changed`.
    void turn();

    /// Events that are not the application's: what the two ends do differently.
    virtual void handle(Event&& event) = 0;
    /// The channel has ended; before its port is closed.
    virtual void ended(const CloseReason& reason) = 0;
    /// At the end of each turn; may let go of the carrier.
    virtual void turned() = 0;

private:
    /// Ends a turn, also one that an application's exception ends: what is left is for the next.
    struct Turn {
        explicit Turn(SessionCarrier& taking) : carrier{taking} { carrier.in_turn_ = true; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            carrier.in_turn_ = false;
            if (std::exchange(carrier.changed_, false) || !is_done) carrier.changed();
        }

        SessionCarrier& carrier;
        bool is_done = false;
    };

    void poll();
    void take(Event&& event);
    void give_room();
    void expired() noexcept override;
    void end_of_turn() override { turn(); }

    MessageLimits message_limits_;
    std::shared_ptr<net::Loop> loop_;
    Session session_;
    ChannelFacts info_;
    std::shared_ptr<CarrierAddress> address_;
    bool in_turn_ = false;
    bool changed_ = false;
    bool closing_ = false;
};

}  // namespace hawser::inline HAWSER_MODE

#include <hawser/transport/detail/session_carrier.ipp>
