#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/channel/completion.hpp>
#include <hawser/client/detail/connecting.hpp>
#include <hawser/http/url.hpp>
#include <hawser/transport/dialer.hpp>
#include <hawser/transport/polling.hpp>
#include <hawser/transport/websocket.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// How to connect a channel of transport `T`.
template <Transport T>
struct ConnectOptions {
    typename T::Options transport = {};
    /// For https and wss: what `tls_dialer` of the optional TLS part makes.
    std::shared_ptr<const SecureDialer> tls = nullptr;
};

/// Connects to the server at `url` (ws, wss, http, https; each transport takes all four) and
/// completes with an open channel, which lives on `executor`. To be called there, or before it
/// runs. Cancelling it gives up. With g++ 12 give the options a name: it destroys an argument in
/// braces twice where it stands beside co_await.
/// Errors: `bad_url`, `unsupported_scheme`, `tls_required`, `bad_argument`, `connect_timeout`, the
/// system's, and what the server's answer to the handshake or the open was found to be.
/// Token: `void(std::error_code, Channel<T>)`; the channel is empty where there is an error.
template <Transport T, class Token>
auto connect(const asio::any_io_executor& executor, std::string url, ConnectOptions<T> options,
             Token&& token) {
    return asio::async_initiate<Token, void(std::error_code, Channel<T>)>(
        [](auto handler, const asio::any_io_executor& on, const std::string& text,
           ConnectOptions<T> with) {
            detail::start_connecting<T>(std::move(handler), on, text, std::move(with.transport),
                                        std::move(with.tls));
        },
        token, executor, std::move(url), std::move(options));
}

/// The same with default options.
template <Transport T, class Token>
auto connect(const asio::any_io_executor& executor, std::string url, Token&& token) {
    return connect<T>(executor, std::move(url), ConnectOptions<T>{}, std::forward<Token>(token));
}

}  // namespace hawser::inline HAWSER_MODE
