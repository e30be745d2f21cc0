#include <hawser/http/client_connection.hpp>

#include <hawser/core/stream_engine.hpp>

#include <http/calling.hpp>
#include <http/pieces.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace std::chrono_literals;

using hawser::Error;
using hawser::http::ClientConnection;
using hawser::http::ClientConnectionOptions;
using hawser::http::ReceivedResponse;
using hawser::http::RequestHead;
using test::Calling;
using test::start;
using test::output_of;
using Strings = std::vector<std::string>;

static_assert(hawser::StreamEngine<ClientConnection>);

namespace {

struct Outcome {
    Strings events;
    std::error_code error;
    bool is_reusable = false;
};

/// What a client makes of `reply` and then perhaps the end, the same in whatever pieces it arrives.
Outcome call(std::string_view reply, const std::string& method = "GET", bool then_eof = false) {
    std::optional<Outcome> first;
    for (const auto& pieces : test::all_splits(reply)) {
        Calling calling;
        calling.request(method);
        for (const std::string& piece : pieces) calling.receive(piece);
        if (then_eof) calling.receive_eof();
        const Outcome outcome{calling.events, calling.error, calling.connection.is_reusable()};
        if (!first) first = outcome;
        CAPTURE(pieces.size());
        CHECK(outcome.events == first->events);
        CHECK(outcome.error == first->error);
        CHECK(outcome.is_reusable == first->is_reusable);
    }
    return *first;
}

}  // namespace

