#pragma once

#include <hawser/client/connect.hpp>
#include <hawser/core/entropy.hpp>
#include <hawser/polling/back_off.hpp>

#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// How to stay connected with transport `T`.
template <Transport T>
struct KeepConnectedOptions {
    ConnectOptions<T> connect = {};
    /// How long to wait after a connection failed or ended: full jitter, so that the clients of a
    /// server that was restarted do not all come back at once.
    polling::BackOffOptions back_off = {};
};

/// What a handler of `keep_connected` wants when it has done with a channel.
enum class Again : std::uint8_t { connect, stop };

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 at -O1 takes Asio's allocation of a coroutine's frame for one of another kind.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

/// Connects to `url`, runs `serve(Channel<T>)`, a coroutine that returns `Again`, and connects anew
/// when it wants to, after a back-off. Each channel is a new conversation: what was under way on a
/// lost WebSocket is not sent again. Returns nothing when `serve` says `Again::stop`, and the error
/// where a connection can never succeed (refused by the server, or the application's mistake).
/// Runs on the executor of the coroutine that awaits it; cancelling that gives up. With g++ 12 give
/// the options a name: it destroys an argument in braces twice where it stands beside co_await.
template <Transport T, class Serve>
asio::awaitable<std::error_code> keep_connected(std::string url, KeepConnectedOptions<T> options,
                                                Serve serve) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer rest{executor};
    polling::BackOff back_off;
    for (;;) {
        std::error_code error;
        // Named: g++ 12 destroys some temporaries of an expression with co_await twice.
        ConnectOptions<T> connect_options = options.connect;
        auto channel = co_await connect<T>(executor, url, std::move(connect_options),
                                           asio::redirect_error(asio::use_awaitable, error));
        if (error == Condition::refused || error == Condition::misuse) co_return error;
        if (error == asio::error::operation_aborted) co_return error;
        if (!error) {
            back_off.succeeded(Clock::now());
            if (co_await serve(std::move(channel)) == Again::stop) co_return std::error_code{};
        }
        rest.expires_after(back_off.failed(options.back_off, system_entropy(), Clock::now()));
        co_await rest.async_wait(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return error;
    }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/// The same with default options.
template <Transport T, class Serve>
asio::awaitable<std::error_code> keep_connected(std::string url, Serve serve) {
    KeepConnectedOptions<T> options;
    return keep_connected<T>(std::move(url), std::move(options), std::move(serve));
}

}  // namespace hawser::inline HAWSER_MODE
