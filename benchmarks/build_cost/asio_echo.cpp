// Echoes bytes over TCP, with Asio and no more of it than that takes. What a program with Hawser
// costs to build is compared with this.
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <array>
#include <cstdlib>
#include <iostream>
#include <utility>

using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket socket) {
    std::array<char, 4096> bytes{};
    for (;;) {
        const auto size =
            co_await socket.async_read_some(asio::buffer(bytes), asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(bytes, size), asio::use_awaitable);
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), echo(std::move(socket)), asio::detached);
    }
}

int main(int argc, char** argv) {
    asio::io_context io{1};
    const auto port = static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 8080);
    tcp::acceptor acceptor{io, {tcp::v4(), port}};
    asio::co_spawn(io, accept(acceptor), asio::detached);
    std::cout << "listening on port " << acceptor.local_endpoint().port() << std::endl;
    io.run();
}
