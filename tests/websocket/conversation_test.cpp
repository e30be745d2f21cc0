#include <hawser/websocket/connection.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

// A client and a server that talk to each other on simulated time, over a path that cuts what they
// send at random places and lets it wait.

using namespace hawser;
using namespace std::chrono_literals;
using test::Bytes;
using test::Driven;
using test::Random;
using Events = std::vector<std::string>;

namespace {

/// One direction of the path: bytes that have left and not arrived.
void carry(Driven& from, Driven& to, Random& random) {
    if (from.sent.empty()) return;
    const std::size_t size =
        random.one_in(3) ? from.sent.size() : 1 + random.below(from.sent.size());
    const Bytes piece(from.sent.begin(), from.sent.begin() + static_cast<std::ptrdiff_t>(size));
    from.sent.erase(from.sent.begin(), from.sent.begin() + static_cast<std::ptrdiff_t>(size));
    to.receive(piece);
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
        if (driven.connection.send(message, driven.now) == Backlog::Push::accepted) {
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

    explicit Conversation(std::uint64_t seed, const websocket::ConnectionOptions& options = {})
        : random{seed}, client{Role::client, options}, server{Role::server, options, answer()} {
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
};

/// Checks that `received` is the beginning of `accepted`.
void check_beginning(const Events& received, const Events& accepted) {
    REQUIRE(received.size() <= accepted.size());
    REQUIRE(std::equal(received.begin(), received.end(), accepted.begin()));
}

websocket::ConnectionOptions patient() {
    websocket::ConnectionOptions options;
    options.ping_interval = 1s;
    options.pong_timeout = 1h;
    options.close_timeout = 1h;
    options.handshake_timeout = 1h;
    options.message_timeout = 24h;
    options.backlog.limits.hard = std::size_t{64} << 20;
    return options;
}

}  // namespace

TEST_CASE("all that is accepted before a close arrives, in order and once, on any path") {
    Random seeds;
    for (int round = 0; round != 40; ++round) {
        const std::uint64_t seed = seeds.seed() + static_cast<std::uint64_t>(round);
        CAPTURE(seed);
        Conversation talk{seed, patient()};
        for (int i = 0; i != 300; ++i) {
            talk.step();
            check_beginning(talk.server.received(), talk.client.accepted);
            check_beginning(talk.client.received(), talk.server.accepted);
        }
        Side& closer = talk.random.one_in(2) ? talk.client : talk.server;
        Side& other = &closer == &talk.client ? talk.server : talk.client;
        talk.settle();
        closer.driven.close(4001, "done");
        for (int i = 0; i != 30; ++i)
            talk.step();
        talk.settle();
        CHECK(talk.server.received() == talk.client.accepted);
        CHECK(talk.client.received() == talk.server.accepted);
        CHECK(closer.driven.last_event() == "closed 4001 the channel was closed (local)");
        CHECK(other.driven.last_event() == "closed 4001 the channel was closed (peer)");
        CHECK(closer.driven.connection.finished());
        CHECK(other.driven.connection.finished());
    }
}

TEST_CASE("a stream that breaks anywhere leaves a beginning of what was sent, and one end each") {
    Random seeds;
    for (int round = 0; round != 60; ++round) {
        const std::uint64_t seed = seeds.seed() + static_cast<std::uint64_t>(round);
        CAPTURE(seed);
        Conversation talk{seed, patient()};
        const std::size_t steps = talk.random.below(120);
        for (std::size_t i = 0; i != steps; ++i)
            talk.step();
        if (talk.random.one_in(3)) talk.client.driven.close();
        if (talk.random.one_in(3)) talk.server.driven.close();
        for (Side* side : {&talk.client, &talk.server}) {
            if (talk.random.one_in(2)) {
                side->driven.receive_error(make_error_code(std::errc::connection_reset));
            } else {
                side->driven.receive_eof();
            }
            side->driven.stall(false);
            CHECK(side->driven.connection.finished());
            CHECK(side->driven.last_event().starts_with("closed "));
        }
        check_beginning(talk.server.received(), talk.client.accepted);
        check_beginning(talk.client.received(), talk.server.accepted);
    }
}

TEST_CASE("two idle sides keep each other alive for a day") {
    Conversation talk{1};
    talk.settle();
    for (int i = 0; i != 24 * 3600; ++i) {
        talk.pass(1s);
        talk.settle();
    }
    CHECK(talk.client.driven.events == Events{"opened"});
    CHECK(talk.server.driven.events == Events{"opened"});
}

TEST_CASE("a path that swallows everything ends both sides") {
    Conversation talk{1};
    talk.settle();
    talk.pass(41s);
    CHECK(talk.client.driven.connection.finished());
    CHECK(talk.server.driven.connection.finished());
}

TEST_CASE("C16 with any byte flipped, or cut anywhere, a session ends well or goes on") {
    const Bytes session = [] {
        Bytes bytes;
        const auto put = [&bytes](test::Frame frame, std::string_view payload) {
            frame.key = test::some_key;
            test::append(bytes, test::encode(frame, payload));
        };
        put({.opcode = 1}, "text \xC3\xA4");
        put({.opcode = 2, .fin = false}, std::string(130, 'b'));
        put({.opcode = 9}, "ping");
        put({.opcode = 0}, "rest");
        put({.opcode = 8}, "\x03\xE8"
                           "bye");
        return bytes;
    }();
    const auto check = [](const Bytes& bytes, std::size_t piece) {
        Driven server{Role::server};
        server.open();
        for (const auto& part : test::in_pieces_of(bytes, piece))
            server.receive(part);
        server.receive_eof();
        REQUIRE(server.connection.finished());
        REQUIRE(server.last_event().starts_with("closed "));
    };
    for (std::size_t at = 0; at != session.size(); ++at) {
        for (int bit = 0; bit != 8; ++bit) {
            Bytes flipped = session;
            flipped[at] ^= std::byte{1} << bit;
            check(flipped, session.size());
            check(flipped, 3);
        }
        check({session.begin(), session.begin() + static_cast<std::ptrdiff_t>(at)}, session.size());
    }
}
