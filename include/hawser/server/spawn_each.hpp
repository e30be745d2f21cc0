#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/server/endpoint.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Runs `serve(channel)`, a coroutine, for every channel that `endpoint` opens, on the channel's
/// own executor. The channel is the coroutine's; what it throws ends it and closes the channel.
/// `serve` is copied for each channel. To be called before the first channel comes.
template <class T, class Serve>
void spawn_each(Endpoint<T>& endpoint, Serve serve) {
    endpoint.each([serve = std::move(serve)](Channel<T> channel) {
        const auto executor = channel.get_executor();
        asio::co_spawn(
            executor,
            [serve, channel = std::move(channel)]() mutable -> asio::awaitable<void> {
                co_await serve(std::move(channel));
            },
            asio::detached);
    });
}

}  // namespace hawser::inline HAWSER_MODE
