#pragma once

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

// A client and a server that talk to each other on simulated time, over a path that cuts what they
// send at random places and lets it wait.

namespace test {

namespace websocket = hawser::websocket;
using hawser::Backlog;
using hawser::SlowConsumer;
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

/// By which the messages that a side sends may be conflated: what is left of the last digit of
/// their number when it is divided by three, and nothing where that is nothing.
inline std::string conflation_key(std::string_view text) {
    const int left = (text[text.find(' ') - 1] - '0') % 3;
    return left == 0 ? std::string{} : std::to_string(left);
}

/// One side, with what it has sent.
struct Side {
    Driven driven;
    /// What is to arrive: what was accepted, without what the slow-consumer policy has dropped.
    Events accepted = {};
    std::size_t sent = 0;
    bool overflowed = false;
    /// Whether it may have been told to end, and then takes nothing.
    bool may_have_ended = false;

    Side(Role role, const websocket::ConnectionOptions& options, websocket::Upgrade upgrade = {},
         websocket::UpgradeRequest request = upgrade_request())
        : driven{role, options, std::move(upgrade), std::move(request)} {}

    /// Sends a message with a number, so that no two are the same.
    void send(Random& random) {
        const std::size_t most = random.one_in(20) ? 200'000 : random.one_in(3) ? 2000 : 40;
        const std::string number = std::to_string(++sent) + ' ';
        if (random.one_in(2)) {
            push(Message::text(number + random.text(random.below(most))));
        } else {
            const Bytes bytes = random.bytes(random.below(most));
            const std::string text = number + std::string{hawser::as_characters(bytes)};
            push(Message::binary(hawser::as_bytes(text)));
        }
        driven.stall(random.one_in(4));
    }

    void push(const Message& message) {
        const Backlog& backlog = driven.connection.backlog();
        const auto& limits = driven.options.backlog.limits;
        const std::size_t waiting = backlog.messages();
        const std::uint64_t dropped = backlog.dropped();
        CHECK((waiting != 0 || backlog.bytes() == 0));
        const bool was_full = waiting == limits.messages ||
                              backlog.bytes() + message.frame().size() > limits.hard;
        const auto pushed = driven.connection.send(Message{message}, driven.now);
        const auto lost = static_cast<std::size_t>(backlog.dropped() - dropped);
        switch (pushed) {
        case Backlog::Push::accepted: return expect(message, waiting, lost, was_full);
        case Backlog::Push::dropped: CHECK((may_have_ended || (was_full && lost == 1))); return;
        case Backlog::Push::overflow:
            CHECK(was_full);
            overflowed = true;
            accepted.resize(accepted.size() - waiting);
        }
    }

    /// Applies the policy to what is to arrive, where the last `waiting` messages had not left.
    void expect(const Message& message, std::size_t waiting, std::size_t lost, bool was_full) {
        const auto oldest = accepted.end() - static_cast<std::ptrdiff_t>(waiting);
        const auto key = conflation_key(message.view());
        const auto older = std::find_if(oldest, accepted.end(), [&key](std::string_view event) {
            return !key.empty() && conflation_key(event.substr(event.find(' ') + 1)) == key;
        });
        switch (driven.options.backlog.slow_consumer) {
        case SlowConsumer::conflate:
            CHECK(lost == (older == accepted.end() ? 0 : 1));
            if (older != accepted.end()) {
                *older = described(message);
                return;
            }
            break;
        case SlowConsumer::drop_oldest:
            CHECK((lost != 0) == was_full);
            accepted.erase(oldest, oldest + static_cast<std::ptrdiff_t>(lost));
            break;
        case SlowConsumer::close:
        case SlowConsumer::drop_newest: CHECK(!was_full);
        }
        accepted.push_back(described(message));
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

    explicit Conversation(Random choices, const websocket::ConnectionOptions& options = {},
                          const std::shared_ptr<const websocket::Compression>& compression = {})
        : random{std::move(choices)},
          client{Role::client, options, {}, upgrade_request(compression)},
          server{Role::server, options,
                 upgrade(client.driven.request().head, compression.get())} {
        client.driven.sent.clear();
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
        client.may_have_ended = server.may_have_ended = true;
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
