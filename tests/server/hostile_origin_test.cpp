#include "server/hostile.hpp"
#include "server/polling_requests.hpp"

#include <string>
#include <string_view>

// Pages from elsewhere, over a real socket, at both kinds of endpoint.

using namespace std::string_literals;

namespace {

constexpr const char* own_pages[] = {"", "Origin: http://good.com\r\n",
                                     "Origin: https://good.com\r\n",
                                     "Origin: http://gOOD.com:80\r\n"};

constexpr const char* strange_pages[] = {"Origin: http://other.com\r\n",
                                         "Origin: http://good.com:81\r\n",
                                         "Origin: https://good.com:80\r\n",
                                         "Origin: null\r\n",
                                         "Origin: https://good.com.evil.com\r\n",
                                         "Origin: https://evilgood.com\r\n",
                                         "Origin: http://good.com.\r\n",
                                         "Origin: http://good.com\r\nOrigin: http://good.com\r\n",
                                         "Origin: http://good.com http://good.com\r\n",
                                         "Origin: \r\n",
                                         "Origin: good.com\r\n",
                                         "Origin: http://good.com/\r\n"};

std::string upgrade(std::string_view origin) {
    return "GET /websocket HTTP/1.1\r\nHost: good.com\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n" +
           std::string{origin} + "\r\n";
}

std::string poll(std::string_view method, std::string_view fields, std::string_view body = {}) {
    return std::string{method} + " /polling HTTP/1.1\r\nHost: good.com\r\n" + std::string{fields} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

/// That a page may neither do what it asked for nor read why.
void check_forbidden(std::string_view answer) {
    CAPTURE(answer);
    CHECK(test::status_of(answer) == 403);
    CHECK(test::field_of(answer, "Hawser-Error") == "origin");
    CHECK(answer.find("Access-Control") == std::string::npos);
}

}  // namespace

TEST_CASE("B07 a WebSocket is opened by pages of the same host, and by no others") {
    test::Town town;
    for (const char* origin : own_pages) {
        CAPTURE(origin);
        CHECK(test::status_of(town.connect().ask(upgrade(origin))) == 101);
    }
    for (const char* origin : strange_pages) {
        CAPTURE(origin);
        CHECK(test::status_of(town.connect().ask(upgrade(origin))) == 403);
    }
}

TEST_CASE("D15 a session is opened by pages of the same host, and by no others") {
    test::Town town;
    test::RawClient client = town.connect();
    for (const char* origin : own_pages) {
        CAPTURE(origin);
        CHECK(test::status_of(client.ask(poll("POST", origin))) == 201);
    }
    for (const char* origin : strange_pages) {
        CAPTURE(origin);
        check_forbidden(client.ask(poll("POST", origin)));
        check_forbidden(client.ask(poll("OPTIONS", origin)));
    }
}

TEST_CASE("D15 a page from elsewhere cannot use a session, even if it knows the name") {
    test::Town town;
    test::RawClient client = town.connect();
    const std::string session = test::open(client);
    const std::string fields = "Hawser-Session: " + session + "\r\n";
    for (const char* origin : strange_pages) {
        CAPTURE(origin);
        // What a browser sends without a preflight, and what it asks for first.
        const std::string send =
            fields + origin + "Hawser-First: 1\r\nContent-Type: text/plain\r\n";
        check_forbidden(town.connect().ask(poll("POST", send, test::plain_frame(0x81, "evil"))));
        const std::string receive = fields + origin + "Hawser-Request: 7\r\nHawser-After: 0\r\n";
        check_forbidden(client.ask(poll("GET", receive)));
    }
    test::check_unharmed(client, session, 1, 1);
}
