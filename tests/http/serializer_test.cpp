#include <hawser/http/serializer.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hawser::http;

namespace {

std::string text(const hawser::Output& output) {
    const auto bytes = output.flatten();
    return std::string{hawser::as_characters(bytes)};
}

std::string written(const Response& response, const ResponseContext& context = {}) {
    hawser::Output output;
    write_response_head(output, response, context);
    return text(output);
}

std::string written(const RequestHead& head, std::size_t body_size = 0) {
    hawser::Output output;
    write_request_head(output, head, body_size);
    return text(output);
}

}  // namespace

TEST_CASE("a response is written with the length of its body") {
    Response response{.status = 404, .fields = {{"A", "b"}}};
    response.body.append("hello");
    CHECK(written(response) == "HTTP/1.1 404 Not Found\r\nA: b\r\nContent-Length: 5\r\n\r\n");
    CHECK(written(Response{}) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(written(Response{.status = 299}) == "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a response says whether the connection goes on, where that is not clear") {
    using enum Persistence;
    CHECK(written(Response{.status = 204}, {1, keep_alive}) == "HTTP/1.1 204 No Content\r\n\r\n");
    CHECK(written(Response{.status = 204}, {1, close}) ==
          "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    CHECK(written(Response{.status = 204}, {0, keep_alive}) ==
          "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    CHECK(written(Response{.status = 204}, {0, close}) ==
          "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a response that offers an upgrade names it among the connection's options") {
    using enum Persistence;
    Response response{.status = 426, .fields = {{"Upgrade", "websocket"}, {"Connection", "x"}}};
    const std::string before =
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n";
    CHECK(written(response, {1, keep_alive}) == before + "Connection: upgrade\r\n\r\n");
    CHECK(written(response, {1, close}) == before + "Connection: close, upgrade\r\n\r\n");
    CHECK(written(response, {0, keep_alive}) ==
          before + "Connection: keep-alive, upgrade\r\n\r\n");
}

TEST_CASE("B11: fields of a response that would frame it are left out") {
    const Response response{.fields = {{"Content-Length", "99"},
                                       {"A", "b"},
                                       {"transfer-encoding", "chunked"},
                                       {"Connection", "keep-alive"},
                                       {"C", "d"}}};
    CHECK(written(response) == "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("an interim response is written as it is") {
    const Response response{.status = 101, .fields = {{"Connection", "Upgrade"}, {"Upgrade", "x"}}};
    CHECK(written(response) ==
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
}

TEST_CASE("a request is written with the length of its body, where it may have one") {
    const RequestHead get{.target = "/a?b", .fields = {{"Host", "a"}, {"Content-Length", "9"}}};
    CHECK(written(get) == "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(written(get, 5) == "GET /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    CHECK(written(RequestHead{.method = "POST"}) == "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    CHECK(written(RequestHead{.minor_version = 0}) == "GET / HTTP/1.0\r\n\r\n");
}
