// Sends a name, and prints the greeting that comes back.
#include <hawser/client.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <iostream>

using Transport = hawser::WebSocket;  // or hawser::LongPolling, or hawser::Polling

asio::awaitable<void> say_hello(std::string url) {
    const auto executor = co_await asio::this_coro::executor;
    auto channel = co_await hawser::connect<Transport>(executor, url, asio::use_awaitable);
    co_await channel.send(hawser::Message::text("world"));
    if (const auto greeting = co_await channel.receive()) std::cout << greeting->view() << '\n';
    co_await channel.async_close(asio::use_awaitable);
}

int main(int argc, char** argv) {
    asio::io_context io{1};
    const std::string url = argc > 1 ? argv[1] : "ws://127.0.0.1:8080/hello";
    asio::co_spawn(io, say_hello(url), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    io.run();
}
