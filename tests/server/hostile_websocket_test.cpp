#include "server/hostile.hpp"

#include "support/allocated_bytes.hpp"

#include <hawser/http/parser.hpp>

#include <string>
#include <string_view>
#include <vector>

// Hostile handshakes and frames over a real socket; the engine's tests have the same and more.

using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

constexpr unsigned text = 0x81;
constexpr unsigned close_frame = 0x88;

struct Upgrade {
    std::string method = "GET";
    std::string version = "HTTP/1.1";
    std::string connection = "Connection: Upgrade\r\n";
    std::string upgrade = "Upgrade: websocket\r\n";
    std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    std::string websocket_version = "Sec-WebSocket-Version: 13\r\n";
    std::string more = {};

    [[nodiscard]] std::string request() const {
        return method + " /websocket " + version + "\r\nHost: a\r\n" + connection + upgrade + key +
               websocket_version + more + "\r\n";
    }
};

unsigned status_of_upgrade(test::Town& town, const Upgrade& upgrade) {
    test::RawClient client = town.connect();
    return test::status_of(client.ask(upgrade.request()));
}

/// Writes `frames` on a WebSocket of its own, and checks that it is closed with `code`.
void check_closed_with(test::Town& town, std::string_view frames, unsigned code) {
    test::RawClient client = town.connect_websocket();
    client.write(frames);
    const std::string answer = client.read_to_end();
    REQUIRE(answer.size() >= 4);
    CHECK(static_cast<unsigned char>(answer[0]) == close_frame);
    CHECK(answer.substr(2, 2) == test::close_payload(code));
}

}  // namespace

