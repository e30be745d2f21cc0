#include "server/hostile.hpp"

#include "support/allocated_bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

// Hostile requests over a real socket; the engine's tests have the same and more, split at each
// byte.

using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

/// What follows would be a second request, were it smuggled in.
constexpr std::string_view smuggled = "GET /plain?smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

void check_refused(test::Town& town, const std::string& request,
                   std::initializer_list<unsigned> statuses) {
    CAPTURE(request.substr(0, 200));
    const std::string answer = town.answer_to(request + std::string{smuggled});
    CAPTURE(answer);
    bool is_expected = false;
    for (const unsigned status : statuses) is_expected |= test::status_of(answer) == status;
    CHECK(is_expected);
    CHECK(test::field_of(answer, "Connection") == "close");
    CHECK(answer.find("smuggled") == std::string::npos);
    CHECK(answer.rfind("HTTP/1.1") == 0);  // there is but one
}

std::string post(std::string_view fields, std::string_view body = {}) {
    return "POST /plain HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

std::string get(std::string_view fields) {
    return "GET /plain HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}

}  // namespace

TEST_CASE("A01 a bare CR in a field ends the connection with 400") {
    test::Town town;
    check_refused(town, get("X-Abc:\rxTransfer-Encoding: chunked\r\n"), {400});
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

TEST_CASE("A07 two ways to end a body end the connection with 400") {
    test::Town town;
    constexpr std::string_view chunks = "5\r\nhello\r\n0\r\n\r\n";
    check_refused(town, post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks), {400});
    check_refused(town, post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks), {400});
}

TEST_CASE("A08 a Content-Length that is no number ends the connection") {
    test::Town town;
    for (const char* length : {"5\r\nContent-Length: 6", "5, 5", "+5", "-1", "0x5", "5 5", "",
                               "18446744073709551616"}) {
        check_refused(town, post("Content-Length: "s + length + "\r\n", "hello"), {400});
    }
    check_refused(town, post("Content-Length: 18446744073709551615\r\n", "hello"), {400, 413});
    check_refused(town, post("Content-Length: 70000\r\n", "hello"), {413});
}

TEST_CASE("A17 no Host, two, or an empty one end the connection with 400") {
    test::Town town;
    check_refused(town, "GET /plain HTTP/1.1\r\n\r\n", {400});
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", {400});
    check_refused(town, "GET /plain HTTP/1.1\r\nHost: \r\n\r\n", {400});
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
