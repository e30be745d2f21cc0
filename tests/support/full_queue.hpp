#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <cstdint>
#include <system_error>
#include <vector>

namespace test {

/// A port that answers nobody: the queue of its acceptor is full, so the kernel says nothing to who
/// connects.
class FullQueue {
public:
    explicit FullQueue(asio::io_context& io) : acceptor_{io, asio::ip::tcp::v4()} {
        acceptor_.bind({asio::ip::address_v4::loopback(), 0});
        acceptor_.listen(0);
        for (int i = 0; i != 4; ++i) {
            queue_.emplace_back(io).async_connect(acceptor_.local_endpoint(),
                                                  [](std::error_code) {});
        }
        io.poll();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    asio::ip::tcp::acceptor acceptor_;
    std::vector<asio::ip::tcp::socket> queue_;
};

}  // namespace test
