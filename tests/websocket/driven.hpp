#pragma once

#include <framing/frames.hpp>
#include <support/pass_time.hpp>
#include <support/random.hpp>
#include <support/start.hpp>

#include <hawser/framing/mask.hpp>
#include <hawser/websocket/connection.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace test {

using hawser::ByteView;
using hawser::CloseReason;
using hawser::Duration;
using hawser::Message;
using hawser::MutableBytes;
using hawser::Output;
using hawser::Role;
using hawser::TimePoint;
using hawser::websocket::Connection;
using hawser::websocket::ConnectionOptions;

inline constexpr std::size_t any_budget = std::numeric_limits<std::size_t>::max();

/// Random bytes that are the same in each run.
inline hawser::Entropy entropy() {
    static test::Random random{42};
    return {[](void*, MutableBytes into) {
                for (std::byte& byte : into)
                    byte = static_cast<std::byte>(random.below(256));
            },
            nullptr};
}

/// The head of a request for a WebSocket, with the key of RFC 6455 §1.3.
inline hawser::http::RequestHead upgrade_head() {
    hawser::http::RequestHead head{.target = "/chat"};
    head.fields = {{"Host", "server.example.com"},
                   {"Upgrade", "websocket"},
                   {"Connection", "Upgrade"},
                   {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                   {"Sec-WebSocket-Version", "13"}};
    return head;
}

inline hawser::websocket::Upgrade
upgrade(const hawser::http::RequestHead& head = upgrade_head(),
        const hawser::websocket::Compression* compression = nullptr) {
    auto verdict = hawser::websocket::accept_upgrade(head, {}, hawser::http::Security::plain,
                                                     compression);
    return std::get<hawser::websocket::Upgrade>(std::move(verdict));
}

inline hawser::websocket::UpgradeRequest
upgrade_request(std::shared_ptr<const hawser::websocket::Compression> compression = nullptr) {
    const auto url = hawser::http::parse_url("ws://server.example.com/chat");
    return *hawser::websocket::make_upgrade_request(*url, {}, entropy(), std::move(compression));
}

inline std::string good_reply(std::string_view accept) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           std::string{accept} + "\r\n\r\n";
}

inline std::string_view name_of(hawser::Party party) {
    constexpr std::string_view names[] = {"local", "peer", "network"};
    return names[static_cast<std::size_t>(party)];
}

/// `closed <code> <text of the error> (<party>)`.
inline std::string described(const CloseReason& reason) {
    return "closed " + std::to_string(reason.code) + ' ' + reason.error.message() + " (" +
           std::string{name_of(reason.by)} + ')';
}

/// What is expected where the peer broke a rule.
inline std::string violation(unsigned code, hawser::Error error) {
    return "closed " + std::to_string(code) + ' ' + make_error_code(error).message() + " (peer)";
}

inline std::string described(const Message& message) {
    return (message.is_text() ? "text " : "binary ") + std::string{message.view()};
}

/// The frames in `bytes`, each as its name and its unmasked payload; "rest" for bytes that are
/// none.
inline std::vector<std::string> frames_in(ByteView bytes) {
    std::vector<std::string> frames;
    constexpr std::string_view names[] = {"continuation", "text", "binary", "", "", "", "", "",
                                          "close",        "ping", "pong"};
    while (!bytes.empty()) {
        const auto [header, size, error] = hawser::framing::read_frame_header(bytes);
        if (error || size == 0 || header.length > bytes.size() - size) {
            frames.emplace_back("rest");
            break;
        }
        const auto length = static_cast<std::size_t>(header.length);
        Bytes payload(bytes.begin() + static_cast<std::ptrdiff_t>(size),
                      bytes.begin() + static_cast<std::ptrdiff_t>(size + length));
        if (header.mask) hawser::framing::mask(payload, *header.mask);
        std::string name{names[static_cast<std::size_t>(header.opcode)]};
        frames.push_back(name + ' ' + std::string{hawser::as_characters(payload)});
        bytes = bytes.subspan(size + length);
    }
    return frames;
}

/// The close frame with `code` and `text`, as `frames_in` names it.
inline std::string close_frame(unsigned code, std::string_view text = {}) {
    return std::string{"close "} + static_cast<char>(code >> 8) + static_cast<char>(code & 0xFF) +
           std::string{text};
}

/// A connection driven as a link would, that writes down what it says and checks after every step
/// what must always hold.
class Driven {
public:
    explicit Driven(Role role, ConnectionOptions with = {},
                    hawser::websocket::Upgrade accepted = upgrade(),
                    hawser::websocket::UpgradeRequest request = upgrade_request())
        : options{std::move(with)}, role_{role}, request_{std::move(request)},
          connection{role == Role::server
                         ? Connection::server(std::move(accepted), options, start)
                         : Connection::client(request_, options, entropy(), start)} {
        settle();
    }
    Driven(const Driven&) = delete;
    Driven& operator=(const Driven&) = delete;

    /// A client: gives it a good reply. Both: forgets the HTTP bytes that were sent.
    Driven& open() {
        sent.clear();
        if (role_ == Role::client) receive(good_reply(request_.accept));
        return *this;
    }

