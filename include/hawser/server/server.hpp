#pragma once

#include <hawser/server/live_server.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Listeners and a router on an executor of the application's; several, on executors of their own,
/// may share a port (`ListenOptions::reuse_port`) and endpoints. Used on its executor only.
/// Destroying it stops it at once.
class Server {
public:
    explicit Server(const asio::any_io_executor& executor, Router router,
                    ServerOptions options = {})
        : live_{std::make_shared<LiveServer>(executor, std::move(router), std::move(options))} {}
    Server(Server&&) noexcept = default;
    Server& operator=(Server&& other) noexcept {
        stop();
        live_ = std::move(other.live_);
        return *this;
    }
    ~Server() { stop(); }

    /// Listens on a TCP address, given as text ("127.0.0.1", "::"), and port; 0 lets the system
    /// choose (`port()` tells). May be called for several. Errors: the system's.
    [[nodiscard]] std::error_code listen(const std::string& address, std::uint16_t port) {
        std::error_code error;
        const auto parsed = asio::ip::make_address(address, error);
        return error ? error : live_->listen(asio::ip::tcp::endpoint{parsed, port});
    }
    /// Listens on a local socket at `path`, without TLS. Errors: the system's.
    [[nodiscard]] std::error_code listen_local(const std::string& path) {
        return live_->listen(asio::local::stream_protocol::endpoint{path});
    }
    /// The port of the first TCP listener; 0 where there is none.
    [[nodiscard]] std::uint16_t port() const { return live_->port(); }

    /// Serves a stream that was accepted elsewhere. Its executor must be the server's.
    void serve(net::AnyStream stream, PeerFacts peer = {}) {
        live_->serve(std::move(stream), std::move(peer));
    }

    /// Ends gracefully: new channels are refused, those that are open close with 1001, held polls
    /// are answered with it; the listeners stay open for the requests of living sessions. Completes
    /// when all are over, or at the deadline, when the rest is aborted; then nothing is open any
    /// more. While a drain is under way another one ends with it. Token: `void(std::error_code)`;
    /// the error is always empty.
    template <class Token>
    auto async_drain(Duration deadline, Token&& token) {
        return asio::async_initiate<Token, void(std::error_code)>(
            [](auto handler, const std::shared_ptr<LiveServer>& live, Duration within) {
                live->drain(within, {std::move(handler), live->executor()});
            },
            token, live_, deadline);
    }

    /// Closes the listeners, and at once all connections and the channels that the router's
    /// endpoints have on this executor.
    void stop() {
        if (live_) live_->stop();
    }

    /// Connections that are open, HTTP and WebSocket together.
    [[nodiscard]] std::size_t connections() const noexcept { return live_->connections(); }

private:
    std::shared_ptr<LiveServer> live_;
};

}  // namespace hawser::inline HAWSER_MODE
