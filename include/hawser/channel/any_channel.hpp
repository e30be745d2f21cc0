#pragma once

#include <hawser/channel/carrier.hpp>
#include <hawser/channel/detail/operations.hpp>
#include <hawser/channel/handlers.hpp>
#include <hawser/channel/sender.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Moves messages to and from one peer; owns its end of the conversation, whatever the transport.
/// Move-only; destroying it closes politely (1000), in the background.
///
/// Thread safety: none; use it on `get_executor()` only, and `sender()` from elsewhere.
/// Completion: handlers run on their associated executor, else on the channel's, and never from
/// inside the call that starts the operation. Operations on a dead channel complete with an error.
/// Cancellation: `async_receive` and `async_send` support every kind; a cancelled receive loses no
/// message. The `io_context` must outlive the channel.
class AnyChannel {
public:
    using executor_type = asio::any_io_executor;

    /// An empty one, of an operation that failed: only to be assigned to, destroyed and tested.
    AnyChannel() noexcept = default;
    AnyChannel(AnyChannel&&) noexcept = default;
    AnyChannel& operator=(AnyChannel&& other) noexcept {
        AnyChannel taken{std::move(other)};
        std::swap(carrier_, taken.carrier_);
        return *this;
    }
    ~AnyChannel() {
        if (carrier_ == nullptr) return;
        carrier_->port().abandon();
        carrier_->close(CloseReason{});
        carrier_->attend();
    }

    /// Whether it is not empty: neither moved from, nor that of an operation that failed.
    [[nodiscard]] explicit operator bool() const noexcept { return carrier_ != nullptr; }
    /// The executor of this channel; stays valid after the channel is gone.
    [[nodiscard]] executor_type get_executor() const { return carrier_->port().executor(); }

    /// Completes with the next message, or with why the channel has ended: `Error::closed` after a
    /// clean close. One receive may be outstanding; a second gets `Error::receive_pending`.
    /// Token: `void(std::error_code, Message)`.
    template <class Token>
    auto async_receive(Token&& token) {
        return asio::async_initiate<Token, void(std::error_code, Message)>(
            detail::StartReceive{carrier_}, token);
    }

    /// For coroutines: the next message, or nothing when the channel has ended (`close_reason()`
    /// says why). For an `asio::awaitable` with another executor type use `async_receive`. With
    /// g++ 12 give what this and `send` return a name: a coroutine without a local variable crashes
    /// where a condition awaits.
    [[nodiscard]] asio::awaitable<std::optional<Message>> receive() {
        return asio::async_initiate<const asio::use_awaitable_t<>, void(std::optional<Message>)>(
            detail::StartReceiveOptional{carrier_}, asio::use_awaitable);
    }

    /// Takes `message` at once, and completes when the backlog is not above its high-water mark, or
    /// has fallen to the low one: awaiting it is back-pressure. Any number may be outstanding; the
    /// order is that of the calls. A cancelled send has been taken all the same.
    /// Errors: see `Carrier::send`. Token: `void(std::error_code)`.
    template <class Token>
    auto async_send(Message message, Token&& token) {
        return asio::async_initiate<Token, void(std::error_code)>(detail::StartSend{carrier_},
                                                                  token, std::move(message));
    }

    /// For coroutines: as `async_send`; false when the message was not taken or the channel ended.
    [[nodiscard]] asio::awaitable<bool> send(Message message) {
        return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
            detail::StartSendBool{carrier_}, asio::use_awaitable, std::move(message));
    }

    /// Takes `message` or refuses it (`Error::closed`, `backlog_full`, `message_too_big`,
    /// `invalid_text`); never waits. After `backlog_full`, `Handlers::drained` tells when to go on.
    std::error_code try_send(Message message) {
        const std::error_code error = carrier_->send(std::move(message), WhenFull::refuse);
        const bool is_full =
            error ? error == Error::backlog_full : carrier_->backlog().is_above_high;
        if (is_full) carrier_->port().note_full();
        return error;
    }

    /// The push form: every message goes to `handlers`, from the end of this turn on. Not together
    /// with a receive. The channel is to be kept as long as messages are wanted.
    void run(Handlers handlers) {
        carrier_->port().set_handlers(std::move(handlers));
        carrier_->attend();
    }

    /// Sends from any thread, and outlives the channel.
    [[nodiscard]] Sender sender() const { return Sender{carrier_->address()}; }

    /// Closes with `reason`'s code and text, after what has been accepted, and completes when the
    /// peer has closed too, or after the close deadline (5 s). Messages can be received meanwhile.
    /// Errors: `bad_argument` where the code is none to be sent (RFC 6455 §7.4) or the text is
    /// longer than 123 bytes; one that is not UTF-8 is left out. Token: `void(std::error_code)`.
    template <class Token>
    auto async_close(CloseReason reason, Token&& token) {
        return asio::async_initiate<Token, void(std::error_code)>(
            detail::StartClose{carrier_}, token, std::move(reason));
    }
    /// The same, of a code and a text: for coroutines, as g++ 12 destroys what is made of braces
    /// beside a `co_await` twice. As a code, a number or a `CloseCode`.
    template <class Token>
    auto async_close(std::uint16_t code, std::string_view text, Token&& token) {
        CloseReason reason{.code = code, .text = std::string{text}};
        return async_close(std::move(reason), std::forward<Token>(token));
    }
    template <class Token>
    auto async_close(CloseCode code, std::string_view text, Token&& token) {
        return async_close(static_cast<std::uint16_t>(code), text, std::forward<Token>(token));
    }
    /// The same with code 1000 and no text.
    template <class Token>
    auto async_close(Token&& token) {
        return async_close(CloseReason{}, std::forward<Token>(token));
    }

    /// Ends the channel at once; what waits in either direction is lost.
    void abort() { carrier_->abort(); }

    /// What this transport promises of accepted messages.
    [[nodiscard]] Guarantee guarantee() const noexcept { return carrier_->guarantee(); }
    /// Whether the channel has ended. What had arrived before can still be received.
    [[nodiscard]] bool is_closed() const noexcept { return carrier_->port().is_closed(); }
    /// Why the channel has ended; nothing while it is open.
    [[nodiscard]] std::optional<CloseReason> close_reason() const {
        const CloseReason* const reason = carrier_->port().reason();
        return reason == nullptr ? std::nullopt : std::optional{*reason};
    }
    /// Who the peer is and how it came; valid for ever.
    [[nodiscard]] ChannelFacts info() const { return carrier_->info(); }
    /// What waits to be sent, and is not yet gone for good.
    [[nodiscard]] BacklogState backlog() const { return carrier_->backlog(); }
    [[nodiscard]] Counters counters() const { return carrier_->counters(); }

protected:
    explicit AnyChannel(std::shared_ptr<Carrier> carrier) noexcept : carrier_{std::move(carrier)} {}

private:
    std::shared_ptr<Carrier> carrier_;
};

}  // namespace hawser::inline HAWSER_MODE