    /// Bytes arrive.
    void receive(ByteView bytes) {
        test::append(unread_, bytes);
        pump();
    }
    void receive(std::string_view text) { receive(hawser::as_bytes(text)); }
    void receive_eof() {
        connection.receive_eof(now);
        settle();
    }
    void receive_error(std::error_code error) {
        connection.receive_error(error, now);
        settle();
    }
    void close(unsigned code = 1000, std::string text = {}) {
        connection.close({.code = static_cast<std::uint16_t>(code), .text = std::move(text)}, now);
        settle();
    }
    void send(std::string_view text) {
        CHECK(connection.send(Message::text(text), now) == hawser::Backlog::Push::accepted);
        settle();
    }
    void pause() {
        connection.pause(now);
        settle();
    }
    void resume() {
        connection.resume(now);
        pump();
    }

    /// Lets time pass; every deadline in it is kept.
    void pass(Duration time) {
        pass_time(connection, now, time, [this] { settle(); });
    }

    /// Whether what is ready to be sent is taken at once.
    void stall(bool stalled) {
        stalled_ = stalled;
        settle();
    }

    [[nodiscard]] std::vector<std::string> frames() const { return frames_in(sent); }
    [[nodiscard]] std::string last_frame() const {
        const auto all = frames();
        return all.empty() ? "none" : all.back();
    }
    [[nodiscard]] std::string last_event() const { return events.empty() ? "none" : events.back(); }
    [[nodiscard]] std::size_t unread() const { return unread_.size(); }
    [[nodiscard]] const hawser::websocket::UpgradeRequest& request() const { return request_; }

    ConnectionOptions options;
    TimePoint now = start;
    /// What was taken, and not cleared by the test.
    Bytes sent;
    std::vector<std::string> events;
    /// Whether long messages are received where they belong, where that is offered.
    bool places = true;
    std::size_t placed = 0;

private:
    Role role_;
    hawser::websocket::UpgradeRequest request_;

public:
    Connection connection;

private:
    void pump() {
        settle();
        while (!unread_.empty()) {
            if (place()) continue;
            const std::size_t consumed = connection.receive(unread_, now);
            REQUIRE(consumed <= unread_.size());
            unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(consumed));
            settle();
            if (consumed == 0) return;
        }
    }

    bool place() {
        const MutableBytes room = places ? connection.prepare() : MutableBytes{};
        if (room.empty()) return false;
        const std::size_t size = std::min(room.size(), unread_.size());
        std::copy_n(unread_.begin(), size, room.begin());
        unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(size));
        connection.commit(size, now);
        placed += size;
        settle();
        return true;
    }

    void settle() {
        poll();
        take();
        check();
    }

    void poll() {
        while (auto event = connection.poll_event()) {
            REQUIRE(!closed_);
            if (auto* const message = std::get_if<Message>(&*event)) {
                REQUIRE(opened_);
                events.push_back(described(*message));
                continue;
            }
            if (auto* const closed = std::get_if<hawser::websocket::Closed>(&*event)) {
                closed_ = true;
                events.push_back(described(closed->reason));
                reason = closed->reason;
                continue;
            }
            REQUIRE(!opened_);
            opened_ = true;
            events.emplace_back("opened");
        }
    }

    void take() {
        if (stalled_) return;
        Output output;
        connection.take_output(output, any_budget, now);
        test::append(sent, output.flatten());
    }

    /// What holds at all times.
    void check() {
        const bool finished = connection.finished();
        REQUIRE(finished == (closed_ && connection.deadline() == hawser::never));
        if (finished) REQUIRE(connection.read_limit() == 0);
        if (connection.paused() && !closed_) REQUIRE(connection.read_limit() == 0);
        if (connection.read_limit() == 0) REQUIRE(connection.prepare().empty());
        if (!finished) REQUIRE(connection.deadline() > now - Duration{1});
        REQUIRE(!(was_finished_ && !finished));
        was_finished_ = finished;
    }

    Bytes unread_;
    bool opened_ = false;
    bool closed_ = false;
    bool stalled_ = false;
    bool was_finished_ = false;

public:
    /// Of the Closed event.
    CloseReason reason;
};

/// The pieces in which bytes arrive.
using Pieces = std::vector<Bytes>;

inline Pieces in_pieces_of(ByteView bytes, std::size_t size) {
    Pieces pieces;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(size, bytes.size()))) {
        const ByteView piece = bytes.first(std::min(size, bytes.size()));
        pieces.emplace_back(piece.begin(), piece.end());
    }
    return pieces;
}

/// The ways in which the same bytes may arrive: whole, byte by byte, and cut at random places.
inline std::vector<Pieces> all_splits(ByteView bytes, Random& random) {
    std::vector<Pieces> splits{in_pieces_of(bytes, any_budget), in_pieces_of(bytes, 1)};
    for (int i = 0; i != 8; ++i) {
        Pieces pieces;
        const std::size_t most = i % 2 == 0 ? 7 : 3 + bytes.size() / 2;
        for (ByteView left = bytes; !left.empty();) {
            const std::size_t size = std::min(1 + random.below(most), left.size());
            pieces.emplace_back(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(size));
            left = left.subspan(size);
        }
        splits.push_back(std::move(pieces));
    }
    return splits;
}

}  // namespace test
