#include "server/hostile.hpp"
#include "server/polling_requests.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

// Whoever wants a session that is not his, or more of them than there should be, over a real
// socket; the engine's, the door's and the endpoint's tests have the same and more.

using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

using test::body_of;
using test::check_unharmed;
using test::open;
using test::open_request;
using test::receive_request;
using test::send_request;

const std::string frame = test::plain_frame(0x81, "a");

constexpr std::string_view upgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// That `answer` is refused by the protocol, with `status` and `word`.
void check_word(std::string_view answer, unsigned status, std::string_view word) {
    CAPTURE(answer);
    CHECK(test::status_of(answer) == status);
    CHECK(test::field_of(answer, "Hawser-Error") == word);
}

/// One reply of each kind, to a session of its own.
std::vector<std::string> replies(test::RawClient& client) {
    std::vector<std::string> found{client.ask(open_request())};
    const std::string session = test::field_of(found[0], "Hawser-Session");
    for (const std::string& request :
         {send_request(session, 1, frame), receive_request(session, 1, 0),
          receive_request(session, 2, 1, "Hawser-Hold: 0\r\n"), receive_request(session, 1, 0),
          receive_request("x", 1, 0), receive_request(session, 3, 9), send_request(session, 2, "x"),
          send_request(session, 9, frame), "PUT /polling HTTP/1.1\r\nHost: a\r\n\r\n"s,
          "GET /polling HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n"s,
          // The last, as its body is not read.
          send_request(session, 2, frame, "Content-Type: application/json\r\n")}) {
        found.push_back(client.ask(request));
    }
    return found;
}

}  // namespace

TEST_CASE("D02 the names of sessions never repeat, and tell nothing of each other") {
    test::Town town;
    test::RawClient client = town.connect();
    constexpr std::size_t count = 500;
    std::set<std::string> names;
    for (std::size_t i = 0; i != count; ++i)
        names.insert(open(client));
    CHECK(names.size() == count);
    // 34 characters of six random bits each follow the number of the executor.
    for (std::size_t at = 2; at != 36; ++at) {
        std::set<char> characters;
        for (const std::string& name : names)
            characters.insert(name.at(at));
        CHECK(characters.size() > 48);
    }
}

TEST_CASE("D03 a session is not named by its client") {
    test::Town town;
    test::RawClient client = town.connect();
    const std::string chosen(36, 'A');
    check_word(client.ask(open_request("Hawser-Session: " + chosen + "\r\n")), 400, "bad-request");
    check_word(client.ask("POST /polling?session=" + chosen + " HTTP/1.1\r\nHost: a\r\n\r\n"), 400,
               "bad-request");
    CHECK(open(client, "Cookie: session=" + chosen + "; Hawser-Session=" + chosen + "\r\n") !=
          chosen);
    check_word(client.ask(send_request(chosen, 1, frame)), 404, "unknown-session");
    check_word(client.ask(receive_request(chosen, 1, 0)), 404, "unknown-session");
}

TEST_CASE("D11 a flood of sessions ends at the cap, and harms none that is there") {
    test::Town town{{}, {}, {.server = {.caps = {.sessions = 10}}}};
    test::RawClient client = town.connect();
    const std::string session = open(client);
    for (int i = 1; i != 10; ++i)
        open(client);
    for (int i = 0; i != 100; ++i) {
        const std::string answer = client.ask(open_request());
        check_word(answer, 503, "too-many");
        CHECK(test::field_of(answer, "Retry-After") == "1");
    }
    check_unharmed(client, session, 1, 1);
}

TEST_CASE_FIXTURE(test::Visit, "D13 a hold ends by itself, with an empty answer") {
    const std::string answer = client.ask(receive_request(session, 1, 0, "Hawser-Hold: 20\r\n"));
    CHECK(test::status_of(answer) == 204);
    CHECK(test::field_of(answer, "Hawser-Received") == "0");
    check_unharmed(client, session, 2, 1);
}

TEST_CASE("D14 no reply is kept by a cache, or taken for a script") {
    test::Town town;
    test::RawClient client = town.connect();
    std::set<unsigned> statuses;
    for (const std::string& answer : replies(client)) {
        CAPTURE(answer);
        statuses.insert(test::status_of(answer));
        CHECK(test::field_of(answer, "Cache-Control") == "no-store");
        CHECK(test::field_of(answer, "X-Content-Type-Options") == "nosniff");
        for (const char* name : {"ETag", "Last-Modified", "Expires", "Set-Cookie"}) {
            CHECK(answer.find("\r\n"s + name + ":") == std::string::npos);
        }
        const std::string type = test::field_of(answer, "Content-Type");
        if (test::status_of(answer) == 200) CHECK(type == "application/vnd.hawser.frames");
        if (test::status_of(answer) >= 400) CHECK(type == "text/plain; charset=utf-8");
    }
    CHECK(statuses == std::set<unsigned>{200, 201, 204, 400, 403, 404, 405, 409, 415});
}

TEST_CASE("D14 a GET opens and sends nothing") {
    test::Town town{{}, {}, {.server = {.caps = {.sessions = 1}}}};
    test::RawClient client = town.connect();
    check_word(client.ask("GET /polling HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "bad-request");
    const std::string session = open(client);  // the only one there may be
    check_word(client.ask("GET /polling?first=1&request=1&after=0&session=" + session +
                          " HTTP/1.1\r\nHost: a\r\n" +
                          "Content-Length: " + std::to_string(frame.size()) + "\r\n\r\n" + frame),
               400, "bad-request");
    test::RawClient other = town.connect();
    check_unharmed(other, session, 1, 1);
}

TEST_CASE_FIXTURE(test::Visit,
                  "D16 the name of a session is said in fields, and repeated nowhere") {
    for (const std::string& request :
         {send_request(session, 1, frame), receive_request(session, 1, 0),
          receive_request(session, 1, 9), receive_request(session, 2, 9),
          send_request(session, 9, frame), send_request(session, 2, "x"),
          "PUT /polling?session=" + session + " HTTP/1.1\r\nHost: a\r\n\r\n"}) {
        CHECK(client.ask(request).find(session) == std::string::npos);
    }
}

TEST_CASE_FIXTURE(test::Visit,
                  "D17 an upgrade that carries a session is refused, and harms nothing") {
    check_word(client.ask(receive_request(session, 1, 0, upgrade)), 400, "bad-request");
    const std::string answer =
        client.ask("GET /websocket HTTP/1.1\r\nHost: a\r\nHawser-Session: " + session + "\r\n" +
                   std::string{upgrade} + "\r\n");
    CHECK(test::status_of(answer) == 400);
    check_unharmed(client, session, 1, 1);
}

TEST_CASE("D17 a session of another endpoint is unknown") {
    test::Town town;
    test::Town other_town;
    test::RawClient client = town.connect();
    test::RawClient other = other_town.connect();
    const std::string session = open(client);
    check_word(other.ask(receive_request(session, 1, 0)), 404, "unknown-session");
    check_word(other.ask(send_request(session, 1, frame)), 404, "unknown-session");
    check_unharmed(client, session, 1, 1);
}