TEST_CASE("B01 a key that is no key is refused with 400") {
    test::Town town;
    for (const char* key :
         {"", "Sec-WebSocket-Key: \r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSBub25jZQ==\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}) {
        CAPTURE(key);
        CHECK(status_of_upgrade(town, {.key = key}) == 400);
    }
}

TEST_CASE("B02 another version is refused with 426 and the right one") {
    test::Town town;
    for (const char* version :
         {"", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 14\r\n"}) {
        CAPTURE(version);
        test::RawClient client = town.connect();
        const std::string answer = client.ask(Upgrade{.websocket_version = version}.request());
        CHECK(test::status_of(answer) == 426);
        CHECK(test::field_of(answer, "Sec-WebSocket-Version") == "13");
        CHECK(test::field_of(answer, "Upgrade") == "websocket");
        CHECK(test::field_of(answer, "Connection") == "upgrade");
    }
}

TEST_CASE("B03 an upgrade that is no GET of HTTP/1.1 is refused") {
    test::Town town;
    const unsigned posted =
        status_of_upgrade(town, {.method = "POST", .more = "Content-Length: 0\r\n"});
    CHECK((posted == 400 || posted == 405));
    CHECK(status_of_upgrade(town, {.version = "HTTP/1.0"}) == 400);
}

TEST_CASE("B04 upgrades are asked for by tokens, in any case") {
    test::Town town;
    CHECK(status_of_upgrade(town, {.connection = "Connection: keep-alive, Upgrade\r\n"}) == 101);
    CHECK(status_of_upgrade(town, {.connection = "connection: upgrade\r\n"}) == 101);
    CHECK(status_of_upgrade(town, {.upgrade = "Upgrade: WebSocket\r\n"}) == 101);
    CHECK(status_of_upgrade(town, {.upgrade = "Upgrade: foo, websocket\r\n"}) == 101);
    for (const char* connection : {"", "Connection: notupgrade\r\n", "Connection: Upgrade2\r\n"}) {
        CAPTURE(connection);
        CHECK(status_of_upgrade(town, {.connection = connection}) == 400);
    }
    for (const char* upgrade : {"", "Upgrade: websocket2\r\n", "Upgrade: h2c\r\n"}) {
        CAPTURE(upgrade);
        CHECK(status_of_upgrade(town, {.upgrade = upgrade}) / 100 == 4);
    }
}

TEST_CASE("B05 an upgrade with a body is refused, and the connection closed") {
    test::Town town;
    const auto status_with = [&](const char* field) {
        return test::status_of(town.answer_to(Upgrade{.more = field}.request() + "hello"));
    };
    CHECK(status_with("Content-Length: 5\r\n") == 400);
    CHECK(status_with("Transfer-Encoding: chunked\r\n") ==
          (hawser::http::reads_chunks_strictly() ? 400 : 501));
}

TEST_CASE("B06 what follows the head in the same segment is the first frame") {
    test::Town town;
    test::RawClient client = town.connect();
    client.write(Upgrade{}.request() + test::masked_frame(text, "early") +
                 test::masked_frame(text, "bird"));
    CHECK(test::status_of(client.read_until("\r\n\r\n")) == 101);
    CHECK(client.read(7) == test::plain_frame(text, "early"));
    CHECK(client.read(6) == test::plain_frame(text, "bird"));
}

TEST_CASE("B06 an upgrade may be pipelined behind other requests") {
    test::Town town;
    test::RawClient client = town.connect();
    client.write("GET /plain?1 HTTP/1.1\r\nHost: a\r\n\r\n" + Upgrade{}.request() +
                 test::masked_frame(text, "early"));
    CHECK(client.read_response().ends_with("/plain?1\n"));
    CHECK(test::status_of(client.read_until("\r\n\r\n")) == 101);
    CHECK(client.read(7) == test::plain_frame(text, "early"));
}

TEST_CASE("C01 an unmasked frame closes with 1002") {
    test::Town town;
    check_closed_with(town, test::plain_frame(text, "hello"), 1002);
}

TEST_CASE("C03 a length beyond the limit closes at once, and costs nothing") {
    test::Town town;
    const std::size_t before = test::allocated_bytes();
    for (const std::uint64_t length : {std::uint64_t{1} << 63, (std::uint64_t{1} << 63) - 1,
                                       std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
        CAPTURE(length);
        test::RawClient client = town.connect_websocket();
        client.write(test::frame_header(0x82, true, length) + "key!x");
        const std::string answer = client.read_to_end();
        const bool is_impossible = (length >> 63) != 0;
        CHECK(answer.substr(2, 2) == test::close_payload(is_impossible ? 1002 : 1009));
    }
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
    CHECK(test::allocated_bytes() < before + (1 << 20));
}

TEST_CASE("C05 memory grows with the bytes received, not with those announced") {
    test::Town town;
    std::vector<test::RawClient> clients;
    const std::size_t before = test::allocated_bytes();
    for (int i = 0; i != 100; ++i) {
        clients.push_back(town.connect_websocket());
        clients.back().write(test::frame_header(0x82, true, 1'000'000) + "key!x");
    }
    town.world.run_ready();
    CHECK(test::allocated_bytes() < before + std::size_t{100} * 64 * 1024);
}

TEST_CASE("C06 control frames are whole and short") {
    test::Town town;
    check_closed_with(town, test::masked_frame(0x09, "half a ping"), 1002);
    check_closed_with(town, test::masked_frame(0x89, std::string(126, 'x')), 1002);
    test::RawClient client = town.connect_websocket();
    client.write(test::masked_frame(0x89, std::string(125, 'x')));
    CHECK(client.read(127) == test::plain_frame(0x8a, std::string(125, 'x')));
}

TEST_CASE("C08 a ping between the fragments of a message is answered at once") {
    test::Town town;
    test::RawClient client = town.connect_websocket();
    client.write(test::masked_frame(0x01, "one ") + test::masked_frame(0x89, "now"));
    CHECK(client.read(5) == test::plain_frame(0x8a, "now"));
    client.write(test::masked_frame(0x80, "message"));
    CHECK(client.read(13) == test::plain_frame(text, "one message"));
}

TEST_CASE("C09 a flood of fragments ends with 1009") {
    hawser::WebSocketOptions options;
    options.connection.message = {.bytes = 10'000, .fragments = 1000};
    test::Town town{{}, options};
    std::string flood = test::masked_frame(0x02, "x");
    SUBCASE("of one byte each") {
        for (int i = 0; i != 2000; ++i) flood += test::masked_frame(0x00, "x");
        check_closed_with(town, flood, 1009);
    }
    SUBCASE("of nothing") {
        for (int i = 0; i != 2000; ++i) flood += test::masked_frame(0x00, "");
        check_closed_with(town, flood, 1009);
    }
    SUBCASE("that are too long together") {
        for (int i = 0; i != 11; ++i) flood += test::masked_frame(0x00, std::string(1000, 'x'));
        check_closed_with(town, flood, 1009);
    }
}

TEST_CASE("C12 a close that is never followed by the end of the connection is bounded") {
    hawser::WebSocketOptions options;
    options.connection.close_timeout = 20ms;
    test::Town town{{}, options};
    SUBCASE("a close, then silence") {
        test::RawClient client = town.connect_websocket();
        client.write(test::masked_frame(close_frame, test::close_payload(1000)) +
                     test::masked_frame(text, "after"));
        CHECK(client.read_to_end() == test::plain_frame(close_frame, test::close_payload(1000)));
    }
    SUBCASE("half closed without a close frame") {
        test::RawClient client = town.connect_websocket();
        client.end_output();
        CHECK(client.read_to_end().empty());
    }
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
}
