#include "server/hostile.hpp"

#include <hawser/http/parser.hpp>

#include <string>
#include <string_view>

// Hostile bodies, and fields about them, over a real socket, whole and in two pieces; the engine's
// tests have the same and more, split at each byte.

using namespace std::string_literals;

namespace {

using test::check_refused;
using test::get;
using test::post;
using test::smuggled;

constexpr std::string_view chunks = "5\r\nhello\r\n0\r\n\r\n";

std::string post_chunked(std::string_view body) {
    return post("Transfer-Encoding: chunked\r\n", body);
}

/// Checks that a chunked body is refused; where llhttp is loose none is read.
void check_chunks_refused(test::Town& town, std::string_view body, unsigned status = 400) {
    check_refused(town, post_chunked(body), {hawser::http::reads_chunks_strictly() ? status : 501});
}

}  // namespace

TEST_CASE("A07 two ways to end a body end the connection with 400") {
    test::Town town;
    check_refused(town, post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks), {400});
    check_refused(town, post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks), {400});
}

TEST_CASE("A08 a Content-Length that is no number ends the connection") {
    test::Town town;
    for (const char* length :
         {"5\r\nContent-Length: 6", "5, 5", "+5", "-1", "0x5", "5 5", "", "18446744073709551616"}) {
        check_refused(town, post("Content-Length: "s + length + "\r\n", "hello"), {400});
    }
    check_refused(town, post("Content-Length: 18446744073709551615\r\n", "hello"), {400, 413});
    check_refused(town, post("Content-Length: 70000\r\n", "hello"), {413});
}

TEST_CASE("A09 a transfer coding other than chunked alone ends the connection") {
    test::Town town;
    for (const char* coding : {"chunked\r\nTransfer-Encoding: chunked", "chunked, identity",
                               "identity\r\nTransfer-Encoding: chunked", "gzip, chunked",
                               "xchunked", "", "gzip", "\tchunked", "chunked\t", "\vchunked"}) {
        check_refused(town, post("Transfer-Encoding: "s + coding + "\r\n", chunks), {400, 501});
    }
}

TEST_CASE("A10 a transfer coding on HTTP/1.0 ends the connection with 400") {
    test::Town town;
    check_refused(town,
                  "POST /plain HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      std::string{chunks},
                  {400});
}

TEST_CASE("A11 a malformed chunk ends the connection with 400") {
    test::Town town;
    for (const char* body :
         {"5\nhello\r\n0\r\n\r\n", "5\rXhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n",
          "5\r\nhello\n0\r\n\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n",
          "-1\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
          "\r\nhello\r\n0\r\n\r\n"}) {
        CAPTURE(body);
        check_chunks_refused(town, body);
    }
}

TEST_CASE("A12 a chunk extension that is malformed, or without end, ends the connection") {
    test::Town town;
    for (const char* body : {"5;a\rb\r\nhello\r\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n",
                             "5;a=\"b\r\nhello\r\n0\r\n\r\n"}) {
        CAPTURE(body);
        check_chunks_refused(town, body);
    }
    check_chunks_refused(town, "1;" + std::string(1 << 20, 'a'));
    std::string costly;
    for (int i = 0; i != 100; ++i)
        costly += "1;" + std::string(4096, 'a') + "\r\nx\r\n";
    check_chunks_refused(town, costly);
}

TEST_CASE("A13 a chunked body that is not ended is not followed by a request") {
    test::Town town;
    check_chunks_refused(town, "0\r\n\rX");
    check_chunks_refused(town, "0\r\n");
    check_chunks_refused(town, "5\r\nhello\r\n0\r\n");
}

TEST_CASE("A14 trailers are not obeyed") {
    test::Town town;
    for (const char* trailer : {"Content-Length: 50", "Transfer-Encoding: chunked", "Host: b",
                                "Connection: close", "Cookie: a"}) {
        CAPTURE(trailer);
        test::RawClient client = town.connect();
        client.write(post_chunked("5\r\nhello\r\n0\r\n"s + trailer + "\r\n\r\n") +
                     get("Connection: close\r\n", "/plain?next"));
        const std::string answer = client.read_response();
        if (test::status_of(answer) != 200) {
            CHECK(test::field_of(answer, "Connection") == "close");
            CHECK(client.read_to_end().empty());
            continue;
        }
        CHECK(hawser::http::reads_chunks_strictly());
        CHECK(client.read_to_end().ends_with("/plain?next\n"));
    }
}

TEST_CASE("A14 a million trailers end the connection") {
    test::Town town;
    std::string many;
    for (int i = 0; i != 1'000'000; ++i)
        many += "X:\r\n";
    check_chunks_refused(town, "0\r\n" + many, 431);
}

TEST_CASE("A23 a client that expects 100 gets it before its body") {
    test::Town town;
    test::RawClient client = town.connect();
    client.write(post("Expect: 100-continue\r\nContent-Length: 5\r\n"));
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(test::status_of(client.ask("hello")) == 200);
    CHECK(test::status_of(client.ask(get("Expect: 100-continue\r\n"))) == 200);
}

TEST_CASE("A23 a body that is expected in vain is not taken for a request") {
    test::Town town;
    const std::string fields =
        "Expect: 100-continue\r\nContent-Length: " + std::to_string(smuggled.size()) + "\r\n";
    check_refused(town, post("Expect: 200-ok\r\n"), {417});
    check_refused(town, "POST /nowhere HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", {404});
    check_refused(town, "DELETE /plain HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", {405});
}

TEST_CASE("A24 a body in a content coding ends the connection with 415") {
    test::Town town;
    check_refused(town, post("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello"), {415});
}
