#include "server/hostile.hpp"

#include <hawser/http/parser.hpp>
#include <hawser/server/spawn_each.hpp>

#include <asio/awaitable.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

// Hostile handshakes over a real socket; the engine's tests have the same and more.

using namespace std::string_literals;
using namespace test::whole;

namespace {

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

asio::awaitable<void> echo(hawser::Channel<hawser::WebSocket> channel) {
    while (auto message = co_await channel.receive()) co_await channel.send(*std::move(message));
}

/// Upgrades, with `messages` and a violation in the same segment; each is answered in its turn.
void check_answers_before_violation(test::RawClient& client,
                                    std::initializer_list<std::string_view> messages) {
    std::string request = Upgrade{}.request();
    for (const auto message : messages) request += test::masked_frame(text, message);
    client.write(request + test::masked_frame(0xa1, "RSV2"));
    CHECK(test::status_of(client.read_until("\r\n\r\n")) == 101);
    for (const auto message : messages) {
        CHECK(client.read(2 + message.size()) == test::plain_frame(text, message));
    }
    CHECK(client.read_to_end().substr(2, 2) == test::close_payload(1002));
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

TEST_CASE("B06 messages right behind the head are answered, though a violation follows them") {
    SUBCASE("from handlers") {
        test::Town town;
        test::RawClient client = town.connect();
        check_answers_before_violation(client, {"early", "bird"});
    }
    SUBCASE("by a coroutine") {
        test::World world;
        hawser::Endpoint<hawser::WebSocket> websockets{world.executor()};
        hawser::spawn_each(websockets, echo);
        hawser::Router router;
        router.add("/websocket", websockets);
        hawser::Server server{world.executor(), std::move(router)};
        REQUIRE_FALSE(server.listen("127.0.0.1", 0));
        test::RawClient client{world, server.port()};
        check_answers_before_violation(client, {"early"});
    }
}

TEST_CASE("B07 a page of another host is refused with 403") {
    test::Town town;
    const auto status_from = [&](std::string_view origin) {
        return status_of_upgrade(town, {.more = "Origin: " + std::string{origin} + "\r\n"});
    };
    CHECK(status_from("http://a") == 101);
    CHECK(status_from("HTTPS://A:443") == 101);
    for (const char* origin : {"http://b", "http://a:8080", "http://a.evil.com", "http://evila",
                               "http://a.", "null", "http://a/", "a", "", "http://a\r\nOrigin: "
                                                                          "http://a"}) {
        CAPTURE(origin);
        CHECK(status_from(origin) == 403);
    }
}

TEST_CASE("B08 a subprotocol is selected in linear time, and only where it was offered") {
    hawser::WebSocketOptions options;
    options.handshake.subprotocols = {"new", "old"};
    test::Town town{{.http = {.head = {.bytes = 512 * 1024}}}, options};
    const auto selected = [&](const std::string& offer) {
        test::RawClient client = town.connect();
        const std::string answer = client.ask(
            Upgrade{.more = "Sec-WebSocket-Protocol: " + offer + "\r\n"}.request());
        CHECK(test::status_of(answer) == 101);
        return test::field_of(answer, "Sec-WebSocket-Protocol");
    };
    CHECK(selected("old, old, other") == "old");
    CHECK(selected("unknown").empty());
    // The handshake's deadline is long gone where each element costs as much as all before it.
    CHECK(selected(std::string(131'072, ',') + "new") == "new");
    CHECK(selected("old," + std::string(131'072, ' ') + ",new") == "new");
}

TEST_CASE("B12 what a client says of its address is not believed, and not stumbled over") {
    hawser::ServerOptions options;
    SUBCASE("without proxies") {}
    SUBCASE("with another one") { options.trusted_proxies = {"192.0.2.1"}; }
    SUBCASE("with one that says nothing of use") { options.trusted_proxies = {"127.0.0.1"}; }
    hawser::WebSocketOptions websocket;
    std::string address;
    websocket.admit = [&](const auto&, const hawser::PeerFacts& peer) {
        address = peer.address;
        return std::optional<hawser::http::Response>{};
    };
    const bool trusts = options.trusted_proxies == std::vector<std::string>{"127.0.0.1"};
    test::Town town{options, websocket};
    for (const char* said : {"", ",", ", ,,", "192.0.2.7, ", "nonsense", "192.0.2.7"}) {
        CAPTURE(said);
        const std::string value{said};
        CHECK(status_of_upgrade(town, {.more = "X-Forwarded-For: " + value +
                                               "\r\nREMOTE_ADDR: 192.0.2.8\r\nForwarded: for=" +
                                               value + "\r\n"}) == 101);
        CHECK(address == (trusts && value == "192.0.2.7" ? value : "127.0.0.1"));
    }
}
