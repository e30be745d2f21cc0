#pragma once

#include <hawser/channel/carrier.hpp>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associator.hpp>
#include <asio/cancellation_type.hpp>

#include <memory>
#include <optional>
#include <system_error>
#include <utility>

// How the operations of a channel start: function objects for `asio::async_initiate`, which keep
// the carrier, as an awaitable may be awaited after the channel has gone.

namespace hawser::inline HAWSER_MODE::detail {

/// A handler behind a function that turns what the operation gives into what the handler takes.
/// Shares the handler's executor, allocator and cancellation slot.
template <class Handler, class Turn>
struct Turned {
    Handler handler;

    template <class... Args>
    void operator()(std::error_code error, Args&&... args) && {
        std::move(handler)(Turn{}(error, std::forward<Args>(args)...));
    }
};

struct ToOptional {
    std::optional<Message> operator()(std::error_code error, Message message) const {
        return error ? std::nullopt : std::optional{std::move(message)};
    }
};

struct ToBool {
    bool operator()(std::error_code error) const noexcept { return !error; }
};

/// Has a cancellation of `handler`'s operation call `cancel(port, ticket)`.
template <class Handler, class Cancel>
auto cancellation_of(const Handler& handler, Cancel cancel) {
    return [slot = asio::get_associated_cancellation_slot(handler), cancel](
               Carrier& carrier, Port::Ticket ticket) mutable {
        if (!slot.is_connected()) return;
        slot.assign([weak = carrier.weak_from_this(), ticket, cancel](asio::cancellation_type) {
            if (const auto alive = weak.lock()) cancel(alive->port(), ticket);
        });
    };
}

struct StartReceive {
    std::shared_ptr<Carrier> carrier;

    template <class Handler>
    void operator()(Handler&& handler) const {
        auto arm_cancellation = cancellation_of(
            handler, [](Port& port, Port::Ticket ticket) { port.cancel_receive(ticket); });
        Port& port = carrier->port();
        const auto ticket =
            port.receive(Port::Received{std::forward<Handler>(handler), port.executor()});
        arm_cancellation(*carrier, ticket);
        if (port.has_arrived()) carrier->attend();
    }
};

struct StartReceiveOptional {
    std::shared_ptr<Carrier> carrier;

    template <class Handler>
    void operator()(Handler&& handler) const {
        using Plain = std::decay_t<Handler>;
        StartReceive{carrier}(Turned<Plain, ToOptional>{std::forward<Handler>(handler)});
    }
};

struct StartSend {
    std::shared_ptr<Carrier> carrier;

    template <class Handler>
    void operator()(Handler&& handler, Message message) const {
        Port& port = carrier->port();
        auto arm_cancellation = cancellation_of(
            handler, [](Port& at, Port::Ticket ticket) { at.cancel_wait(ticket); });
        Port::Done done{std::forward<Handler>(handler), port.executor()};
        const std::error_code error = carrier->send(std::move(message), WhenFull::apply_policy);
        if (error || !carrier->backlog().is_above_high) return std::move(done).post(error);
        arm_cancellation(*carrier, port.wait_drained(std::move(done)));
    }
};

struct StartSendBool {
    std::shared_ptr<Carrier> carrier;

    template <class Handler>
    void operator()(Handler&& handler, Message message) const {
        using Plain = std::decay_t<Handler>;
        StartSend{carrier}(Turned<Plain, ToBool>{std::forward<Handler>(handler)},
                           std::move(message));
    }
};

struct StartClose {
    std::shared_ptr<Carrier> carrier;

    template <class Handler>
    void operator()(Handler&& handler, CloseReason reason) const {
        Port& port = carrier->port();
        Port::Done done{std::forward<Handler>(handler), port.executor()};
        if (!is_sendable_close_code(reason.code) || reason.text.size() > max_close_text) {
            return std::move(done).post(Error::bad_argument);
        }
        port.wait_closed(std::move(done));
        carrier->close(std::move(reason));
    }
};

}  // namespace hawser::inline HAWSER_MODE::detail

template <template <class, class> class Associator, class Handler, class Turn, class Default>
struct asio::associator<Associator, hawser::detail::Turned<Handler, Turn>, Default>
    : Associator<Handler, Default> {
    using Turned = hawser::detail::Turned<Handler, Turn>;

    static auto get(const Turned& turned) noexcept {
        return Associator<Handler, Default>::get(turned.handler);
    }
    static auto get(const Turned& turned, const Default& fallback) noexcept {
        return Associator<Handler, Default>::get(turned.handler, fallback);
    }
};
