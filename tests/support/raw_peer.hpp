#pragma once

#include "support/world.hpp"

#include <asio/buffer.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace test {

/// An HTTP response as it came over a socket.
struct RawResponse {
    unsigned status = 0;
    /// The status line and the field lines, up to the empty line.
    std::string head = {};
    std::string body = {};

    [[nodiscard]] bool has(std::string_view line) const {
        return head.find(line) != std::string::npos;
    }
    /// The value of a field; empty where there is none.
    [[nodiscard]] std::string field(std::string_view name) const {
        const auto found = head.find("\r\n" + std::string{name} + ": ");
        if (found == std::string::npos) return {};
        const auto begin = found + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// The other end of a connection: writes bytes as a test gives them, and keeps what comes.
class RawPeer {
public:
    using Socket = asio::generic::stream_protocol::socket;

    explicit RawPeer(Socket socket) : state_{std::make_shared<State>(std::move(socket))} {
        state_->read();
    }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;
    ~RawPeer() { close(); }

    /// A connection to `port` of this machine.
    [[nodiscard]] static Socket dial(World& world, std::uint16_t port) {
        asio::ip::tcp::socket socket{world.io()};
        socket.connect({asio::ip::address_v4::loopback(), port});
        return Socket{std::move(socket)};
    }

    void write(std::string_view bytes) {
        std::error_code error;
        asio::write(state_->socket, asio::buffer(bytes), error);
        REQUIRE_FALSE(error);
    }
    void end_output() {
        std::error_code error;
        state_->socket.shutdown(asio::socket_base::shutdown_send, error);
        REQUIRE_FALSE(error);
    }
    void close() {
        std::error_code ignored;
        state_->socket.close(ignored);
    }

    /// What has come and was not taken.
    [[nodiscard]] std::string& received() noexcept { return state_->received; }
    /// Whether the other side has closed, well or badly.
    [[nodiscard]] bool has_ended() const noexcept { return state_->has_ended; }

    void await_end(World& world) {
        world.run_until("the end of a connection", [&] { return has_ended(); });
    }
    /// Takes the next response, whose body is as long as its Content-Length says.
    RawResponse response(World& world, std::size_t body_size = std::string::npos) {
        const auto end_of_head = [&] { return received().find("\r\n\r\n"); };
        world.run_until("the head of a response",
                        [&] { return end_of_head() != std::string::npos || has_ended(); });
        REQUIRE(end_of_head() != std::string::npos);
        RawResponse response{.head = take(end_of_head() + 2)};
        take(2);
        REQUIRE(response.head.starts_with("HTTP/1.1 "));
        response.status = static_cast<unsigned>(std::stoul(response.head.substr(9, 3)));
        if (body_size == std::string::npos) {
            const std::string length = response.field("Content-Length");
            body_size = length.empty() ? 0 : std::stoul(length);
        }
        world.run_until("the body of a response", [&] { return received().size() >= body_size; });
        response.body = take(body_size);
        return response;
    }
    /// Writes a request, and takes its response.
    RawResponse exchange(World& world, std::string_view request) {
        write(request);
        return response(world);
    }

private:
    struct State : std::enable_shared_from_this<State> {
        explicit State(Socket opened) : socket{std::move(opened)} {}

        void read() {
            socket.async_read_some(asio::buffer(bytes), [self = shared_from_this()](
                                                            std::error_code error,
                                                            std::size_t size) {
                self->received.append(self->bytes.data(), size);
                self->has_ended = static_cast<bool>(error);
                if (!error) self->read();
            });
        }

        Socket socket;
        std::array<char, 16384> bytes{};
        std::string received;
        bool has_ended = false;
    };

    std::string take(std::size_t size) {
        std::string taken = received().substr(0, size);
        received().erase(0, size);
        return taken;
    }

    std::shared_ptr<State> state_;
};

/// Two sockets of this machine that are connected to each other.
struct SocketPair {
    explicit SocketPair(const asio::any_io_executor& executor) : near{executor}, far{executor} {
        asio::local::connect_pair(near, far);
    }
    explicit SocketPair(World& world) : SocketPair{world.executor()} {}

    asio::local::stream_protocol::socket near;
    asio::local::stream_protocol::socket far;
};

/// A WebSocket upgrade as a browser asks for it, with the key of RFC 6455 §1.3.
[[nodiscard]] inline std::string upgrade_request(std::string_view target,
                                                 std::string_view more_fields = {}) {
    return "GET " + std::string{target} +
           " HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           std::string{more_fields} + "\r\n";
}

/// A short text message as a client puts it on the wire, masked with zeros.
[[nodiscard]] inline std::string masked_text(std::string_view text) {
    return std::string{"\x81"} + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') +
           std::string{text};
}

}  // namespace test
