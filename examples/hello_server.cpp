// Greets whoever sends a name, over WebSocket, long-polling or polling, all at one URL.
#include <hawser/server.hpp>

#include <asio/io_context.hpp>
#include <iostream>

asio::awaitable<void> greet(hawser::AnyChannel channel) {
    while (const auto name = co_await channel.receive()) {
        co_await channel.send(hawser::Message::text("Hello, " + std::string{name->view()} + "!"));
    }
}

int main(int argc, char** argv) {
    asio::io_context io{1};
    hawser::Endpoint<hawser::WebSocket> websocket{io.get_executor()};
    hawser::Endpoint<hawser::LongPolling> polling{io.get_executor()};
    hawser::spawn_each(websocket, greet);
    hawser::spawn_each(polling, greet);

    hawser::Router router;
    router.add("/hello", websocket);
    router.add("/hello", polling);
    hawser::Server server{io.get_executor(), std::move(router)};
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8080);
    if (const auto error = server.listen("127.0.0.1", port)) throw std::system_error{error};
    std::cout << "listening on http://127.0.0.1:" << server.port() << std::endl;
    io.run();
}
