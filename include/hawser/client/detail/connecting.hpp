#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/channel/completion.hpp>
#include <hawser/core/entropy.hpp>
#include <hawser/core/error.hpp>
#include <hawser/http/url.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/polling/options.hpp>
#include <hawser/transport/dialer.hpp>
#include <hawser/transport/polling_client.hpp>
#include <hawser/transport/websocket.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::detail {

/// A WebSocket on its way: first the stream, then the handshake.
class WebSocketConnecting final : public std::enable_shared_from_this<WebSocketConnecting> {
public:
    using OnOpen = std::function<void(std::error_code, std::shared_ptr<WebSocketCarrier>)>;

    struct Parts {
        std::shared_ptr<net::Loop> loop;
        http::Url url;
        std::shared_ptr<const WebSocketOptions> options;
        std::shared_ptr<const SecureDialer> secure;
        websocket::UpgradeRequest request;
        OnOpen on_open;
    };

    explicit WebSocketConnecting(Parts parts) : parts_{std::move(parts)} {}

    void start() {
        attempt_ = dial_url(parts_.loop, parts_.url, parts_.secure.get(),
                            parts_.options->connection.handshake_timeout,
                            [self = shared_from_this()](std::error_code error,
                                                        net::AnyStream stream) {
                                self->connected(error, std::move(stream));
                            });
    }

    /// Gives up; the handler is not called any more.
    void cancel() {
        const auto attempt = std::move(attempt_);
        parts_.on_open = nullptr;
        if (const auto carrier = carrier_.lock()) carrier->abort();
    }

private:
    void connected(std::error_code error, net::AnyStream stream) {
        const auto attempt = std::move(attempt_);
        if (error) return opened(error, nullptr);
        const auto link = std::make_shared<WebSocketCarrier>(WebSocketCarrier::Parts{
            .stream = std::move(stream),
            .connection = websocket::Connection::client(std::move(parts_.request),
                                                        parts_.options->connection,
                                                        system_entropy(), Clock::now()),
            .loop = parts_.loop,
            .options = parts_.options,
            .facts = {.peer_address = parts_.url.host,
                      .peer_port = parts_.url.port,
                      .target = parts_.url.target},
            .on_open =
                [self = shared_from_this()](std::error_code failed,
                                            std::shared_ptr<WebSocketCarrier> carrier) {
                    self->opened(failed, std::move(carrier));
                },
        });
        carrier_ = link;
        link->start();
    }

    void opened(std::error_code error, std::shared_ptr<WebSocketCarrier> carrier) {
        const auto on_open = std::exchange(parts_.on_open, nullptr);
        if (on_open) on_open(error, std::move(carrier));
    }

    Parts parts_;
    std::unique_ptr<DialAttempt> attempt_;
    std::weak_ptr<WebSocketCarrier> carrier_;
};

/// Begins to connect; returns what gives up. `on_open` is called once, unless it was given up.
template <class OnOpen>
std::function<void()> begin_connecting(WebSocket, const std::shared_ptr<net::Loop>& loop,
                                       const http::Url& url, WebSocketOptions options,
                                       std::shared_ptr<const SecureDialer> secure, OnOpen on_open) {
    const auto mistake = check(options);
    auto request = mistake
                       ? Result<websocket::UpgradeRequest>{mistake}
                       : websocket::make_upgrade_request(url, options.request, system_entropy(),
                                                         options.compression);
    if (!request) {
        asio::post(loop->executor(),
                   [on_open, error = request.error()] { on_open(error, nullptr); });
        return [] {};
    }
    const auto connecting = std::make_shared<WebSocketConnecting>(WebSocketConnecting::Parts{
        .loop = loop,
        .url = url,
        .options = std::make_shared<const WebSocketOptions>(std::move(options)),
        .secure = std::move(secure),
        .request = *std::move(request),
        .on_open = std::move(on_open),
    });
    connecting->start();
    return [connecting] { connecting->cancel(); };
}

template <class Policy, class OnOpen>
    requires std::same_as<typename Policy::Carrier, PollingCarrier>
std::function<void()> begin_connecting(Policy, const std::shared_ptr<net::Loop>& loop,
                                       const http::Url& url, PollingOptions options,
                                       std::shared_ptr<const SecureDialer> secure, OnOpen on_open) {
    options = Policy::adapt(std::move(options));
    if (const auto error = polling::check(options.client)) {
        asio::post(loop->executor(), [on_open, error] { on_open(error, nullptr); });
        return [] {};
    }
    const auto carrier = std::make_shared<PollingClientCarrier>(PollingClientCarrier::Parts{
        .url = url,
        .options = std::make_shared<const PollingOptions>(std::move(options)),
        .secure = std::move(secure),
        .loop = loop,
        .on_open = std::move(on_open),
    });
    carrier->start();
    return [weak = std::weak_ptr<Carrier>{carrier}] {
        if (const auto alive = weak.lock()) alive->abort();
    };
}

/// Begins to connect to the server at `text`; returns what gives up. `handler` is called once, with
/// the outcome, unless it was given up.
template <class T>
std::function<void()> begin_connecting(
    std::function<void(std::error_code, std::shared_ptr<Carrier>)> handler,
    const asio::any_io_executor& executor, const std::string& text, typename T::Options options,
    std::shared_ptr<const SecureDialer> secure) {
    const auto url = http::parse_url(text);
    if (url) {
        return begin_connecting(T{}, net::Loop::of(executor), *url, std::move(options),
                                std::move(secure), std::move(handler));
    }
    asio::post(executor,
               [handler = std::move(handler), error = url.error()] { handler(error, nullptr); });
    return [] {};
}

/// The channel of what a `begin_connecting<T>` gave; empty where that is nothing.
template <class T>
Channel<T> as_channel(std::shared_ptr<Carrier> carrier) {
    return Channel<T>{std::static_pointer_cast<typename T::Carrier>(std::move(carrier))};
}

/// The operation behind `connect`: completes `handler` once, by whichever comes first of the
/// outcome and the cancellation.
template <class T, class Handler>
void start_connecting(Handler handler, const asio::any_io_executor& executor,
                      const std::string& text, typename T::Options options,
                      std::shared_ptr<const SecureDialer> secure) {
    using Done = Completion<void(std::error_code, Channel<T>)>;
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto done = std::make_shared<Done>(std::move(handler), executor);
    auto give_up = begin_connecting<T>(
        [done](std::error_code error, std::shared_ptr<Carrier> carrier) {
            if (!*done) return;
            std::exchange(*done, Done{}).post(error, as_channel<T>(std::move(carrier)));
        },
        executor, text, std::move(options), std::move(secure));
    if (!slot.is_connected()) return;
    slot.assign([done, give_up = std::move(give_up)](asio::cancellation_type) {
        if (!*done) return;
        std::exchange(*done, Done{}).post(asio::error::operation_aborted, Channel<T>{nullptr});
        give_up();
    });
}

}  // namespace hawser::inline HAWSER_MODE::detail
