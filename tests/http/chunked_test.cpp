#include <hawser/http/parser.hpp>

#include <http/serving.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using test::get;
using test::is_refused;
using test::post_chunked;
using test::serve;

namespace {

/// Whether a chunked body is refused; a loose llhttp is not trusted with any.
bool is_refused_chunked(const std::string& body, std::vector<std::string> statuses = {"400"}) {
    if (!hawser::http::reads_chunks_strictly()) statuses = {"501"};
    return is_refused(post_chunked(body), std::move(statuses));
}

/// The body that the server has got from `chunks`.
std::string received(const std::string& chunks) {
    const test::Outcome outcome = serve(post_chunked(chunks));
    const std::string prefix = "request POST / ";
    REQUIRE(outcome.events.size() == 2);
    REQUIRE(outcome.events[1].starts_with(prefix));
    return outcome.events[1].substr(prefix.size());
}

}  // namespace

TEST_CASE("a chunked body is put together, or refused where llhttp is loose") {
    if (!hawser::http::reads_chunks_strictly()) {
        CHECK(is_refused(post_chunked("5\r\nhello\r\n0\r\n\r\n"), {"501"}));
        return;
    }
    CHECK(received("0\r\n\r\n").empty());
    CHECK(received("5\r\nhello\r\n0\r\n\r\n") == "hello");
    CHECK(received("5;a=b\r\nhello\r\n01;a;b=c\r\n!\r\n000\r\n\r\n") == "hello!");
    CHECK(received("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n") == "01234567890123456789");
}

TEST_CASE("A11: a malformed chunk is refused") {
    for (const std::string body :
         {"5\nhello\r\n0\r\n\r\n", "5\rXhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n",
          "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n",
          "10000000000000005\r\nhello\r\n0\r\n\r\n", "-1\r\nhello\r\n0\r\n\r\n",
          "0x5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n",
          ";a\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
          "g\r\nhello\r\n0\r\n\r\n", "5\r\nhello!\r\n0\r\n\r\n"}) {
        CAPTURE(body);
        CHECK(is_refused_chunked(body));
    }
}

TEST_CASE("A12: a malformed chunk extension is refused") {
    for (const std::string body :
         {"5;a\rb\r\nhello\r\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n",
          "5;a=\"b\r\nhello\r\n0\r\n\r\n", "5;a\r\r\nhello\r\n0\r\n\r\n"}) {
        CAPTURE(body);
        CHECK(is_refused_chunked(body));
    }
}

TEST_CASE("A12: a proper chunk extension is ignored, or refused where llhttp does not know it") {
    for (const std::string extension :
         {";a=b;c=d", ";a;b=c;d=e", ";a=\"b\\\"c\"", ";a=\"b\";c", ";a = b", " ;a", ";a="}) {
        CAPTURE(extension);
        const auto outcome =
            serve(post_chunked("5" + extension + "\r\nhello\r\n0\r\n\r\n") + get("", "/next"));
        REQUIRE(!outcome.statuses.empty());
        if (outcome.statuses[0] != "200") {
            CHECK(outcome.statuses.size() == 1);
            CHECK(outcome.events.back().starts_with("closed"));
            continue;
        }
        CHECK(outcome.events[1] == "request POST / hello");
        CHECK(outcome.events.back() == "request GET /next ");
    }
}

