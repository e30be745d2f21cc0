#pragma once

#include "support/raw_peer.hpp"

#include <asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace test {

/// Accepts one connection, and says nothing on it.
class SilentServer {
public:
    explicit SilentServer(World& world)
        : acceptor_{world.io(), {asio::ip::address_v4::loopback(), 0}} {
        acceptor_.async_accept([this](std::error_code error, asio::ip::tcp::socket socket) {
            if (!error) peer_.emplace(std::move(socket));
        });
    }
    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
    }
    /// The connection, on which something has come.
    [[nodiscard]] RawPeer& await_request(World& world) {
        world.run_until("a request", [&] { return peer_ && !peer_->received().empty(); });
        return *peer_;
    }
    /// Who dials now is refused.
    void stop_listening() { acceptor_.close(); }

private:
    asio::ip::tcp::acceptor acceptor_;
    std::optional<RawPeer> peer_;
};

}  // namespace test
