#pragma once

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// A client and a server that talk to each other on simulated time, over a path that cuts what they
// send at random places and lets it wait.

namespace test {

namespace websocket = hawser::websocket;
using hawser::Backlog;
using namespace std::chrono_literals;
using Events = std::vector<std::string>;

/// One direction of the path: bytes that have left and not arrived.
inline void carry(Driven& from, Driven& to, Random& random) {
    if (from.sent.empty()) return;
    const std::size_t size =
        random.one_in(3) ? from.sent.size() : 1 + random.below(from.sent.size());
    const Bytes piece(from.sent.begin(), from.sent.begin() + static_cast<std::ptrdiff_t>(size));
    from.sent.erase(from.sent.begin(), from.sent.begin() + static_cast<std::ptrdiff_t>(size));
    to.receive(piece);
}

/// Checks that `received` is the beginning of `accepted`.
inline void check_beginning(const Events& received, const Events& accepted) {
    REQUIRE(received.size() <= accepted.size());
    REQUIRE(std::equal(received.begin(), received.end(), accepted.begin()));
}

/// One side, with what it has sent.
struct Side {
    Driven driven;
    Events accepted = {};

    Side(Role role, const websocket::ConnectionOptions& options, websocket::Upgrade upgrade = {})
        : driven{role, options, std::move(upgrade)} {}

    void send(Random& random) {
        const std::size_t most = random.one_in(20) ? 200'000 : random.one_in(3) ? 2000 : 40;
        const Message message = random.one_in(2)
                                    ? Message::text(random.text(random.below(most)))
                                    : Message::binary(random.bytes(random.below(most)));
        if (driven.connection.send(Message{message}, driven.now) == Backlog::Push::accepted) {
            accepted.push_back(test::described(message));
        }
        driven.stall(random.one_in(4));
    }

    [[nodiscard]] Events received() const {
        Events messages;
        for (const std::string& event : driven.events) {
            if (event.starts_with("text ") || event.starts_with("binary "))
                messages.push_back(event);
        }
        return messages;
    }
};

struct Conversation {
    Random random;
    Side client;
    Side server;

    explicit Conversation(Random choices, const websocket::ConnectionOptions& options = {})
        : random{std::move(choices)}, client{Role::client, options},
          server{Role::server, options, answer()} {
        client.driven.sent.clear();
    }

    /// The server's answer to the request of this client.
    [[nodiscard]] websocket::Upgrade answer() const {
        auto verdict = websocket::accept_upgrade(client.driven.request().head, {});
        return std::get<websocket::Upgrade>(std::move(verdict));
    }

    void step() {
        Side& side = random.one_in(2) ? client : server;
        switch (random.below(8)) {
        case 0:
            return side.send(random);
        case 1:
            return side.driven.stall(random.one_in(2));
        case 2:
            return random.one_in(2) ? side.driven.pause() : side.driven.resume();
        case 3:
            return pass(std::chrono::milliseconds{random.below(2000)});
        default:
            return carry_some();
        }
    }

    void carry_some() {
        carry(client.driven, server.driven, random);
        carry(server.driven, client.driven, random);
    }

    void pass(Duration time) {
        client.driven.pass(time);
        server.driven.pass(time);
    }

    /// What has arrived is the beginning of what was accepted.
    void check_beginnings() const {
        check_beginning(server.received(), client.accepted);
        check_beginning(client.received(), server.accepted);
    }

    /// Lets everything arrive.
    void settle() {
        for (Side* side : {&client, &server}) {
            side->driven.stall(false);
            side->driven.resume();
        }
        while (!client.driven.sent.empty() || !server.driven.sent.empty()) {
            carry_some();
            for (Side* side : {&client, &server})
                side->driven.stall(false);
        }
        if (server.driven.connection.finished()) client.driven.receive_eof();
    }

    /// One side closes, and on the way to the end everything arrives.
    void close_and_check(int steps) {
        Side& closer = random.one_in(2) ? client : server;
        Side& other = &closer == &client ? server : client;
        settle();
        closer.driven.close(4001, "done");
        for (int i = 0; i != steps; ++i)
            step();
        settle();
        CHECK(server.received() == client.accepted);
        CHECK(client.received() == server.accepted);
        CHECK(closer.driven.last_event() == "closed 4001 the channel was closed (local)");
        CHECK(other.driven.last_event() == "closed 4001 the channel was closed (peer)");
        CHECK(closer.driven.connection.finished());
        CHECK(other.driven.connection.finished());
    }

    /// The stream breaks, or ends, on both sides; perhaps after they have begun to close.
    void break_and_check() {
        if (random.one_in(3)) client.driven.close();
        if (random.one_in(3)) server.driven.close();
        for (Side* side : {&client, &server}) {
            if (random.one_in(2)) {
                side->driven.receive_error(make_error_code(std::errc::connection_reset));
            } else {
                side->driven.receive_eof();
            }
            side->driven.stall(false);
            CHECK(side->driven.connection.finished());
            CHECK(side->driven.last_event().starts_with("closed "));
        }
        check_beginnings();
    }
};

/// So that only the path decides what becomes of a conversation.
inline websocket::ConnectionOptions patient() {
    websocket::ConnectionOptions options;
    options.ping_interval = 1s;
    options.pong_timeout = 1h;
    options.close_timeout = 1h;
    options.handshake_timeout = 1h;
    options.message_timeout = 24h;
    options.backlog.limits.hard = std::size_t{64} << 20;
    return options;
}

}  // namespace test
