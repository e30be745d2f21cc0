#pragma once

#include "support/world.hpp"

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/socket_base.hpp>
#include <asio/write.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace test {

/// A peer that says what it likes, byte by byte, and shows what it gets. Each member runs the world
/// until it is done.
class RawClient {
    using Tcp = asio::ip::tcp;

public:
    /// Connects to `port` of this machine.
    RawClient(World& world, std::uint16_t port) : world_{&world}, socket_{world.io()} {
        const Done done;
        socket_.async_connect({asio::ip::address_v4::loopback(), port}, done.handler());
        world.run_until("a connection", done);
        REQUIRE_FALSE(done.error());
    }
    /// Takes a connection over.
    RawClient(World& world, Tcp::socket socket) : world_{&world}, socket_{std::move(socket)} {}

    void write(std::string_view bytes) {
        const Outcome<std::error_code, std::size_t> done;
        asio::async_write(socket_, asio::buffer(bytes), done.handler());
        world_->run_until("room to write", done);
    }
    /// What comes, up to and with `end`; less where the connection ends before.
    std::string read_until(std::string_view end) {
        const Outcome<std::error_code, std::size_t> done;
        asio::async_read_until(socket_, asio::dynamic_buffer(arrived_), std::string{end},
                               done.handler());
        world_->run_until("bytes", done);
        return take(done.error() ? arrived_.size() : std::get<1>(done.result()));
    }
    /// The next `size` bytes; less where the connection ends before.
    std::string read(std::size_t size) {
        if (arrived_.size() < size) {
            const Outcome<std::error_code, std::size_t> done;
            asio::async_read(socket_, asio::dynamic_buffer(arrived_),
                             asio::transfer_exactly(size - arrived_.size()), done.handler());
            world_->run_until("bytes", done);
        }
        return take(std::min(size, arrived_.size()));
    }
    /// All that comes until the peer closes.
    std::string read_to_end() {
        const Outcome<std::error_code, std::size_t> done;
        asio::async_read(socket_, asio::dynamic_buffer(arrived_), done.handler());
        world_->run_until("the end of a connection", done);
        return take(arrived_.size());
    }
    /// The head of an HTTP response, and the body that its Content-Length announces.
    std::string read_response() {
        std::string response = read_until("\r\n\r\n");
        const auto field = response.find("Content-Length: ");
        if (field != std::string::npos) response += read(std::stoul(response.substr(field + 16)));
        return response;
    }
    std::string ask(std::string_view request) {
        write(request);
        return read_response();
    }

    /// Says that nothing more will be written.
    void end_output() { socket_.shutdown(Tcp::socket::shutdown_send); }
    /// Closes the connection by a reset.
    void reset() {
        socket_.set_option(asio::socket_base::linger{true, 0});
        socket_.close();
    }
    void close() { socket_.close(); }
    [[nodiscard]] Tcp::socket& socket() noexcept { return socket_; }

private:
    std::string take(std::size_t size) {
        std::string taken = arrived_.substr(0, size);
        arrived_.erase(0, size);
        return taken;
    }

    World* world_;
    Tcp::socket socket_;
    std::string arrived_;
};

/// The status of an HTTP response; 0 where there is none.
[[nodiscard]] inline unsigned status_of(std::string_view response) {
    if (!response.starts_with("HTTP/1.1 ") || response.size() < 12) return 0;
    return static_cast<unsigned>(std::stoul(std::string{response.substr(9, 3)}));
}

/// The value of a field of an HTTP response, found by its exact name; empty where there is none.
[[nodiscard]] inline std::string field_of(std::string_view response, std::string_view name) {
    const auto line = response.find("\r\n" + std::string{name} + ": ");
    if (line == std::string_view::npos) return {};
    const auto begin = line + 2 + name.size() + 2;
    return std::string{response.substr(begin, response.find("\r\n", begin) - begin)};
}

}  // namespace test