TEST_CASE("a request is written with its length, and its response is given out") {
    Calling calling;
    calling.request("POST", "hello");
    CHECK(calling.sent == "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    calling.receive("HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok");
    CHECK(calling.events == Strings{"201 ok"});
    CHECK(calling.connection.is_reusable());
}

TEST_CASE("a connection carries one exchange after the other") {
    Calling calling;
    for (int i = 0; i != 3; ++i) {
        calling.request();
        CHECK(!calling.connection.is_reusable());
        calling.receive("HTTP/1.1 204 No Content\r\n\r\n");
        CHECK(calling.connection.is_reusable());
    }
    CHECK(calling.events == Strings{"204 ", "204 ", "204 "});
}

TEST_CASE("a response without a length ends with the connection") {
    const auto outcome = call("HTTP/1.0 200 OK\r\n\r\nall of this", "GET", true);
    CHECK(outcome.events == Strings{"200 all of this"});
    CHECK(outcome.error == Error::closed);
}

TEST_CASE("a chunked response is put together") {
    const auto outcome =
        call("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    if (!hawser::http::reads_chunks_strictly()) {
        CHECK(outcome.error == Error::unknown_transfer_coding);
        return;
    }
    CHECK(outcome.events == Strings{"200 hello"});
    CHECK(outcome.is_reusable);
}

TEST_CASE("a connection that is to be closed is not used again") {
    for (const std::string head :
         {"HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.0 200 OK\r\n",
          "HTTP/1.1 200 OK\r\nConnection: close\t, x\r\n"}) {
        const auto outcome = call(head + "Content-Length: 2\r\n\r\nok");
        CHECK(outcome.events == Strings{"200 ok"});
        CHECK(outcome.error == Error::closed);
    }
    CHECK(
        call("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").is_reusable);
}

TEST_CASE("a client that has asked for the end reads one response and nothing else") {
    const ClientConnectionOptions options;
    ClientConnection connection{options, start};
    connection.request({.fields = {{"Connection", "close"}}}, {}, {}, start);
    hawser::Output sent;
    connection.take_output(sent, 1024, start);
    std::string reply = "HTTP/1.1 204 X\r\n\r\nmore";
    const auto bytes = std::as_writable_bytes(std::span<char>{reply});
    CHECK(connection.receive(bytes, start) == reply.size() - 4);
    CHECK(connection.receive(bytes.last(4), start) == 0);
    CHECK(connection.poll_event()->index() == 0);
    CHECK(std::get<ClientConnection::Closed>(*connection.poll_event()).error == Error::closed);
}

TEST_CASE("A25: responses to HEAD, and with 204 or 304, have no body") {
    CHECK(call("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD").events == Strings{"200 "});
    for (const std::string status : {"204", "304"}) {
        const std::string head = "HTTP/1.1 " + status + " X\r\nContent-Length: 5\r\n\r\n";
        CHECK(call(head).is_reusable);
        const auto outcome = call(head + "hello");
        CHECK(outcome.events == Strings{status + ' '});
        CHECK(outcome.error == Error::unexpected_bytes);
    }
    const auto chunked = call("HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    CHECK(chunked.error == Error::unexpected_bytes);
}

TEST_CASE("A25: interim responses are skipped, but not without end, and not 101") {
    const std::string interim =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n";
    CHECK(call(interim + "HTTP/1.1 204 X\r\n\r\n").events == Strings{"204 "});
    std::string many;
    for (int i = 0; i != 9; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
    CHECK(call(many).error == Error::bad_status_line);
    CHECK(call("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
              .error == Error::bad_status_line);
    CHECK(call("HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello").error ==
          Error::bad_status_line);
}

TEST_CASE("A25: a malformed status line is an error") {
    for (const std::string line :
         {"HTTP/1.1 200 OK\rContent-Length: 0", "HTTP/1.1 200 OK\nContent-Length: 0",
          "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 600 OK", "HTTP/1.1 099 OK",
          "HTTP/1.1  200", "HTTP/2 200 OK", "HTTP/1.2 200 OK", "http/1.1 200 OK", "ICY 200 OK",
          "200 OK", "\r\nHTTP/1.1 200 OK", "HTTP/1.1 200 \x01", "HTTP/1.1\t200 OK",
          "HTTP/1.1 200\tOK"}) {
        CAPTURE(line);
        const auto outcome = call(line + "\r\n\r\n");
        CHECK(outcome.events.empty());
        CHECK(outcome.error);
    }
    CHECK(call("HTTP/1.1 204\r\n\r\n").is_reusable);
    CHECK(call("HTTP/1.1 204 \r\n\r\n").is_reusable);
}

TEST_CASE("A25: a response that frames its body in an ambiguous way is an error") {
    for (const std::string lines :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked",
          "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5, 5",
          "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked", "Content-Length: -1",
          "X: a\r\n b", "X : a", ": a"}) {
        CAPTURE(lines);
        const auto outcome = call("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\nhello");
        CHECK(outcome.events.empty());
        CHECK(outcome.error);
    }
}

TEST_CASE("A25: bytes on an idle connection drop it") {
    Calling calling;
    calling.receive("HTTP/1.1 200 OK\r\n");
    CHECK(calling.error == Error::unexpected_bytes);

    const std::string reply = "HTTP/1.1 204 X\r\n\r\n";
    const auto outcome = call(reply + reply);
    CHECK(outcome.events == Strings{"204 "});
    CHECK(outcome.error == Error::unexpected_bytes);
}

TEST_CASE("A25: bytes that were there before the request are no answer to it") {
    const ClientConnectionOptions options;
    ClientConnection connection{options, start};
    connection.request({.fields = {{"Host", "a"}}}, {}, {}, start);
    std::string early = "HTTP/1.1 204 X\r\n\r\n";
    (void)connection.receive(std::as_writable_bytes(std::span<char>{early}), start);
    const auto event = connection.poll_event();
    CHECK(std::get<ClientConnection::Closed>(*event).error == Error::unexpected_bytes);
}

TEST_CASE("B11: a request line that would not stay one is refused, and nothing is sent") {
    using namespace std::string_literals;
    const auto check_refused = [](const std::string& method, const std::string& target) {
        CAPTURE(method);
        CAPTURE(target);
        Calling calling;
        calling.connection.request({.method = method, .target = target}, output_of("body"), {},
                                   calling.now);
        calling.settle();
        CHECK(calling.sent.empty());
        CHECK(calling.error == Error::bad_argument);
    };
    for (const auto& target : {""s, "/a b"s, "/a\r\nX: y"s, "/a\nb"s, "/a\rb"s, "/a\0b"s, "/#a"s}) {
        check_refused("GET", target);
    }
    for (const auto& method : {""s, "GET /x HTTP/1.1\r\n"s, "G ET"s, "G:ET"s, "GET\0"s}) {
        check_refused(method, "/");
    }
}

TEST_CASE("a response above the limits is an error") {
    CHECK(call("HTTP/1.1 200 OK\r\nContent-Length: 1048833\r\n\r\n").error == Error::body_too_big);
    CHECK(call("HTTP/1.1 200 OK\r\nX: " + std::string(17'000, 'a')).error == Error::head_too_big);
    Calling calling;
    calling.request();
    calling.receive("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i != 2000 && !calling.error; ++i) calling.receive(std::string(1024, 'x'));
    CHECK(calling.error == Error::body_too_big);
}

TEST_CASE("the end of input is an error inside a response, and before it") {
    const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    CHECK(call("", "GET", true).error == Error::connection_lost);
    for (std::size_t size = 1; size != reply.size(); ++size) {
        CHECK(call(reply.substr(0, size), "GET", true).error == Error::incomplete_message);
    }
    CHECK(call(reply, "GET", true).error == Error::closed);
}

TEST_CASE("a connection that breaks is closed once, and tells why") {
    Calling calling;
    calling.request();
    calling.connection.receive_error(std::make_error_code(std::errc::connection_reset), start);
    calling.receive_eof();
    CHECK(calling.error == std::errc::connection_reset);
    CHECK(!calling.connection.is_reusable());
}

TEST_CASE("a response must begin in time, and then go on") {
    const hawser::http::ExchangeTimes times{.first_byte = 40s, .progress = 15s};
    Calling silent;
    silent.request("GET", "", times);
    silent.pass(40s);
    CHECK(silent.error == Error::exchange_timeout);

    Calling slow;
    slow.request("GET", "", times);
    slow.pass(39s);
    for (const char c : std::string{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}) {
        slow.receive({&c, 1});
        slow.pass(14s);
    }
    CHECK(!slow.error);
    slow.pass(1s);
    CHECK(slow.error == Error::exchange_timeout);
}

TEST_CASE("a long body leaves in pieces, each of which is progress") {
    const ClientConnectionOptions options;
    ClientConnection connection{options, start};
    connection.request({.method = "POST"}, output_of(std::string(100'000, 'x')), {}, start);
    hawser::TimePoint now = start;
    hawser::Output sent;
    for (int i = 0; i != 100; ++i, now += 14s) {
        connection.tick(now);
        connection.take_output(sent, 1024, now);
    }
    CHECK(sent.size() ==
          100'000 + std::string_view{"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"}.size());
    CHECK(!connection.finished());
}

TEST_CASE("an answer to half a request is taken, and ends the connection") {
    const ClientConnectionOptions options;
    ClientConnection connection{options, start};
    connection.request({.method = "POST"}, output_of(std::string(100'000, 'x')), {}, start);
    hawser::Output sent;
    connection.take_output(sent, 1024, start);
    std::string early = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
    CHECK(connection.receive(std::as_writable_bytes(std::span<char>{early}), start) ==
          early.size());
    CHECK(std::get<ReceivedResponse>(*connection.poll_event()).head.status == 413);
    CHECK(std::get<ClientConnection::Closed>(*connection.poll_event()).error == Error::closed);
    connection.take_output(sent, 1 << 20, start);
    CHECK(sent.size() == 1024);
    CHECK(connection.finished());
}

TEST_CASE("an idle connection is given up before the server does") {
    Calling calling;
    calling.pass(45s);
    CHECK(calling.error == Error::idle_timeout);
}

TEST_CASE("an aborted exchange is closed at once") {
    Calling calling;
    calling.request();
    calling.connection.abort();
    calling.settle();
    CHECK(calling.error == Error::aborted);
}
