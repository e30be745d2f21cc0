#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/server/endpoint.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// Runs `serve(channel)`, whatever type the channel was of.
template <class Serve, class C>
void spawn_serving(const Serve& serve, C channel) {
    const auto executor = channel.get_executor();
    asio::co_spawn(
        executor,
        [serve, channel = std::move(channel)]() mutable -> asio::awaitable<void> {
            co_await serve(std::move(channel));
        },
        asio::detached);
}

}  // namespace detail

/// Runs `serve(channel)`, a coroutine, for every channel that `endpoint` opens, on the channel's
/// own executor. The channel is the coroutine's; what it throws ends it and closes the channel.
/// `serve` is copied for each channel. To be called before the first channel comes.
template <class T, class Serve>
void spawn_each(Endpoint<T>& endpoint, Serve serve) {
    endpoint.each([serve = std::move(serve)](Channel<T> channel) {
        detail::spawn_serving(serve, std::move(channel));
    });
}

/// The same for a function that serves channels of any transport, all of them with the same code.
template <class T, class Executor>
void spawn_each(Endpoint<T>& endpoint, asio::awaitable<void, Executor> (*serve)(AnyChannel)) {
    endpoint.each([serve](Channel<T> channel) {
        detail::spawn_serving(serve, AnyChannel{std::move(channel)});
    });
}

}  // namespace hawser::inline HAWSER_MODE
