#pragma once

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace test {

/// A path between clients and a server that can be cut. Passes bytes on as they come.
class Relay {
    using Tcp = asio::ip::tcp;

public:
    /// A path to `port` of this machine.
    Relay(const asio::any_io_executor& executor, std::uint16_t port)
        : state_{std::make_shared<State>(executor, port)} {
        state_->accept();
    }
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    ~Relay() { cut(); }

    [[nodiscard]] std::uint16_t port() const { return state_->acceptor.local_endpoint().port(); }

    /// Closes all connections, and refuses new ones.
    void cut() {
        std::error_code ignored;
        state_->acceptor.close(ignored);
        for (const auto& connection : std::exchange(state_->connections, {})) connection->close();
    }
    /// Passes nothing on any more, and closes nothing.
    void fall_silent() { state_->is_silent = true; }

private:
    struct State;

    struct Connection : std::enable_shared_from_this<Connection> {
        Connection(Tcp::socket accepted, std::shared_ptr<State> of)
            : client{std::move(accepted)}, server{client.get_executor()}, state{std::move(of)} {}

        void pass(Tcp::socket& from, Tcp::socket& to, std::array<std::byte, 65536>& bytes) {
            from.async_read_some(asio::buffer(bytes), [this, &from, &to, &bytes,
                                                       self = shared_from_this()](
                                                          std::error_code error, std::size_t size) {
                if (state->is_silent) return;
                if (error) return end(to);
                asio::async_write(
                    to, asio::buffer(bytes, size),
                    [this, &from, &to, &bytes, self](std::error_code failed, std::size_t) {
                        if (failed) return close();
                        pass(from, to, bytes);
                    });
            });
        }
        /// Passes an end of input on.
        void end(Tcp::socket& to) {
            std::error_code ignored;
            to.shutdown(Tcp::socket::shutdown_send, ignored);
            if (++ends == 2) close();
        }
        void close() {
            std::error_code ignored;
            client.close(ignored);
            server.close(ignored);
        }

        Tcp::socket client;
        Tcp::socket server;
        std::shared_ptr<State> state;
        std::array<std::byte, 65536> up{};
        std::array<std::byte, 65536> down{};
        unsigned ends = 0;
    };

    struct State : std::enable_shared_from_this<State> {
        State(const asio::any_io_executor& executor, std::uint16_t port)
            : acceptor{executor, {asio::ip::address_v4::loopback(), 0}},
              target{asio::ip::address_v4::loopback(), port} {}

        void accept() {
            acceptor.async_accept([self = shared_from_this()](std::error_code error,
                                                              Tcp::socket socket) {
                if (error) return;
                self->connect(std::move(socket));
                self->accept();
            });
        }
        void connect(Tcp::socket socket) {
            const auto made = std::make_shared<Connection>(std::move(socket), shared_from_this());
            connections.push_back(made);
            made->server.async_connect(target, [made](std::error_code error) {
                if (error) return made->close();
                made->pass(made->client, made->server, made->up);
                made->pass(made->server, made->client, made->down);
            });
        }

        Tcp::acceptor acceptor;
        Tcp::endpoint target;
        std::vector<std::shared_ptr<Connection>> connections;
        bool is_silent = false;
    };

    std::shared_ptr<State> state_;
};

}  // namespace test
