#pragma once

#include "host.hpp"

#include <hawser/server.hpp>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <list>
#include <utility>
#include <vector>

namespace bench {

/// What an echo server sends for `message`.
[[nodiscard]] inline hawser::Message answer_to(hawser::Message message, Fault fault) {
    if (fault == Fault::none) return message;
    std::vector<std::byte> bytes(message.bytes().begin(), message.bytes().end());
    bytes.back() ^= std::byte{1};
    return hawser::Message::binary(bytes);
}

/// The coroutine form: one for each channel.
template <hawser::MessageChannel C>
asio::awaitable<void> echo(C channel, Fault fault) {
    while (auto message = co_await channel.receive()) {
        if (!co_await channel.send(answer_to(*std::move(message), fault))) co_return;
    }
}

/// The callback form: keeps all channels, and hands each of them its handlers.
class EchoRoom {
public:
    explicit EchoRoom(Fault fault) noexcept : fault_{fault} {}

    void take(hawser::AnyChannel taken) {
        const auto place = channels_.insert(channels_.end(), std::move(taken));
        place->run({
            .message =
                [this, place](hawser::Message message) {
                    const auto error = place->try_send(answer_to(std::move(message), fault_));
                    if (error) place->abort();  // the generator misses the echo
                },
            .closed = [this, place](const hawser::CloseReason&) { channels_.erase(place); },
        });
    }

private:
    Fault fault_;
    std::list<hawser::AnyChannel> channels_;
};

template <hawser::Transport T>
[[nodiscard]] typename T::Options echo_options() {
    typename T::Options options;
    if constexpr (std::same_as<T, hawser::Polling>) {
        options.server.interval = std::chrono::milliseconds{1};
    }
    return options;
}

/// Serves echoes at "/channel". What a `ServerProcess` runs.
template <hawser::Transport T>
void serve_echo(Form form, Fault fault, Descriptor control) {
    asio::io_context io{1};
    EchoRoom room{fault};
    hawser::Endpoint<T> endpoint{io.get_executor(), echo_options<T>()};
    if (form == Form::coroutine) {
        hawser::spawn_each(endpoint,
                           [fault](auto channel) { return echo(std::move(channel), fault); });
    } else {
        endpoint.each([&room](hawser::Channel<T> channel) { room.take(std::move(channel)); });
    }
    hawser::Router router;
    router.add("/channel", endpoint);
    host(io, std::move(router), std::move(control));
}

}  // namespace bench