TEST_CASE("A12: chunk extensions cost no more than a head") {
    CHECK(is_refused_chunked("1;" + std::string(17'000, 'a')));
    CHECK(is_refused_chunked("1;" + std::string(17'000, 'a') + "\r\n1\r\n0\r\n\r\n"));
    std::string costly;
    for (int i = 0; i != 8; ++i) costly += "1;" + std::string(4096, 'a') + "\r\nx\r\n";
    CHECK(is_refused_chunked(costly + "0\r\n\r\n"));
    CHECK(is_refused_chunked(std::string(17'000, '0')));
}

TEST_CASE("A12: chunks of one byte are read, however many") {
    test::Serving serving;
    serving.receive(post_chunked(""));
    for (int i = 0; i != 100'000; ++i) serving.receive("1\r\nx\r\n");
    serving.receive("0\r\n\r\n");
    const std::string status = hawser::http::reads_chunks_strictly() ? "200" : "501";
    CHECK(serving.statuses() == std::vector<std::string>{status});
}

TEST_CASE("A13: the end of a chunked body is exactly an empty chunk and an empty line") {
    for (const std::string body : {"0\r\n\rX", "0\r\n\nX", "0\r\nGET / HTTP/1.1\r\n\r\n", "0\n\n",
                                   "0\r\n\r\r\n", "0\r\nX\r\n\r\n"}) {
        CAPTURE(body);
        CHECK(is_refused_chunked(body));
    }
}

TEST_CASE("A14: trailers are ignored or refused, never obeyed") {
    const std::vector<std::string> allowed{"200", "400", "501"};
    for (const std::string trailer :
         {"Content-Length: 5", "Transfer-Encoding: chunked", "Host: b", "Connection: close",
          "Cookie: a", "X: y", "Upgrade: websocket\r\nConnection: Upgrade"}) {
        CAPTURE(trailer);
        const auto outcome =
            serve(post_chunked("5\r\nhello\r\n0\r\n" + trailer + "\r\n\r\n") + get("", "/next"));
        REQUIRE(!outcome.statuses.empty());
        if (outcome.statuses[0] != "200") continue;
        CHECK(outcome.events[1] == "request POST / hello");
        CHECK(outcome.events.back() == "request GET /next ");
        CHECK(outcome.statuses == std::vector<std::string>{"200", "200"});
    }
}

TEST_CASE("A14: trailers are guarded and limited like a head") {
    for (const std::string trailer :
         {"X: a\r\n\tb", " X: a", "X : a", "X: a\nY: b", ": a", "X: a\rY: b", "X: \x01"}) {
        CAPTURE(trailer);
        CHECK(is_refused_chunked("0\r\n" + trailer + "\r\n\r\n"));
    }
    std::string many;
    for (int i = 0; i != 101; ++i) many += "X: a\r\n";
    CHECK(is_refused_chunked("0\r\n" + many + "\r\n", {"431"}));
    CHECK(is_refused_chunked("0\r\nX: " + std::string(17'000, 'a'), {"431"}));
}

TEST_CASE("of two faults of a chunked body the first is named, in whatever pieces it arrives") {
    // What llhttp refuses in a trailer, then what the guard does.
    CHECK(is_refused_chunked("0\r\nTransfer-Encoding: chunkex\r\n\n\r\n"));
    CHECK(is_refused_chunked("0\r\nTransfer-Encoding: chunkex\r\nX y\r\n"));
    CHECK(is_refused_chunked("0\r\nContent-Length: x" + std::string(17'000, 'a')));
    // A line that is too long, then the size that it announces.
    CHECK(is_refused_chunked("FFFFFFFF;" + std::string(17'000, 'a') + "\r\n"));
}

TEST_CASE("a chunked body above the limit is refused when the chunk that exceeds it is announced") {
    CHECK(is_refused_chunked("FFFFFFFFFFFFFFFF\r\n", {"413"}));
    CHECK(is_refused_chunked("100101\r\n", {"413"}));
    CHECK(is_refused_chunked("5\r\nhello\r\nFFFFFFFFFFFFFFFB\r\n", {"413"}));
}

TEST_CASE("a host may say what is answered when a body is too big") {
    const test::Serving::OnHead accept = [](auto& connection, const auto&) {
        connection.accept_body(4, test::Response{.status = 413, .fields = {{"X-Own", "yes"}}});
    };
    const bool reads_chunks = hawser::http::reads_chunks_strictly();
    for (const std::string& request : {test::post("Content-Length: 5\r\n", "hello"),
                                       post_chunked("4\r\nfour\r\n1\r\nx\r\n0\r\n\r\n")}) {
        const auto outcome = serve(request, {}, accept);
        const bool is_too_big = reads_chunks || request.find("chunked") == std::string::npos;
        CHECK(outcome.statuses == std::vector<std::string>{is_too_big ? "413" : "501"});
        CHECK((outcome.output.find("X-Own: yes\r\n") != std::string::npos) == is_too_big);
        CHECK(outcome.output.find("Connection: close\r\n") != std::string::npos);
    }
    CHECK(serve(post_chunked("4\r\nfour\r\n0\r\n\r\n"), {}, accept).statuses ==
          std::vector<std::string>{reads_chunks ? "200" : "501"});
}
