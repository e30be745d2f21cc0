#pragma once

#include "batch.hpp"
#include "generator.hpp"
#include "http_client.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// A session of the polling protocol, as a client counts it; writes its requests.
class PollingSession {
public:
    /// Asks for a session at `path`.
    [[nodiscard]] static std::string open(std::string_view path) {
        return "POST " + std::string{path} +
               " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n";
    }
    /// The session that `reply` to that has opened.
    PollingSession(const Reply& reply, std::string_view path) : path_{path} {
        reply.demand(201);
        fields_ =
            "Host: 127.0.0.1\r\nHawser-Session: " + std::string{reply.field("Hawser-Session")} +
            "\r\n";
    }
    /// Opens a session at `path` over `client`.
    explicit PollingSession(HttpClient& client, std::string_view path = "/channel")
        : PollingSession{client.ask(open(path)), path} {}

    /// "Give me what I do not have yet."; with a hold as long as the server grants.
    [[nodiscard]] std::string receive() {
        return "GET " + path_ + " HTTP/1.1\r\n" + fields_ +
               "Hawser-After: " + std::to_string(after_) +
               "\r\nHawser-Request: " + std::to_string(++request_) + "\r\n\r\n";
    }
    /// "Here are `messages`", as `frames`.
    [[nodiscard]] std::string send(std::string_view frames, std::size_t messages) {
        std::string request = "POST " + path_ + " HTTP/1.1\r\n" + fields_ +
                              "Hawser-First: " + std::to_string(sent_ + 1) +
                              "\r\nContent-Length: " + std::to_string(frames.size()) + "\r\n\r\n";
        sent_ += messages;
        request += frames;
        return request;
    }

    /// Takes note of a reply to `receive` that has `messages`. Throws WrongEcho.
    void take(const Reply& reply, std::size_t messages) {
        reply.demand(200);
        if (reply.number("Hawser-First") != after_ + 1) throw WrongEcho{"a number is wrong"};
        after_ += messages;
    }
    /// Demands that `reply` to `send` says that all is there. Throws WrongEcho.
    void take_receipt(const Reply& reply) const {
        reply.demand(204);
        if (reply.number("Hawser-Received") != sent_) throw WrongEcho{"not all was received"};
    }

private:
    std::string path_;
    std::string fields_;
    /// The number of the last message that was received.
    std::uint64_t after_ = 0;
    /// The number of the last message that was sent.
    std::uint64_t sent_ = 0;
    /// The number of the last receive.
    std::uint64_t request_ = 0;
};

/// Echoes batches over long-polling: one connection on which a receive is held all the time, and
/// one for what is sent.
class LongPollingPeer final : public Peer {
public:
    LongPollingPeer(std::uint16_t port, Batch batch, std::string_view path = "/channel")
        : batch_{std::move(batch)}, sending_{port}, receiving_{port}, session_{sending_, path} {
        receiving_.send(session_.receive());
    }

    [[nodiscard]] std::vector<int> descriptors() const override {
        return {sending_.socket().number(), receiving_.socket().number()};
    }
    void begin() override {
        batch_.renew();
        has_receipt_ = false;
        sending_.send(session_.send(batch_.sent(), batch_.messages()));
    }
    bool readable(unsigned which, std::span<char> room) override {
        if (const auto reply = (which == 0 ? sending_ : receiving_).read(room)) {
            which == 0 ? take_receipt(*reply) : take(*reply);
        }
        return has_receipt_ && batch_.is_complete();
    }

private:
    void take_receipt(const Reply& reply) {
        session_.take_receipt(reply);
        has_receipt_ = true;
    }
    void take(const Reply& reply) {
        if (reply.status != 204) {  // the hold has ended
            const std::size_t before = batch_.received();
            batch_.verify(reply.body);
            session_.take(reply, batch_.received() - before);
        }
        receiving_.send(session_.receive());
    }

    Batch batch_;
    HttpClient sending_;
    HttpClient receiving_;
    PollingSession session_;
    bool has_receipt_ = false;
};

/// Echoes batches over polling, on one connection: sends, then asks until all is back, without the
/// rest between polls that a client of the protocol takes.
class PollingPeer final : public Peer {
public:
    PollingPeer(std::uint16_t port, Batch batch, std::string_view path = "/channel")
        : batch_{std::move(batch)}, client_{port}, session_{client_, path} {}

    [[nodiscard]] std::vector<int> descriptors() const override {
        return {client_.socket().number()};
    }
    void begin() override {
        batch_.renew();
        has_receipt_ = false;
        client_.send(session_.send(batch_.sent(), batch_.messages()));
    }
    bool readable(unsigned, std::span<char> room) override {
        const auto reply = client_.read(room);
        if (!reply) return false;
        take(*reply);
        if (batch_.is_complete()) return true;
        client_.send(session_.receive());
        return false;
    }

private:
    void take(const Reply& reply) {
        if (!std::exchange(has_receipt_, true)) return session_.take_receipt(reply);
        if (reply.status == 204) return;  // not yet
        const std::size_t before = batch_.received();
        batch_.verify(reply.body);
        session_.take(reply, batch_.received() - before);
    }

    Batch batch_;
    HttpClient client_;
    PollingSession session_;
    bool has_receipt_ = false;
};

/// A session whose receive is held on the connection that it has.
class HeldPoll {
public:
    explicit HeldPoll(std::uint16_t port, std::string_view path = "/channel")
        : client_{port}, session_{client_, path} {
        client_.send(session_.receive());
    }

    /// Demands that the held receive is answered with `text`, and has the next one held. Throws
    /// WrongEcho.
    void expect(std::string_view text) {
        std::string expected = frame_header(text.size(), Masking::none) + std::string{text};
        expected.front() = '\x81';
        const Reply reply = client_.await();
        if (reply.body != expected) throw WrongEcho{"not the frame that was expected"};
        session_.take(reply, 1);
        client_.send(session_.receive());
    }
    /// Closes with 1000, takes the server's close, and acknowledges it.
    void close() {
        constexpr std::string_view close_frame = "\x88\x02\x03\xE8";
        client_.send(session_.send(close_frame, 1));
        client_.await().demand(204);  // the held one, because of what came behind it
        session_.take_receipt(client_.await());
        const Reply reply = client_.ask(session_.receive());
        if (reply.body != close_frame) throw WrongEcho{"not the close that was expected"};
        session_.take(reply, 1);
        client_.ask(session_.receive()).demand(204);
    }

private:
    HttpClient client_;
    PollingSession session_;
};

}  // namespace bench
