#pragma once

#include "../http_client.hpp"
#include "frame.hpp"
#include "load.hpp"
#include "outbox.hpp"
#include "sha1.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

/// The request that opens a WebSocket at `path` (RFC 6455 §4.1). `key` is 16 bytes in base64.
[[nodiscard]] inline std::string upgrade_request(std::string_view path, std::string_view key) {
    std::string request{"GET "};
    request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Key: ");
    return request.append(key).append("\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

/// A different key for each `number`.
[[nodiscard]] inline std::string websocket_key(std::uint64_t number) {
    auto digest = sha1(std::to_string(number));
    for (std::size_t i = 16; i != digest.size(); ++i)
        digest[i] = 0;
    return base64(digest).substr(0, 21) + "A==";
}

/// Throws where `reply` is not the one to an upgrade with `key`.
inline void demand_upgrade(std::string_view reply, std::string_view key) {
    if (!reply.starts_with("HTTP/1.1 101 ") || reply.find(accept_of(key)) == reply.npos) {
        throw std::runtime_error{"no WebSocket: " + std::string{reply}};
    }
}

/// A connection to the WebSocket at `path`, which blocks.
[[nodiscard]] inline Descriptor open_websocket_at(std::uint16_t port, std::string_view path,
                                                  std::uint64_t number,
                                                  Window window = Window::usual) {
    Descriptor socket = connect_to(port, window);
    const std::string key = websocket_key(number);
    write_all(socket, upgrade_request(path, key));
    // Byte by byte, so that what follows the reply stays where it is.
    std::string reply;
    while (!reply.ends_with("\r\n\r\n")) {
        char byte = 0;
        read_all(socket, {&byte, 1});
        reply += byte;
    }
    demand_upgrade(reply, key);
    return socket;
}

/// One WebSocket of a load. What comes is given to the derived class; what it puts into the outbox
/// leaves when all that has come is dealt with.
class WebSocketLane : public Watcher {
public:
    WebSocketLane(Bench& bench, std::string_view path, std::uint64_t number)
        : bench_{bench}, number_{number}, socket_{
                                              open_websocket_at(bench.options.port, path, number)} {
        bench_.poller.add(socket_.number(), *this);
    }

    void ready(std::uint32_t) final {
        const auto bytes = read_some(socket_, bench_.room, Waiting::refused);
        now_ = Clock::now();
        reader_.read(bytes, *this);
        end_turn();
        flush();
    }

    /// Says goodbye (RFC 6455 §5.5.1) and waits until the server has ended the connection, as a
    /// server is to do first (§7.1.1). Nothing must be under way.
    void close() {
        const std::string_view code{"\x03\xe8", 2};  // 1000
        std::string frame = client_frame_header(Opcode::close, code.size());
        const std::size_t begin = frame.size();
        frame += code;
        mask(frame.data() + begin, code.size());
        write_all(socket_, frame);
        await_end(socket_, bench_.room);
        socket_.close();
    }

    /// For the `FrameReader`.
    virtual void payload(std::string_view bytes) = 0;
    virtual void end_of_message(Opcode opcode) = 0;
    void control(Opcode opcode, std::string_view bytes) {
        if (opcode == Opcode::close) throw std::runtime_error{"the server has closed a WebSocket"};
        if (opcode != Opcode::ping) return;
        outbox_.copied() += client_frame_header(Opcode::pong, bytes.size());
        const std::size_t begin = outbox_.copied().size();
        outbox_.copied() += bytes;
        mask(outbox_.copied().data() + begin, bytes.size());
    }

protected:
    /// All that has come is dealt with.
    virtual void end_turn() {}

    [[nodiscard]] Bench& bench() noexcept { return bench_; }
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    /// When what is dealt with has come.
    [[nodiscard]] Clock::time_point now() const noexcept { return now_; }
    [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }

    void note_now() noexcept { now_ = Clock::now(); }
    /// Sends what there is, now and, where the kernel takes not all, when it takes more.
    void flush() {
        const bool is_waiting = !outbox_.flush(socket_);
        if (std::exchange(is_waiting_, is_waiting) == is_waiting) return;
        bench_.poller.watch_output(socket_.number(), *this, is_waiting);
    }

private:
    Bench& bench_;
    std::uint64_t number_;
    Descriptor socket_;
    Outbox outbox_;
    FrameReader reader_;
    Clock::time_point now_{};
    bool is_waiting_ = false;
};

}  // namespace bench
