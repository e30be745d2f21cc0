#include <hawser/websocket/opening_handshake.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

using namespace hawser;
using websocket::OpeningHandshake;

namespace {

constexpr HeadLimits limits{};
constexpr TimePoint deadline{std::chrono::hours{2}};

std::string output_of(OpeningHandshake& opening) {
    Output output;
    opening.take_output(output);
    return std::string{as_characters(output.flatten())};
}

/// A client that has sent its request, and is given a reply.
struct Calling {
    OpeningHandshake opening;
    std::error_code error = {};
    /// What came behind the head of the reply.
    std::string rest = {};

    explicit Calling(websocket::UpgradeRequest request = test::upgrade_request())
        : opening{std::move(request), limits, deadline} {
        static_cast<void>(output_of(opening));
    }

    void receive(ByteView bytes) {
        while (!bytes.empty() && opening.awaits_reply() && !error) {
            const auto step = opening.receive(bytes);
            error = step.error;
            bytes = bytes.subspan(step.consumed);
        }
        rest += as_characters(bytes);
    }
};

/// What comes of a reply, however it is split.
std::error_code error_of(const std::string& reply) {
    test::Random random;
    CAPTURE(random.seed());
    std::error_code error;
    bool first = true;
    for (const auto& pieces : test::all_splits(as_bytes(reply), random)) {
        Calling calling;
        for (const auto& piece : pieces)
            calling.receive(piece);
        if (!std::exchange(first, false)) CHECK(calling.error == error);
        error = calling.error;
    }
    return error;
}

}  // namespace

TEST_CASE("a server is open from the beginning, and sends its response once") {
    auto upgrade = test::upgrade();
    upgrade.subprotocol = "chat";
    OpeningHandshake opening{std::move(upgrade)};
    CHECK_FALSE(opening.awaits_reply());
    CHECK(opening.deadline() == never);
    CHECK_FALSE(opening.done());
    const auto opened = opening.take_opened();
    REQUIRE(opened);
    CHECK(opened->subprotocol == "chat");
    CHECK_FALSE(opened->reply);
    CHECK_FALSE(opening.take_opened());
    CHECK(output_of(opening) == test::good_reply("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    CHECK(output_of(opening).empty());
    CHECK(opening.done());
}

TEST_CASE("a client sends its request once and waits for the reply until the deadline") {
    OpeningHandshake opening{test::upgrade_request(), limits, deadline};
    CHECK(opening.awaits_reply());
    CHECK(opening.deadline() == deadline);
    CHECK_FALSE(opening.take_opened());
    const std::string request = output_of(opening);
    CHECK(request.starts_with("GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"));
    CHECK(request.ends_with("\r\n\r\n"));
    CHECK(output_of(opening).empty());
    CHECK_FALSE(opening.done());
}

TEST_CASE("B06 a client takes a reply in any pieces, and leaves what follows it alone") {
    test::Random random;
    CAPTURE(random.seed());
    const std::string follows = "\x81\x02hi HTTP/1.1 200 OK\r\n\r\n";
    const auto request = test::upgrade_request();
    const std::string bytes = test::good_reply(request.accept) + follows;
    for (const auto& pieces : test::all_splits(as_bytes(bytes), random)) {
        Calling calling{request};
        for (const auto& piece : pieces)
            calling.receive(piece);
        CHECK_FALSE(calling.error);
        CHECK_FALSE(calling.opening.awaits_reply());
        CHECK(calling.opening.deadline() == never);
        CHECK(calling.rest == follows);
        const auto opened = calling.opening.take_opened();
        REQUIRE(opened);
        REQUIRE(opened->reply);
        CHECK(opened->reply->status == 101);
        CHECK(opened->reply->fields.find("Upgrade") == "websocket");
        CHECK(calling.opening.done());
    }
}

TEST_CASE("the selected subprotocol is told") {
    const auto url = *http::parse_url("ws://example.com/");
    const auto request =
        *websocket::make_upgrade_request(url, {.subprotocols = {"chat"}}, test::entropy());
    OpeningHandshake opening{request, limits, deadline};
    std::string reply = test::good_reply(request.accept);
    reply.insert(reply.size() - 2, "Sec-WebSocket-Protocol: chat\r\n");
    CHECK_FALSE(opening.receive(as_bytes(reply)).error);
    CHECK(opening.take_opened()->subprotocol == "chat");
}

TEST_CASE("B10 replies that refuse, or are to somebody else, are errors in any pieces") {
    CHECK(error_of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == Error::upgrade_refused);
    CHECK(error_of("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n") == Error::upgrade_refused);
    CHECK(error_of("HTTP/1.0 101 Switching Protocols\r\n\r\n") == Error::upgrade_refused);
    CHECK(error_of(test::good_reply("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) ==
          Error::bad_websocket_accept);
}

TEST_CASE("B10 a reply that is malformed is an error in any pieces") {
    CHECK(error_of("HTTP/1.1 101 OK\nUpgrade: websocket\n\n") == Error::bad_line_end);
    CHECK(error_of("HTTP/1.1 101 OK\r\n Upgrade: websocket\r\n\r\n") == Error::bad_field);
    CHECK(error_of("garbage garbage garbage\r\n\r\n") == Error::bad_status_line);
}

TEST_CASE("B10 a reply of 64 KB is refused when it exceeds the limit") {
    const std::string reply = "HTTP/1.1 101 OK\r\nX: " + std::string(65'536, 'x') + "\r\n\r\n";
    CHECK(error_of(reply) == Error::head_too_big);
    std::string many = "HTTP/1.1 101 OK\r\n";
    for (int i = 0; i != 101; ++i)
        many += "X: y\r\n";
    CHECK(error_of(many + "\r\n") == Error::too_many_fields);
}
