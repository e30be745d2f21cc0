#pragma once

#include "batch.hpp"
#include "generator.hpp"
#include "socket.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

/// A connection to the WebSocket at "/channel" that has been opened by hand (RFC 6455 §4.1).
[[nodiscard]] inline Descriptor open_websocket(std::uint16_t port) {
    Descriptor socket = connect_to(port);
    // The key of the RFC's own example, and the answer to it (§1.3).
    write_all(socket, "GET /channel HTTP/1.1\r\n"
                      "Host: 127.0.0.1\r\n"
                      "Upgrade: websocket\r\n"
                      "Connection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n");
    std::string reply;
    std::array<char, 1024> room;
    while (!reply.ends_with("\r\n\r\n"))
        reply += read_some(socket, room, Waiting::allowed);
    if (!reply.starts_with("HTTP/1.1 101 ") ||
        reply.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == reply.npos) {
        throw std::runtime_error{"no WebSocket: " + reply};
    }
    return socket;
}

/// Echoes batches over a WebSocket: all frames in one write, compared as they come back.
class WebSocketPeer final : public Peer {
public:
    WebSocketPeer(std::uint16_t port, Batch batch)
        : batch_{std::move(batch)}, socket_{open_websocket(port)} {}

    [[nodiscard]] std::vector<int> descriptors() const override { return {socket_.number()}; }
    void begin() override {
        batch_.renew();
        write_all(socket_, batch_.sent());
    }
    bool readable(unsigned, std::span<char> room) override {
        batch_.verify(read_some(socket_, room, Waiting::refused));
        return batch_.is_complete();
    }

private:
    Batch batch_;
    Descriptor socket_;
};

/// A WebSocket on which nothing is sent but the close.
class IdleWebSocket {
public:
    explicit IdleWebSocket(std::uint16_t port) : socket_{open_websocket(port)} {}

    /// Demands that `text` comes, in a text frame, and nothing else. Throws WrongEcho.
    void expect(std::string_view text) {
        std::string expected = frame_header(text.size(), Masking::none) + std::string{text};
        expected.front() = '\x81';
        expect_bytes(expected);
    }
    /// Closes with 1000, and waits for the server's close.
    void close() {
        write_all(socket_, std::string_view{"\x88\x82\0\0\0\0\x03\xE8", 8});
        expect_bytes("\x88\x02\x03\xE8");
        socket_.close();
    }

private:
    void expect_bytes(std::string_view expected) {
        std::string bytes(expected.size(), '\0');
        read_all(socket_, bytes);
        if (bytes != expected) throw WrongEcho{"not the frame that was expected"};
    }

    Descriptor socket_;
};

}  // namespace bench
