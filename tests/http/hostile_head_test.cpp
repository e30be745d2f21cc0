#include <hawser/http/server_connection.hpp>

#include <http/serving.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

using hawser::Error;
using test::get;
using test::is_refused;
using test::post;
using test::serve;

namespace {

/// What a smuggler wants to have taken for a request of its own.
const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

/// A whole head with `line` for its request line.
std::string with_line(const std::string& line) { return line + "\r\nHost: a\r\n\r\n"; }

}  // namespace

TEST_CASE("A01: a bare CR in a value does not begin a field") {
    CHECK(is_refused(get("X-Abc:\rxTransfer-Encoding: chunked\r\n") + hidden));
    CHECK(is_refused(get("X-Abc: a\rTransfer-Encoding: chunked\r\n") + hidden));
}

TEST_CASE("A02: a head does not end with CR LF CR and something else") {
    CHECK(is_refused("GET / HTTP/1.1\r\nHost: a\r\n\rX" + hidden));
    CHECK(is_refused("GET / HTTP/1.1\r\nHost: a\r\n\r\r\n" + hidden));
}

TEST_CASE("A03: a field line that begins with a blank is refused") {
    CHECK(is_refused(post(" Content-Length: 5\r\n", "hello")));
    CHECK(is_refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n"));
}

TEST_CASE("A04: a folded field line is refused") {
    CHECK(is_refused(get("X: a\r\n\tb\r\n")));
    CHECK(is_refused(get("X: a\r\n b\r\n")));
    CHECK(is_refused(get("X:\r\n a\r\n")));
}

TEST_CASE("A05: a blank before the colon is refused") {
    CHECK(is_refused(post("Content-Length : 5\r\n", "hello")));
    CHECK(is_refused(post("Content-Length\t: 5\r\n", "hello")));
}

TEST_CASE("A06: a line that ends with a bare LF is refused") {
    CHECK(is_refused(get("X: a\n")));
    CHECK(is_refused("GET / HTTP/1.1\r\nHost: a\r\n\n" + hidden));
    CHECK(is_refused("GET / HTTP/1.1\nHost: a\r\n\r\n"));
    CHECK(is_refused("GET / HTTP/1.1\nHost: a\n\n"));
}

TEST_CASE("A07: Content-Length and Transfer-Encoding together are refused") {
    CHECK(is_refused(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")));
    CHECK(is_refused(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")));
    CHECK(is_refused(post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n")));
}

TEST_CASE("A08: a Content-Length that is no plain number, or comes twice, is refused") {
    for (const std::string value : {"5, 5", "+5", "-1", "0x5", "5 5", "", "5;", "five", "5.",
                                    "18446744073709551616", "99999999999999999999999"}) {
        CAPTURE(value);
        CHECK(is_refused(post("Content-Length: " + value + "\r\n", "hello")));
    }
    CHECK(is_refused(post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")));
    CHECK(is_refused(post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")));
}

TEST_CASE("A08: a TAB beside a Content-Length is a blank, or refused") {
    for (const std::string value : {"\t5", "5\t", "\t5\t "}) {
        const auto outcome = serve(post("Content-Length:" + value + "\r\n", "hello") + hidden);
        REQUIRE(!outcome.statuses.empty());
        if (outcome.statuses[0] == "400") {
            CHECK(outcome.statuses.size() == 1);
        } else {
            CHECK(outcome.events[1] == "request POST / hello");
            CHECK(outcome.statuses == std::vector<std::string>{"200", "200"});
        }
    }
}

TEST_CASE("A08: a Content-Length above the limit is refused before a byte of the body") {
    CHECK(is_refused(post("Content-Length: 18446744073709551615\r\n", ""), {"413"}));
    CHECK(is_refused(post("Content-Length: 1048833\r\n", ""), {"413"}));
}

TEST_CASE("A09: a transfer coding other than chunked alone is refused") {
    for (const std::string value :
         {"chunked, identity", "identity, chunked", "gzip, chunked", "xchunked", "chunkedchunked",
          "", "chunked, chunked", "chunked, x", "gzip", "identity", "\tchunked", "chunked\t",
          "\vchunked", "chunked\v", "\"chunked\"", "chunked;a=b", ",chunked", "chunked,"}) {
        CAPTURE(value);
        CHECK(is_refused(post("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n" + hidden),
                         {"400", "501"}));
    }
    for (const std::string lines :
         {"identity\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: chunked",
          "chunked\r\nTransfer-Encoding: identity", "chunked\r\ntransfer-encoding:"}) {
        CAPTURE(lines);
        CHECK(is_refused(post("Transfer-Encoding: " + lines + "\r\n", "0\r\n\r\n" + hidden),
                         {"400", "501"}));
    }
}

TEST_CASE("A10: a transfer coding on HTTP/1.0 is refused") {
    CHECK(is_refused("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
}

TEST_CASE("A15: a field name that is no token is refused") {
    for (const std::string& name : {std::string{""}, std::string{"X Y"}, std::string{"X\0Y", 3},
                                    std::string{"X\x80"}, std::string{"X("}, std::string{"\"X\""},
                                    std::string{"X\x7f"}, std::string{"X\x01"}, std::string{"@"}}) {
        CAPTURE(name);
        CHECK(is_refused(get(name + ": a\r\n")));
    }
    CHECK(is_refused(get("no colon\r\n")));
    CHECK(is_refused(get("nocolon\r\n")));
}

TEST_CASE("A15: a control in a value is refused, a TAB and bytes above 0x7F are not") {
    for (const std::string& value :
         {std::string{"a\0b", 3}, std::string{"\x01"}, std::string{"\x1f"}, std::string{"\x7f"},
          std::string{"\v"}, std::string{"\f"}}) {
        CAPTURE(value);
        CHECK(is_refused(get("X: " + value + "\r\n")));
    }
    CHECK(serve(get("X: a\tb\x80\xff\r\n")).statuses == std::vector<std::string>{"200"});
}

TEST_CASE("A16: a target with a control, a blank, a byte above 0x7F or a fragment is refused") {
    for (const std::string& target :
         {std::string{"/\x01"}, std::string{"/\t"}, std::string{"/\x7f"}, std::string{"/\x80"},
          std::string{"/a#b"}, std::string{"#"}, std::string{""}, std::string{"/a b"},
          std::string{"/\0", 2}, std::string{"/\r"}, std::string{"/\n"}}) {
        CAPTURE(target);
        CHECK(is_refused(with_line("GET " + target + " HTTP/1.1")));
    }
}

TEST_CASE("A16: a target with dot segments or malformed percent-encoding is refused") {
    for (const std::string target :
         {"/..", "/../etc/passwd", "/a/../b", "/a/./b", "/%2e%2e/a", "/.%2E", "/%2e", "/%00", "/%",
          "/%2", "/%zz", "/a?b=%", "/%2", "no-slash", "*", "a:80", "http://", "ftp://a/"}) {
        CAPTURE(target);
        CHECK(is_refused(get("", target)));
    }
    for (const std::string target : {"/...", "/a..b", "/.well-known/x", "/a?b=../..", "/%20"}) {
        CAPTURE(target);
        CHECK(serve(get("", target)).statuses == std::vector<std::string>{"200"});
    }
}

TEST_CASE("A16: an endless target is refused as soon as it is too long") {
    const std::string endless = "GET /" + std::string(10'000, 'a');
    CHECK(is_refused(endless, {"414"}));
    CHECK(is_refused("GET /" + std::string(8192, 'a'), {"414"}));
    CHECK(serve(get("", '/' + std::string(8191, 'a'))).statuses[0] == "200");
}

TEST_CASE("A17: HTTP/1.1 needs exactly one Host that is one") {
    CHECK(is_refused("GET / HTTP/1.1\r\n\r\n"));
    CHECK(is_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"));
    CHECK(is_refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"));
    for (const std::string host : {"", " ", "a b", "a, b", "user@a", "a:b", "a:99999", "a/", "[::1",
                                   "[", "a:80:80", "http://a", "a\"b", "a%41"}) {
        CAPTURE(host);
        CHECK(is_refused("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
    }
    for (const std::string host : {"a", "a:80", "a:", "A.Example.", "127.0.0.1", "[::1]:8080"}) {
        CAPTURE(host);
        CHECK(serve("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").statuses[0] == "200");
    }
    CHECK(serve("GET / HTTP/1.0\r\n\r\n").statuses == std::vector<std::string>{"200"});
}

TEST_CASE("A17: a target in absolute form must name the host that Host names") {
    CHECK(serve("GET http://a/b HTTP/1.1\r\nHost: A:80\r\n\r\n").events[0] ==
          "head GET http://a/b");
    CHECK(is_refused("GET http://a/b HTTP/1.1\r\nHost: c\r\n\r\n"));
    CHECK(is_refused("GET http://a:81/b HTTP/1.1\r\nHost: a\r\n\r\n"));
}

TEST_CASE("A18: other versions and other protocols are refused") {
    for (const std::string version : {"HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "HTTP/0.9", "HTTP/3"}) {
        CAPTURE(version);
        CHECK(is_refused(with_line("GET / " + version), {"505"}));
    }
    for (const std::string line :
         {"GET /", "GET / ", "GET / RTSP/1.0", "SOURCE / ICE/1.0", "GET / http/1.1",
          "GET / HTTP/1.1 ", "GET / HTTP/1.10", "GET / HTTP/11", "GET / HTTP/1,1",
          "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET\t/\tHTTP/1.1",
          "DESCRIBE / HTTP/1.1"}) {
        CAPTURE(line);
        CHECK(is_refused(with_line(line)));
    }
    CHECK(is_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"505"}));
    CHECK(is_refused(with_line("BREW / HTTP/1.1"), {"501"}));
    CHECK(is_refused("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", {"501"}));
}

TEST_CASE("A19: a TLS ClientHello has the connection closed") {
    const std::string beginning{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
    CHECK(is_refused(beginning));
    CHECK(is_refused(beginning + std::string(506, '\0')));
    CHECK(is_refused(beginning.substr(0, 1)));
}

TEST_CASE("A21: a head beyond its limits is refused") {
    CHECK(is_refused(get("X: " + std::string(17'000, 'a') + "\r\n"), {"431"}));
    CHECK(is_refused("GET / HTTP/1.1\r\n" + std::string(17'000, 'a'), {"431"}));
    std::string fields;
    for (int i = 0; i != 99; ++i) fields += "X: a\r\n";
    CHECK(serve(get(fields)).statuses == std::vector<std::string>{"200"});
    CHECK(is_refused(get(fields + "X: a\r\n"), {"431"}));
}

TEST_CASE("A21: one empty line before a request is skipped, a second is not") {
    CHECK(serve("\r\n" + get()).statuses == std::vector<std::string>{"200"});
    CHECK(serve(get() + "\r\n" + get()).statuses == std::vector<std::string>{"200", "200"});
    CHECK(is_refused("\r\n\r\n" + get()));
    CHECK(is_refused("\n" + get()));
    CHECK(is_refused("\r\r" + get()));
}

TEST_CASE("A21: an endless head costs no more memory than its limit") {
    test::Serving serving;
    serving.receive("GET / HTTP/1.1\r\n");
    for (int i = 0; i != 1'000'000 && !serving.connection.finished(); ++i)
        serving.receive("X:1234\r\n");
    CHECK(serving.statuses() == std::vector<std::string>{"431"});
    CHECK(serving.error == Error::too_many_fields);
}

TEST_CASE("A22: a head of a mebibyte is gone through once, however small its pieces") {
    hawser::http::ServerConnectionOptions options;
    options.head.bytes = 1 << 20;
    hawser::http::ServerConnection connection{options, test::start};
    std::string head = get("X: " + std::string((1 << 20) - 100, 'a') + "\r\n");
    std::size_t consumed = 0;
    // Were it gone through anew with each byte, this would take hours.
    for (char& c : head) {
        consumed += connection.receive(std::as_writable_bytes(std::span{&c, 1}), test::start);
    }
    CHECK(consumed == head.size());
    CHECK(connection.poll_event()->index() == 0);
}

TEST_CASE("A23: a body may come with any method, and is not taken for a request") {
    for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
        CAPTURE(method);
        const auto outcome = serve(
            method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(hidden.size()) +
            "\r\n\r\n" + hidden + get("", "/b"));
        CHECK(outcome.statuses == std::vector<std::string>{"200", "200"});
        CHECK(outcome.events.back() == "request GET /b ");
    }
}

TEST_CASE("A24: a body in a content coding is refused") {
    CHECK(is_refused(post("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello"), {"415"}));
    CHECK(is_refused(post("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n"
                          "Content-Length: 5\r\n",
                          "hello"),
                     {"415"}));
    CHECK(serve(post("Content-Encoding: identity\r\nContent-Length: 5\r\n", "hello")).statuses[0] ==
          "200");
    CHECK(serve(get("Content-Encoding: gzip\r\n")).statuses[0] == "200");
}

TEST_CASE("A20: an upgrade that nobody knows is ignored, and what follows is the next request") {
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: h2c\r\n";
    for (const std::string& request :
         {get(upgrade), post(upgrade + "Content-Length: 5\r\n", "hello")}) {
        const auto outcome = serve(request + get("", "/next"));
        CHECK(outcome.statuses == std::vector<std::string>{"200", "200"});
        CHECK(outcome.events.back() == "request GET /next ");
    }
}

TEST_CASE("B05: an upgrade with a body is refused") {
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    CHECK(is_refused(post(upgrade + "Content-Length: 5\r\n", "hello")));
    CHECK(
        is_refused(post(upgrade + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), {"400", "501"}));
}
