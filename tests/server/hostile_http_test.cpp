#include "server/hostile.hpp"

#include "support/allocated_bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

// Hostile heads over a real socket, whole and in two pieces; the engine's tests have the same and
// more, split at each byte.

using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

using test::check_refused;
using test::get;
using test::post;
using test::smuggled;

/// A whole head with `line` for its request line.
std::string with_line(std::string_view line) {
    return std::string{line} + "\r\nHost: a\r\n\r\n";
}

}  // namespace

TEST_CASE("A01 a bare CR in a field ends the connection with 400") {
    test::Town town;
    check_refused(town, get("X-Abc:\rxTransfer-Encoding: chunked\r\n"), {400});
}

TEST_CASE("A02 a head that does not end with CR LF CR LF ends the connection with 400") {
    test::Town town;
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: a\r\n\rX", {400});
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\r\n", {400});
}

TEST_CASE("A03 a field line that begins with a blank ends the connection with 400") {
    test::Town town;
    check_refused(town, post(" Content-Length: 5\r\n", "hello"), {400});
    check_refused(town, "GET /plain HTTP/1.1\r\n Host: a\r\n\r\n", {400});
}

TEST_CASE("A04 a folded field line ends the connection with 400") {
    test::Town town;
    check_refused(town, get("X: a\r\n\tb\r\n"), {400});
    check_refused(town, get("X: a\r\n b\r\n"), {400});
}

TEST_CASE("A05 a blank before the colon of a field ends the connection with 400") {
    test::Town town;
    check_refused(town, post("Content-Length : 5\r\n", "hello"), {400});
}

TEST_CASE("A06 a bare LF ends the connection with 400") {
    test::Town town;
    check_refused(town, get("X: a\nY: b\r\n"), {400});
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: a\r\n\n", {400});
    check_refused(town, "GET /plain HTTP/1.1\nHost: a\r\n\r\n", {400});
}

TEST_CASE("A15 a field that is malformed ends the connection with 400") {
    test::Town town;
    for (const std::string& line : {": a"s, "X Y: a"s, "X\0Y: a"s, "X\x80: a"s, "no colon"s,
                                    "X: a\0b"s, "X: \x01"s, "X: \x7f"s}) {
        check_refused(town, get(line + "\r\n"), {400});
    }
}

TEST_CASE("A16 a target that is none ends the connection") {
    test::Town town;
    for (const std::string& target :
         {"/\x01"s, "/\t"s, "/\x80"s, "/a#b"s, ""s, "/a b"s, "/\0"s, "/.."s, "/plain/%2e%2e/a"s,
          "/%00"s, "/%"s, "/plain?%"s, "*"s, "plain"s}) {
        CAPTURE(target);
        check_refused(town, with_line("GET " + target + " HTTP/1.1"), {400});
    }
    check_refused(town, with_line("GET /" + std::string(1 << 20, 'x') + " HTTP/1.1"), {414});
}

TEST_CASE("A17 no Host, two, or an empty one end the connection with 400") {
    test::Town town;
    check_refused(town, "GET /plain HTTP/1.1\r\n\r\n", {400});
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", {400});
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: \r\n\r\n", {400});
}

TEST_CASE("A18 another version or protocol ends the connection") {
    test::Town town;
    for (const char* version : {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9"}) {
        check_refused(town, with_line("GET /plain "s + version), {505});
    }
    for (const char* line : {"GET /plain", "GET /plain ", "GET /plain RTSP/1.0",
                             "SOURCE /plain ICE/1.0", "GET  /plain HTTP/1.1", "\tGET / HTTP/1.1"}) {
        check_refused(town, with_line(line), {400});
    }
    check_refused(town, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505});
    check_refused(town, with_line("CONNECT a:80 HTTP/1.1"), {501});
}

TEST_CASE("A19 a TLS ClientHello ends the connection") {
    test::Town town;
    check_refused(town, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + std::string(506, '\0'),
                  {400});
}

TEST_CASE("A20 pipelined requests are answered in order") {
    test::Town town;
    std::string requests;
    constexpr int count = 2000;
    for (int i = 0; i != count; ++i) {
        requests += "GET /plain?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    }
    test::RawClient client = town.connect();
    client.write(requests);
    for (int i = 0; i != count; ++i) {
        REQUIRE(client.read_response().ends_with("/plain?" + std::to_string(i) + "\n"));
    }
}

TEST_CASE("A20 nothing is answered after the request that closes") {
    test::Town town;
    for (const char* close : {"close", "close\t", "keep-alive, close", "Close"}) {
        CAPTURE(close);
        const std::string answer =
            town.answer_to(get("Connection: "s + close + "\r\n") + std::string{smuggled});
        CHECK(test::status_of(answer) == 200);
        CHECK(answer.find("smuggled") == std::string::npos);
    }
}

TEST_CASE("A21 a head beyond the limits ends the connection, and costs no more than the limits") {
    test::Town town;
    std::string fields;
    for (int i = 0; i != 100; ++i) fields += "X" + std::to_string(i) + ": a\r\n";
    check_refused(town, get(fields), {431});
    const std::size_t before = test::allocated_bytes();
    check_refused(town, get("X: " + std::string(1 << 20, 'x') + "\r\n"), {431});
    check_refused(town, "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", {414});
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
    CHECK(test::allocated_bytes() < before + (1 << 20));
}

TEST_CASE("A21 line ends without end before a request end the connection") {
    test::Town town;
    std::string line_ends;
    for (int i = 0; i != 100'000; ++i) line_ends += "\r\n";
    check_refused(town, line_ends, {400});
}

TEST_CASE("A22 a head or a body that does not come is not waited for") {
    test::Town town{{.http = {.head_timeout = 20ms, .body_timeout = 20ms, .idle_timeout = 20ms}}};
    SUBCASE("no byte") { CHECK(town.answer_to("").empty()); }
    SUBCASE("half a head") { CHECK(test::status_of(town.answer_to("GET /plain HT")) == 408); }
    SUBCASE("half a body") {
        CHECK(test::status_of(town.answer_to(post("Content-Length: 5\r\n", "he"))) == 408);
    }
    SUBCASE("between requests") {
        CHECK(test::status_of(town.answer_to(get(""))) == 200);
    }
}

TEST_CASE("A26 a client that resets at any moment leaves nothing behind") {
    test::Town town;
    const std::string upgrade =
        "GET /websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" +
        test::masked_frame(0x81, "hello");
    for (const std::string& whole :
         {post("Content-Length: 50\r\n", std::string(50, 'x')), get("") + get(""), upgrade}) {
        for (std::size_t size = 0; size < whole.size(); size += 7) {
            test::RawClient client = town.connect();
            client.write(whole.substr(0, size));
            if (size % 2 == 0) town.world.run_ready();
            client.reset();
        }
    }
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
}
