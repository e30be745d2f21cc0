#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <utility>

namespace test {

/// Two ends of a TCP connection over the loopback interface.
[[nodiscard]] inline std::pair<asio::ip::tcp::socket, asio::ip::tcp::socket> connected_pair(
    asio::io_context& io) {
    using asio::ip::tcp;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket one{io};
    one.connect(acceptor.local_endpoint());
    return {std::move(one), acceptor.accept()};
}

}  // namespace test
