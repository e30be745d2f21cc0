#include <http/serving.hpp>
#include <support/deadlines.hpp>
#include <support/random.hpp>

#include <hawser/http/client_connection.hpp>
#include <hawser/http/parser.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Every state of the two HTTP engines has one deadline, and passing it leads on.

using namespace std::chrono_literals;

using hawser::Duration;
using hawser::Error;
using hawser::http::ClientConnection;
using hawser::http::ClientConnectionOptions;
using test::Serving;

namespace {

/// A server that holds every request back.
struct Holding : Serving {
    Holding() {
        on_request = [](const test::Request&) { return std::nullopt; };
    }
    void answer() { respond({.status = 204}); }
    /// A first exchange has been made.
    void warm_up() {
        receive(test::get());
        pass(1s);
        answer();
    }
};

struct ServerState {
    std::string_view name;
    void (*reach)(Holding&);
    /// From then to the deadline.
    Duration due;
    Error end;
};

const ServerState server_states[] = {
    {"before the first byte", [](Holding&) {}, 10s, Error::idle_timeout},
    {"in the first head", [](Holding& server) {
         server.pass(4s);
         server.receive("GET /");
     }, 6s, Error::exchange_timeout},
    {"between requests", [](Holding& server) { server.warm_up(); }, 60s, Error::idle_timeout},
    {"in a later head", [](Holding& server) {
         server.warm_up();
         server.pass(59s);
         server.receive("\r");
         server.pass(3s);
         server.receive("\nGET /");
     }, 7s, Error::exchange_timeout},
    {"before a body", [](Holding& server) {
         server.receive(test::post("Content-Length: 9\r\n", ""));
     }, 15s, Error::exchange_timeout},
    {"before a body that waits for 100", [](Holding& server) {
         server.receive(test::post("Content-Length: 9\r\nExpect: 100-continue\r\n", ""));
     }, 15s, Error::exchange_timeout},
    {"in a body that crawls", [](Holding& server) {
         server.receive(test::post("Content-Length: 999\r\n", ""));
         server.pass(14s);
         server.receive(std::string(256, 'x'));
     }, 2s, Error::exchange_timeout},
    {"in a body that stops", [](Holding& server) {
         server.receive(test::post("Content-Length: 99999\r\n", std::string(9999, 'x')));
         server.pass(4s);
         server.receive("x");
     }, 15s, Error::exchange_timeout},
    {"held", [](Holding& server) { server.receive(test::get()); }, 120s, Error::answer_timeout},
    {"held, with a body", [](Holding& server) {
         server.receive(test::post("Content-Length: 1\r\n", ""));
         server.pass(9s);
         server.receive("x");
     }, 120s, Error::answer_timeout},
    {"held and interrupted", [](Holding& server) {
         server.receive(test::get());
         server.pass(20s);
         server.receive(test::get());
     }, 100s, Error::answer_timeout},
    {"held after a half-close", [](Holding& server) {
         server.receive(test::get());
         server.pass(20s);
         server.receive_eof();
     }, 100s, Error::answer_timeout},
};

/// Bytes of a client that goes on and on, with and without manners.
std::string some_input(test::Random& random) {
    switch (random.below(7)) {
    case 0: return test::post("Content-Length: 3\r\n", "abc");
    case 1: return test::post_chunked("3\r\nabc\r\n0\r\n\r\n");
    case 2: return test::post("Content-Length: 5\r\nExpect: 100-continue\r\n", "12345");
    case 3: return "\r\n" + test::get();
    case 4: return random.one_in(4) ? test::get("Connection: close\r\n") : test::get();
    case 5: return random.one_in(9) ? "what?\r\n\r\n" : test::get();
    default: return test::get();
    }
}

/// The deadline is `due` from now, and the connection ends at it, not before, with `end`.
void check_ends(Holding& server, Duration due, Error end) {
    // A second in nanoseconds may be divided with a rest.
    CHECK(server.connection.deadline() - server.now - due < 2ns);
    CHECK(server.connection.deadline() - server.now - due > -2ns);
    server.pass(server.connection.deadline() - server.now - 1ns);
    CHECK(server.count("closed") == 0);
    server.pass(1ns);
    CHECK(server.error == end);
    CHECK(server.connection.finished());
}

}  // namespace

