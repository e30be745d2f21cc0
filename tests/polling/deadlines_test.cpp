#include <polling/client_fixture.hpp>
#include <polling/server_fixture.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

// Every state of a polling session, on either side, has one deadline, and passing it leads on: the
// fixtures check after each step that there is one, and that it is yet to come.

using namespace hawser;
using namespace hawser::polling;

namespace {

struct ServerState {
    std::string_view name;
    void (*reach)(ServerFixture&);
    /// From then to the deadline, and to the end where nobody does anything any more.
    Duration due;
    Duration end;
};

const ServerState server_states[] = {
    {"unused", [](ServerFixture& server) { server.wait(3s); }, 7s, 7s},
    {"unused, after requests that were refused", [](ServerFixture& server) {
         server.wait(3s);
         server.send(0, "");
     }, 7s, 7s},
    {"at rest", [](ServerFixture& server) {
         server.receive(1, 0, 0s);
         server.wait(20s);
     }, 100s, 100s},
    {"held", [](ServerFixture& server) {
         server.receive(1);
         server.wait(5s);
     }, 20s, 140s},
    {"held, for less than is granted", [](ServerFixture& server) { server.receive(1, 0, 9s); },
     9s, 129s},
    {"while a reply is written", [](ServerFixture& server) {
         server.receive(1);
         server.say("x");
         server.wait(10s);
     }, 590s, 590s},
    {"when a reply is written", [](ServerFixture& server) {
         const auto id = server.receive(1);
         server.say("x");
         server.wait(10s);
         server.written(id);
     }, 120s, 120s},
    {"when a reply is lost", [](ServerFixture& server) {
         const auto id = server.receive(1);
         server.wait(10s);
         server.disconnect(id);
     }, 120s, 120s},
    {"while a send waits for room", [](ServerFixture& server) {
         server.room(0, 0);
         server.send(1, frames({"x"}));
         server.wait(1s);
     }, 4s, 124s},
    {"while a send waits and a receive is held", [](ServerFixture& server) {
         server.room(0, 0);
         server.receive(1, 0, 4s);
         server.send(1, frames({"x"}));
     }, 4s, 125s},
    {"closing", [](ServerFixture& server) {
         server.receive(1, 0, 0s);
         server.wait(10s);
         server.close();
         server.wait(1s);
     }, 4s, 109s},
    {"closing, while a receive is held", [](ServerFixture& server) {
         server.receive(1, 0, 3s);
         server.receive(2, 0, 3s);
         server.close();
     }, 5s, 600s},
    {"over", [](ServerFixture& server) {
         server.receive(1, 0, 0s);
         server.close();
         server.receive(2, 0, 0s);
         server.receive(3, 1, 0s);
     }, 120s, 120s},
};

struct ClientState {
    std::string_view name;
    void (*reach)(ClientFixture&);
    Duration due;
    Duration end;
};

const ClientState client_states[] = {
    {"opening", [](ClientFixture& client) {
         client.is_asking();
         client.wait(10s);
     }, 20s, 20s},
    {"opening, after a fault", [](ClientFixture& client) { client.fail(Lane::receive); }, 250ms,
     30s},
    {"opening, told to wait", [](ClientFixture& client) {
         client.refuse(Lane::receive, 503, "draining", {{"Retry-After", "7"}});
     }, 7s, 30s},
    {"asking", [](ClientFixture& client) {
         client.open();
         client.wait(10s);
     }, 110s, 110s},
    {"after a fault", [](ClientFixture& client) {
         client.open();
         client.wait(10s);
         client.fail(Lane::receive);
     }, 250ms, 110s},
    {"told to wait for longer than it has", [](ClientFixture& client) {
         client.open();
         client.wait(10s);
         client.refuse(Lane::receive, 503, "busy", {{"Retry-After", "999"}});
     }, 110s, 110s},
    {"between short polls", [](ClientFixture& client) {
         client.open("0");
         client.answer(Lane::receive, 204, 0);
     }, 1s, 120s},
    {"without room", [](ClientFixture& client) {
         client.open();
         client.room(0, 0);
         client.answer(Lane::receive, 204, 0);
     }, 40s, 120s},
    {"without room, kept alive", [](ClientFixture& client) {
         client.open();
         client.room(0, 0);
         client.answer(Lane::receive, 204, 0);
         client.wait(40s);
     }, 80s, 80s},
    {"sending", [](ClientFixture& client) {
         client.open();
         client.say("x");
     }, 120s, 120s},
    {"closing", [](ClientFixture& client) {
         client.open();
         client.close();
         client.wait(2s);
     }, 3s, 3s},
    {"saying farewell", [](ClientFixture& client) {
         client.open();
         client.deliver(1, close_frame);
         client.wait(2s);
     }, 3s, 3s},
    {"saying farewell, after a fault", [](ClientFixture& client) {
         client.open();
         client.deliver(1, close_frame);
         client.fail(Lane::receive);
     }, 250ms, 5s},
    {"saying why it ends", [](ClientFixture& client) {
         client.open();
         client.deliver(5, frames({"a gap"}));
     }, 5s, 5s},
};

/// Reaches `state`, and lets only time pass.
template <class Fixture, class State>
void check_state(const State& state) {
    CAPTURE(state.name);
    Fixture side;
    state.reach(side);
    CHECK(side.session().deadline() == side.now + state.due);
    const TimePoint reached = side.now;
    side.wait(state.due);
    if (state.end > state.due) {
        CHECK_FALSE(side.session().finished());
        side.wait(reached + state.end - 1ns - side.now);
        CHECK_FALSE(side.session().finished());
        side.wait(1ns);
    }
    CHECK(side.session().finished());
}

}  // namespace

TEST_CASE("each state of a server's session has its deadline, and comes to an end") {
    for (const ServerState& state : server_states) check_state<ServerFixture>(state);
}

TEST_CASE("each state of a client's session has its deadline, and comes to an end") {
    for (const ClientState& state : client_states) check_state<ClientFixture>(state);
}

TEST_CASE("a client that slept for less than the grace time goes on, otherwise it has ended") {
    for (const Duration more : {-1s, 0s, 1s}) {
        CAPTURE(more.count());
        ClientFixture client;
        client.open();
        client.now += 120s + more;
        client.session().tick(client.now);
        client.collect();
        const bool is_alive = more < 0s;
        CHECK(client.closed.size() == (is_alive ? 0 : 1));
        CHECK(client.is_asking() == is_alive);
        if (is_alive) client.deliver(1, frames({"while you slept"}));
        CHECK(client.messages.size() == (is_alive ? 1 : 0));
        if (!is_alive) CHECK(client.closed[0].error == Error::session_expired);
    }
}
