#include <hawser/websocket/connection.hpp>

#include <websocket/conversation.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;
using test::Bytes;
using test::Conversation;
using test::Driven;
using test::Random;
using Events = std::vector<std::string>;

TEST_CASE("all that is accepted before a close arrives, in order and once, on any path") {
    Random seeds;
    for (int round = 0; round != 40; ++round) {
        const std::uint64_t seed = seeds.seed() + static_cast<std::uint64_t>(round);
        CAPTURE(seed);
        Conversation talk{Random{seed}, test::patient()};
        for (int i = 0; i != 300; ++i) {
            talk.step();
            talk.check_beginnings();
        }
        talk.close_and_check(30);
    }
}

TEST_CASE("a stream that breaks anywhere leaves a beginning of what was sent, and one end each") {
    Random seeds;
    for (int round = 0; round != 60; ++round) {
        const std::uint64_t seed = seeds.seed() + static_cast<std::uint64_t>(round);
        CAPTURE(seed);
        Conversation talk{Random{seed}, test::patient()};
        const std::size_t steps = talk.random.below(120);
        for (std::size_t i = 0; i != steps; ++i)
            talk.step();
        talk.break_and_check();
    }
}

TEST_CASE("two idle sides keep each other alive for a day") {
    Conversation talk{Random{1}};
    talk.settle();
    for (int i = 0; i != 24 * 3600; ++i) {
        talk.pass(1s);
        talk.settle();
    }
    CHECK(talk.client.driven.events == Events{"opened"});
    CHECK(talk.server.driven.events == Events{"opened"});
}

TEST_CASE("a path that swallows everything ends both sides") {
    Conversation talk{Random{1}};
    talk.settle();
    talk.pass(41s);
    CHECK(talk.client.driven.connection.finished());
    CHECK(talk.server.driven.connection.finished());
}

TEST_CASE("C16 with any byte flipped, or cut anywhere, a session ends well, however it is split") {
    Role role{};
    SUBCASE("on a server") { role = Role::server; }
    SUBCASE("on a client") { role = Role::client; }
    const Bytes session = [role] {
        Bytes bytes;
        const auto put = [&bytes, role](test::Frame frame, std::string_view payload) {
            if (role == Role::server) frame.key = test::some_key;
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
    const auto check = [role](const Bytes& bytes) {
        Events events;
        for (const std::size_t piece : {bytes.size() + 1, std::size_t{1}, std::size_t{3}}) {
            Driven side{role};
            side.open();
            for (const auto& part : test::in_pieces_of(bytes, piece))
                side.receive(part);
            side.receive_eof();
            REQUIRE(side.connection.finished());
            REQUIRE(side.last_event().starts_with("closed "));
            if (events.empty()) events = side.events;
            REQUIRE(side.events == events);
        }
    };
    for (std::size_t at = 0; at != session.size(); ++at) {
        for (int bit = 0; bit != 8; ++bit) {
            Bytes flipped = session;
            flipped[at] ^= std::byte{1} << bit;
            check(flipped);
        }
        check({session.begin(), session.begin() + static_cast<std::ptrdiff_t>(at)});
    }
}