TEST_CASE("each state of a server's connection has its deadline, and ends at it") {
    for (const ServerState& state : server_states) {
        CAPTURE(state.name);
        Holding server;
        state.reach(server);
        check_ends(server, state.due, state.end);
    }
}

TEST_CASE("between chunks a server's connection has its deadline, where it takes chunks") {
    Holding server;
    server.receive(test::post_chunked("1\r\nx\r\n"));
    REQUIRE(server.connection.finished() != hawser::http::reads_chunks_strictly());
    if (server.connection.finished()) return;
    check_ends(server, 15s + 1s * 6 / 256, Error::exchange_timeout);
}

TEST_CASE("answers that nobody takes keep a server's connection no longer than others") {
    Holding server;
    hawser::http::ServerConnection& connection = server.connection;
    server.receive(test::get());
    test::Response large{.status = 200};
    large.body.append(std::string(100'000, 'x'));
    connection.respond(std::move(large), server.now);
    CHECK(connection.read_limit() == 0);
    CHECK(connection.deadline() == server.now + 60s);
    connection.tick(server.now + 60s);
    CHECK(connection.poll_event().has_value());
    // What is left to do is the stream's, which has a deadline of its own for it.
    CHECK(connection.has_output());
    CHECK_FALSE(connection.finished());
}

TEST_CASE("a head that is not judged at once has its deadline already") {
    const hawser::http::ServerConnectionOptions options;
    test::ServerConnection connection{options, test::start};
    std::string bytes = test::post("Content-Length: 9\r\n", "");
    (void)connection.receive(std::as_writable_bytes(std::span{bytes}), test::start);
    CHECK(connection.deadline() == test::start + 15s);
    connection.tick(test::start + 15s);
    const auto event = connection.poll_event();
    REQUIRE(event);
    CHECK(std::get<test::ServerConnection::Closed>(*event).error == Error::exchange_timeout);
}

TEST_CASE("whatever happens, a server's connection is armed, and its deadline leads on") {
    test::Random random;
    CAPTURE(random.seed());
    for (int walk = 0; walk != 300; ++walk) {
        Holding server;
        std::string input;
        for (int step = 0; step != 100 && !server.connection.finished(); ++step) {
            if (input.empty()) input = some_input(random);
            const std::size_t size = std::min(input.size(), 1 + random.below(40));
            switch (random.below(9)) {
            case 0: server.pass(random.below(20) * 1s); break;
            case 1: if (random.one_in(9)) server.receive_eof(); break;
            case 2: if (random.one_in(9)) server.connection.close_after_answer(); break;
            case 3:
            case 4: if (server.connection.awaits_response()) server.answer(); break;
            default: server.receive(input.substr(0, size)); input.erase(0, size);
            }
            test::check_armed(server.connection, server.now);
        }
        // Then only time passes: whatever it was at, the next deadline is the end.
        if (!server.connection.finished()) server.pass(server.connection.deadline() - server.now);
        CHECK(server.connection.finished());
        CHECK(server.count("closed") == 1);
    }
}

namespace {

/// A client's connection whose stream takes `room` bytes at a time, or nothing at all.
struct Asking {
    ClientConnectionOptions options;
    hawser::TimePoint now = test::start;
    ClientConnection connection{options, now};
    std::size_t room = 1 << 20;
    std::size_t ends = 0;
    std::error_code error;

    void ask(std::size_t body = 0) {
        hawser::Output output;
        output.append(std::string(body, 'x'));
        connection.request({.method = "POST", .fields = {{"Host", "a"}}}, std::move(output),
                           {.first_byte = 40s, .progress = 15s}, now);
        settle();
    }
    void receive(std::string bytes) {
        std::span<char> rest{bytes};
        while (!rest.empty()) {
            const auto consumed = connection.receive(std::as_writable_bytes(rest), now);
            rest = rest.subspan(consumed);
            if (consumed == 0) break;
            settle();
        }
    }
    void receive_eof() {
        connection.receive_eof(now);
        settle();
    }
    void pass(Duration time) {
        test::pass_time(connection, now, time, [this] { settle(); });
    }
    void settle() {
        while (auto event = connection.poll_event()) {
            const auto* const closed = std::get_if<ClientConnection::Closed>(&*event);
            if (closed == nullptr) continue;
            ++ends;
            error = closed->error;
        }
        if (room == 0) return;
        hawser::Output taken;
        connection.take_output(taken, room, now);
    }
};

struct ClientState {
    std::string_view name;
    void (*reach)(Asking&);
    Duration due;
    Error end;
};

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

const ClientState client_states[] = {
    {"before the first request", [](Asking&) {}, 45s, Error::idle_timeout},
    {"with a request that cannot leave", [](Asking& client) {
         client.room = 0;
         client.ask();
     }, 40s, Error::exchange_timeout},
    {"with a request half of which has left", [](Asking& client) {
         client.room = 10;
         client.ask(1000);
     }, 15s, Error::exchange_timeout},
    {"before a response", [](Asking& client) { client.ask(); }, 40s, Error::exchange_timeout},
    {"in the head of a response", [](Asking& client) {
         client.ask();
         client.pass(39s);
         client.receive("HTTP");
     }, 15s, Error::exchange_timeout},
    {"after an interim response", [](Asking& client) {
         client.ask();
         client.receive("HTTP/1.1 102 Processing\r\n\r\n");
     }, 15s, Error::exchange_timeout},
    {"before the body of a response", [](Asking& client) {
         client.ask();
         client.receive(ok);
     }, 15s, Error::exchange_timeout},
    {"in the body of a response", [](Asking& client) {
         client.ask();
         client.receive(ok);
         client.pass(14s);
         client.receive("o");
     }, 15s, Error::exchange_timeout},
    {"in a body that ends with the connection", [](Asking& client) {
         client.ask();
         client.receive("HTTP/1.1 200 OK\r\n\r\n");
     }, 15s, Error::exchange_timeout},
    {"between exchanges", [](Asking& client) {
         client.ask();
         client.receive(ok + "ok");
     }, 45s, Error::idle_timeout},
};

}  // namespace

TEST_CASE("each state of a client's connection has its deadline, and ends at it") {
    for (const ClientState& state : client_states) {
        CAPTURE(state.name);
        Asking client;
        state.reach(client);
        CHECK(client.connection.deadline() == client.now + state.due);
        client.pass(state.due - 1ns);
        CHECK(client.ends == 0);
        client.pass(1ns);
        CHECK(client.error == state.end);
        CHECK(client.connection.finished());
    }
}

TEST_CASE("whatever happens, a client's connection is armed, and its deadline leads on") {
    const std::string responses[] = {ok + "ok", "HTTP/1.1 204 No Content\r\n\r\n",
                                     "HTTP/1.1 100 Continue\r\n\r\n" + ok + "ok",
                                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "2\r\nok\r\n0\r\n\r\n"};
    test::Random random;
    CAPTURE(random.seed());
    for (int walk = 0; walk != 300; ++walk) {
        Asking client;
        std::string input;
        for (int step = 0; step != 100 && !client.connection.finished(); ++step) {
            if (input.empty()) input = responses[random.below(4)];
            const std::size_t size = std::min(input.size(), 1 + random.below(30));
            client.room = random.below(3) * 100;
            switch (random.below(6)) {
            case 0: client.pass(random.below(20) * 1s); break;
            case 1: if (random.one_in(20)) client.receive_eof(); break;
            case 2: if (client.connection.is_reusable()) client.ask(random.below(500)); break;
            default:
                if (client.connection.is_reusable()) break;
                client.receive(input.substr(0, size));
                input.erase(0, size);
            }
            test::check_armed(client.connection, client.now);
        }
        client.room = 0;
        if (!client.connection.finished()) client.pass(client.connection.deadline() - client.now);
        CHECK(client.connection.finished());
        CHECK(client.ends == 1);
    }
}
