#pragma once

#include "host.hpp"

#include <hawser/server.hpp>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <concepts>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

/// What the server says to every channel when it is asked to.
inline constexpr std::string_view announcement = "one message for each";

/// All idle channels of a server.
class IdleRoom {
public:
    /// The callback form: keeps the channel, and hands it its handlers.
    void take(hawser::AnyChannel taken) {
        const auto place = kept_.insert(kept_.end(), std::move(taken));
        place->run({
            .message = [](const hawser::Message&) {},
            .closed = [this, place](const hawser::CloseReason&) { kept_.erase(place); },
        });
    }

    /// The coroutine form: one for each channel, which keeps it.
    template <hawser::MessageChannel C>
    asio::awaitable<void> attend(C channel) {
        const auto place = attended_.insert(attended_.end(), &channel);
        while (co_await channel.receive()) {
        }
        attended_.erase(place);
    }

    [[nodiscard]] std::size_t size() const noexcept { return kept_.size() + attended_.size(); }

    void say(const hawser::Message& message) {
        for (auto& channel : kept_)
            static_cast<void>(channel.try_send(message));
        for (auto* const channel : attended_)
            static_cast<void>(channel->try_send(message));
    }

private:
    std::list<hawser::AnyChannel> kept_;
    std::list<hawser::AnyChannel*> attended_;
};

/// How an idle server differs from one with the library's defaults.
struct IdleOptions {
    Form form = Form::callbacks;
    Fault fault = Fault::none;
    /// Whether channels know the head of the request that opened them.
    bool keeps_head = true;
    /// How long a polling session outlives its last request.
    hawser::Duration grace = std::chrono::seconds{10};
};

/// The library's, but that nothing moves while memory is looked at.
template <hawser::Transport T>
[[nodiscard]] typename T::Options options_of(const IdleOptions& idle) {
    typename T::Options options;
    options.keep_head = idle.keeps_head;
    if constexpr (std::same_as<T, hawser::WebSocket>) {
        options.connection.ping_interval = std::chrono::minutes{10};
    } else {
        options.server.hold = std::chrono::seconds{100};
        options.server.interval = std::chrono::milliseconds{100};
        options.server.grace = idle.grace;
    }
    return options;
}

/// Serves idle channels at "/channel"; tells their number at "/count", and sends the announcement
/// to all of them at "/say". What a `ServerProcess` runs.
template <hawser::Transport T>
void serve_idle(const IdleOptions& idle, Descriptor control) {
    asio::io_context io{1};
    IdleRoom room;
    hawser::Endpoint<T> endpoint{io.get_executor(), options_of<T>(idle)};
    if (idle.form == Form::coroutine) {
        hawser::spawn_each(endpoint,
                           [&room](auto channel) { return room.attend(std::move(channel)); });
    } else {
        endpoint.each([&room](hawser::Channel<T> channel) { room.take(std::move(channel)); });
    }
    const auto count = [&room](const hawser::http::Request&) {
        return hawser::http::make_text_response(200, std::to_string(room.size()));
    };
    const auto say = [&room, fault = idle.fault](const hawser::http::Request&) {
        std::string text{announcement};
        if (fault == Fault::changed_byte) text.back() ^= 1;
        room.say(hawser::Message::text(text));
        return hawser::http::make_text_response(200, "said");
    };
    hawser::Router router;
    router.add("/channel", endpoint);
    router.add("/count", count);
    router.add("/say", say);
    host(io, std::move(router), std::move(control));
}

}  // namespace bench
