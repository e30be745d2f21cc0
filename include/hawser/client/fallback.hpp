#pragma once

#include <hawser/channel/any_channel.hpp>
#include <hawser/channel/completion.hpp>
#include <hawser/client/connect.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// As polling has them when another transport may get through where it does not.
template <class T>
void give_up_on_foreign_replies(ConnectOptions<T>& options) {
    if constexpr (std::is_same_v<typename T::Options, PollingOptions>) {
        options.transport.client.foreign_reply = polling::ForeignReply::give_up;
    }
}

/// Tries one transport after the other, until one connects.
template <class... Ts>
class FallingBack : public std::enable_shared_from_this<FallingBack<Ts...>> {
public:
    using Done = Completion<void(std::error_code, AnyChannel)>;
    using Options = std::tuple<ConnectOptions<Ts>...>;

    FallingBack(asio::any_io_executor executor, std::string url, Options options, Done done)
        : executor_{std::move(executor)},
          url_{std::move(url)},
          options_{std::move(options)},
          done_{std::move(done)} {}

    template <std::size_t Index = 0>
    void try_from() {
        if constexpr (Index == sizeof...(Ts)) {
            complete(Error::no_transport_left, AnyChannel{});
        } else {
            using T = std::tuple_element_t<Index, std::tuple<Ts...>>;
            auto& options = std::get<Index>(options_);
            give_up_on_foreign_replies(options);
            give_up_ = begin_connecting<T>(
                [self = this->shared_from_this()](std::error_code error,
                                                  std::shared_ptr<Carrier> carrier) {
                    self->template tried<Index>(error, as_channel<T>(std::move(carrier)));
                },
                executor_, url_, std::move(options.transport), std::move(options.tls));
        }
    }

    /// Gives up.
    void cancel() {
        if (!done_) return;
        complete(asio::error::operation_aborted, AnyChannel{});
        if (give_up_) std::exchange(give_up_, nullptr)();
    }

private:
    template <std::size_t Index>
    void tried(std::error_code error, AnyChannel channel) {
        give_up_ = nullptr;
        if (!done_) return;
        if (!error) return complete({}, std::move(channel));
        // The application's own mistakes do not get better with another transport.
        if (error == Condition::misuse) return complete(error, AnyChannel{});
        try_from<Index + 1>();
    }

    void complete(std::error_code error, AnyChannel channel) {
        std::exchange(done_, Done{}).post(error, std::move(channel));
    }

    asio::any_io_executor executor_;
    std::string url_;
    Options options_;
    Done done_;
    std::function<void()> give_up_;
};

}  // namespace detail

/// Connects to the server at `url` by the first of the transports `Ts`, in their order, that gets
/// through: `fallback<WebSocket, LongPolling>(…)`. Where a proxy swallows WebSockets, or something
/// else than the server answers, the next is tried. To be called on `executor`, or before it runs.
/// Cancelling it gives up. With g++ 12 give the options a name where this is awaited.
/// Errors: `no_transport_left`, and what `connect` says of a mistaken argument.
/// Token: `void(std::error_code, AnyChannel)`; the channel is empty where there is an error.
template <Transport... Ts, class Token>
auto fallback(const asio::any_io_executor& executor, std::string url,
              std::tuple<ConnectOptions<Ts>...> options, Token&& token) {
    return asio::async_initiate<Token, void(std::error_code, AnyChannel)>(
        [](auto handler, const asio::any_io_executor& on, std::string to,
           std::tuple<ConnectOptions<Ts>...> with) {
            using Attempts = detail::FallingBack<Ts...>;
            auto slot = asio::get_associated_cancellation_slot(handler);
            const auto attempts =
                std::make_shared<Attempts>(on, std::move(to), std::move(with),
                                           typename Attempts::Done{std::move(handler), on});
            attempts->try_from();
            if (!slot.is_connected()) return;
            slot.assign([weak = std::weak_ptr{attempts}](asio::cancellation_type) {
                if (const auto alive = weak.lock()) alive->cancel();
            });
        },
        token, executor, std::move(url), std::move(options));
}

/// The same with default options.
template <Transport... Ts, class Token>
auto fallback(const asio::any_io_executor& executor, std::string url, Token&& token) {
    return fallback<Ts...>(executor, std::move(url), std::tuple<ConnectOptions<Ts>...>{},
                           std::forward<Token>(token));
}

}  // namespace hawser::inline HAWSER_MODE
