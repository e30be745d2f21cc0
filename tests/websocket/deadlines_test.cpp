#include <support/deadlines.hpp>
#include <support/random.hpp>
#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Every state of a WebSocket connection, in both roles, has one deadline, and passing it leads on.

using namespace hawser;
using namespace std::chrono_literals;
using test::Driven;

namespace {

constexpr Role roles[] = {Role::server, Role::client};

/// A frame as the peer of `role` sends it.
test::Bytes from_peer(Role role, test::Frame frame, std::string_view payload = {}) {
    if (role == Role::server) frame.key = test::some_key;
    return test::encode(frame, payload);
}

struct State {
    std::string_view name;
    std::function<void(Driven&, Role)> reach;
    /// From then to the deadline, and whether the connection ends at it.
    Duration due;
    std::string_view end;
};

constexpr std::string_view goes_on = "opened";
constexpr std::string_view dead = "closed 1006 a ping was not answered in time (network)";
constexpr std::string_view unanswered = "closed 1006 the close was not answered in time (peer)";

const State states[] = {
    {"open", [](Driven&, Role) {}, 20s, goes_on},
    {"asked", [](Driven& side, Role) { side.pass(25s); }, 15s, dead},
    {"asked by a ping that cannot leave", [](Driven& side, Role) {
         side.stall(true);
         side.pass(25s);
     }, 15s, goes_on},
    {"in a frame", [](Driven& side, Role role) {
         auto bytes = from_peer(role, {.opcode = 2}, "12345");
         bytes.pop_back();
         side.receive(bytes);
     }, 20s, goes_on},
    {"in a message for long", [](Driven& side, Role role) {
         for (int i = 0; i != 29; ++i) {
             side.receive(from_peer(role, {.opcode = i == 0 ? 2U : 0U, .fin = false}, "x"));
             side.pass(10s);
         }
         side.receive(from_peer(role, {.opcode = 0, .fin = false}, "x"));
     }, 10s, "closed 1008 a message did not arrive in time (peer)"},
    {"paused", [](Driven& side, Role) {
         side.pass(5s);
         side.pause();
     }, 15s, goes_on},
    {"paused, in a message for long", [](Driven& side, Role role) {
         side.receive(from_peer(role, {.opcode = 2, .fin = false}, "x"));
         side.pause();
         side.pass(310s);
     }, 10s, goes_on},
    {"closing, before the peer's frame", [](Driven& side, Role) { side.close(); }, 5s, unanswered},
    {"closing, paused", [](Driven& side, Role) {
         side.pause();
         side.close();
     }, 5s, unanswered},
    {"closing, with frames that cannot leave", [](Driven& side, Role) {
         side.stall(true);
         side.send("x");
         side.close();
     }, 5s, unanswered},
};

}  // namespace

TEST_CASE("each state of a connection has its deadline, and what follows it") {
    for (const Role role : roles) {
        for (const State& state : states) {
            CAPTURE(state.name);
            Driven side{role};
            side.open();
            state.reach(side, role);
            CHECK(side.connection.deadline() == side.now + state.due);
            side.pass(state.due - 1ns);
            CHECK(side.last_event() == goes_on);
            side.pass(1ns);
            CHECK(side.last_event() == state.end);
            test::check_armed(side.connection, side.now);
        }
    }
}

TEST_CASE("each state that is reported already has its deadline, and ends at it") {
    const auto check = [](Driven& side, bool stalls, std::string_view reported) {
        side.stall(stalls);
        CHECK(side.last_event().starts_with(reported));
        CHECK_FALSE(side.connection.finished());
        CHECK(side.connection.deadline() == side.now + 5s);
        side.pass(5s);
        CHECK(side.connection.finished());
    };
    for (const Role role : roles) {
        Driven asked{role};
        asked.open().stall(true);
        asked.receive(from_peer(role, {.opcode = 8}, "\x03\xE8"));
        check(asked, true, "closed 1000");
        Driven violated{role};
        violated.open().stall(true);
        violated.receive(from_peer(role, {.opcode = 3}));
        check(violated, true, "closed 1002");
    }
    Driven lingering{Role::client};
    lingering.open().receive(from_peer(Role::client, {.opcode = 8}, "\x03\xE8"));
    check(lingering, false, "closed 1000");
}

TEST_CASE("an opening handshake has one deadline, whatever arrives") {
    for (const std::string_view part : {"", "HTTP/1.1 101 Sw", "HTTP/1.1 101 Switching\r\nA: b"}) {
        Driven client{Role::client};
        client.pass(9s);
        client.receive(part);
        client.send("too early");
        CHECK(client.connection.deadline() == test::start + 10s);
        client.pass(1s);
        CHECK(client.last_event() == "closed 1006 the handshake took too long (peer)");
        CHECK(client.connection.finished());
    }
    Driven paused{Role::client};
    paused.pause();
    CHECK(paused.connection.deadline() == test::start + 10s);
}

namespace {

/// Does one of the things that can happen to `side`.
void act(Driven& side, Role role, test::Random& random) {
    constexpr unsigned opcodes[] = {0, 1, 2, 8, 9, 10, 2, 9};
    switch (random.below(12)) {
    case 0:
    case 1: side.pass(random.below(25) * 1s); return;
    case 2: side.stall(random.one_in(2)); return;
    case 3: side.pause(); return;
    case 4: side.resume(); return;
    case 5: (void)side.connection.try_send(Message::text("y")); return;
    case 6: if (random.one_in(30)) side.close(); return;
    case 7: if (random.one_in(60)) side.receive_eof(); return;
    default:
        auto bytes = from_peer(role, {.opcode = opcodes[random.below(8)], .fin = !random.one_in(3)},
                               random.one_in(2) ? "" : "xy");
        if (random.one_in(8)) bytes.resize(random.below(bytes.size()));
        side.receive(bytes);
    }
}

}  // namespace

TEST_CASE("whatever happens, a connection is armed, and its deadline leads on") {
    test::Random random;
    CAPTURE(random.seed());
    for (int walk = 0; walk != 400; ++walk) {
        const Role role = roles[random.below(2)];
        Driven side{role};
        if (!random.one_in(10)) side.open();
        for (int step = 0; step != 60; ++step) {
            act(side, role, random);
            test::check_armed(side.connection, side.now);
        }
        // Then only time passes: a peer that says nothing is given up.
        side.stall(false);
        side.resume();
        side.pass(6min);
        CHECK(side.connection.finished());
    }
}
