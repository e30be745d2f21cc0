#pragma once

#include <hawser/net/loop.hpp>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

struct ListenOptions {
    /// Connections that the kernel keeps before they are accepted.
    int backlog = asio::socket_base::max_listen_connections;
    /// Whether other listeners may share the address (SO_REUSEPORT), one per thread.
    bool reuse_port = false;
    /// How long to rest when the process has run out of descriptors or memory.
    Duration rest = std::chrono::milliseconds{50};
};

/// Accepts connections for as long as it is open, and lives as long. Where the system refuses, most
/// often for want of descriptors or memory, it rests instead of spinning.
template <class Protocol>
class Listener final : public std::enable_shared_from_this<Listener<Protocol>>,
                       private Timer,
                       private Deferred {
public:
    using Socket = typename Protocol::socket;
    using Handler = std::function<void(Socket)>;

    /// `handler` is called on the loop's executor with each connection; it may close the listener.
    Listener(std::shared_ptr<Loop> loop, Handler handler, ListenOptions options)
        : loop_{std::move(loop)},
          handler_{std::move(handler)},
          options_{options},
          acceptor_{loop_->executor()} {}
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { loop_->disarm(*this); }

    /// Binds to `endpoint` and listens, but does not accept yet. Returns the system's error.
    [[nodiscard]] std::error_code open(const typename Protocol::endpoint& endpoint);
    /// Begins to accept.
    void start() { accept(); }
    /// Where it listens; with the port that the system chose where 0 was asked for.
    [[nodiscard]] typename Protocol::endpoint local_endpoint() const {
        std::error_code ignored;  // an unspecified endpoint says that it is closed
        return acceptor_.local_endpoint(ignored);
    }
    /// Accepts no more.
    void close() {
        loop_->disarm(*this);
        std::error_code ignored;  // there is nothing to be done about it
        acceptor_.close(ignored);
    }

private:
    /// Whether the next connection may be accepted at once. Linux reports the errors of the network
    /// that a connection met before it was accepted (accept(2)); that of the firewall is like them,
    /// and Asio itself passes over connections that were aborted.
    [[nodiscard]] static bool concerns_one_connection(std::error_code error) noexcept {
        return error == asio::error::network_down || error == asio::error::network_unreachable ||
               error == asio::error::host_unreachable || error == asio::error::timed_out ||
               error == asio::error::no_protocol_option ||
               error == asio::error::no_permission;
    }

    void accept();
    void accepted(std::error_code error, Socket socket);
    void expired() noexcept override {
        if (!this->weak_from_this().expired()) loop_->defer({this->shared_from_this(), this});
    }
    void end_of_turn() override { accept(); }

    std::shared_ptr<Loop> loop_;
    Handler handler_;
    ListenOptions options_;
    asio::basic_socket_acceptor<Protocol> acceptor_;
};

template <class Protocol>
std::error_code Listener<Protocol>::open(const typename Protocol::endpoint& endpoint) {
    std::error_code error;
    const auto step = [&](auto&& action) {
        if (!error) action();
    };
    step([&] { acceptor_.open(endpoint.protocol(), error); });
    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) {
        step([&] { acceptor_.set_option(asio::socket_base::reuse_address{true}, error); });
#if defined(SO_REUSEPORT)
        using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
        if (options_.reuse_port) step([&] { acceptor_.set_option(ReusePort{true}, error); });
#endif
    }
    step([&] { acceptor_.bind(endpoint, error); });
    step([&] { acceptor_.listen(options_.backlog, error); });
    return error;
}

template <class Protocol>
void Listener<Protocol>::accept() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_accept([self = this->shared_from_this()](std::error_code error, Socket socket) {
        self->accepted(error, std::move(socket));
    });
}

template <class Protocol>
void Listener<Protocol>::accepted(std::error_code error, Socket socket) {
    if (!acceptor_.is_open()) return;
    if (error && !concerns_one_connection(error)) {
        return loop_->arm(*this, deadline_after(Clock::now(), options_.rest));
    }
    accept();  // first, as the handler may throw
    if (error) return;
    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) {
        std::error_code ignored;  // small messages merely wait longer without it
        socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
    }
    handler_(std::move(socket));
}

}  // namespace hawser::inline HAWSER_MODE::net
