#include <hawser/polling/door.hpp>

#include <doctest/doctest.h>

#include <hawser/polling/parameters.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace hawser;
using namespace hawser::polling;
using namespace std::chrono_literals;
using http::Security;

namespace {

constexpr std::string_view page = "https://app.example.com";

std::string text(const http::Response& response) {
    const auto bytes = response.body.flatten();
    return std::string{as_characters(bytes)};
}

std::vector<std::byte> bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

struct Fixture {
    ServerOptions options;
    Door door{options};

    http::RequestHead receive() const {
        return {.method = "GET",
                .target = "/channel",
                .fields = {{"Host", "example.com"},
                           {"Hawser-Session", "t0ken"},
                           {"Hawser-After", "3"},
                           {"Hawser-Request", "7"}}};
    }
    http::RequestHead send() const {
        return {.method = "POST",
                .target = "/channel",
                .fields = {{"Host", "example.com"},
                           {"Hawser-Session", "t0ken"},
                           {"Hawser-First", "4"},
                           {"Content-Length", "10"}}};
    }
    http::RequestHead open() const {
        return {.method = "POST", .target = "/channel", .fields = {{"Host", "example.com"}}};
    }

    /// The status and the word with which a head is refused; "" where it is not.
    std::string refusal(const http::RequestHead& head) const {
        const auto response = door.judge_head(head, Security::plain);
        if (!response) return "";
        CHECK(response->fields.find("Hawser") == "1");
        CHECK(response->fields.find("Cache-Control") == "no-store");
        CHECK(response->fields.find("X-Content-Type-Options") == "nosniff");
        const auto word = response->fields.find("Hawser-Error").value_or("");
        return std::to_string(response->status) + " " + std::string{word};
    }
    Call read(http::RequestHead head, std::string_view body = {}) const {
        return door.read({std::move(head), bytes(body)}, Security::plain);
    }
    void allow_pages() { options.origin.allowed = {std::string{page}}; }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an open is a POST without session and body") {
    CHECK_FALSE(door.judge_head(open(), Security::plain));
    CHECK(std::holds_alternative<OpenCall>(read(open())));
}

TEST_CASE_FIXTURE(Fixture, "a receive is a GET with session, after and request") {
    CHECK_FALSE(door.judge_head(receive(), Security::plain));
    const Call call = read(receive());
    const auto& receive = std::get<ReceiveCall>(call);
    CHECK(receive.token == "t0ken");
    CHECK(receive.request.after == 3);
    CHECK(receive.request.request == 7);
    CHECK_FALSE(receive.request.hold);
}

TEST_CASE_FIXTURE(Fixture, "a receive may name its hold") {
    auto head = receive();
    head.target += "?hold=1500";
    CHECK(std::get<ReceiveCall>(read(head)).request.hold == 1500ms);
}

TEST_CASE_FIXTURE(Fixture, "a send is a POST with session, first and a body") {
    CHECK_FALSE(door.judge_head(send(), Security::plain));
    const Call call = read(send(), "\x82\x01x");
    const auto& send = std::get<SendCall>(call);
    CHECK(send.token == "t0ken");
    CHECK(send.request.first == 4);
    CHECK_FALSE(send.request.after);
    CHECK(send.request.body == bytes("\x82\x01x"));
}

TEST_CASE_FIXTURE(Fixture, "a send may acknowledge, and have no body") {
    auto head = send();
    head.fields.add("Hawser-After", "9");
    CHECK(std::get<SendCall>(read(head)).request.after == 9);
}

TEST_CASE_FIXTURE(Fixture, "everything may be said in the query") {
    CHECK(std::holds_alternative<ReceiveCall>(
        read({.target = "/channel?session=t0ken&after=0&request=1&room=7"})));
    CHECK(std::holds_alternative<SendCall>(
        read({.method = "POST", .target = "/channel?session=t0ken&first=1"})));
}

TEST_CASE_FIXTURE(Fixture, "a GET without session is answered with a sentence for a human") {
    const http::RequestHead head{.target = "/channel"};
    CHECK(refusal(head) == "400 bad-request");
    const auto response = door.judge_head(head, Security::plain);
    CHECK(text(*response).starts_with("This is the address of a message channel"));
    CHECK(response->fields.find("Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE_FIXTURE(Fixture, "a request that lacks what it must say is refused") {
    for (const char* name : {"Hawser-Session", "Hawser-After", "Hawser-Request"}) {
        auto head = receive();
        head.fields.remove(name);
        CHECK(refusal(head) == "400 bad-request");
    }
    auto head = send();
    head.fields.remove("Hawser-First");
    CHECK(refusal(head) == "400 bad-request");
}

TEST_CASE_FIXTURE(Fixture, "a POST that lost its session opens none") {
    for (const char* name : {"Hawser-First", "Hawser-After", "Hawser-Request"}) {
        auto head = open();
        head.fields.add(name, "1");
        CHECK(refusal(head) == "400 bad-request");
    }
    auto head = open();
    head.fields.add("Content-Length", "1");
    CHECK(refusal(head) == "400 bad-request");
    head = open();
    head.fields.add("Transfer-Encoding", "chunked");
    CHECK(refusal(head) == "");
    CHECK(std::get<http::Response>(read(head, "x")).status == 400);
}

TEST_CASE_FIXTURE(Fixture, "a GET with a body is refused") {
    auto head = receive();
    head.fields.add("Content-Length", "1");
    CHECK(refusal(head) == "400 bad-request");
    head.fields.set("Content-Length", "0");
    CHECK(refusal(head) == "");
    head.fields.add("Transfer-Encoding", "chunked");
    CHECK(refusal(head) == "400 bad-request");
}

TEST_CASE_FIXTURE(Fixture, "D10 bad numbers are refused") {
    auto head = receive();
    head.fields.set("Hawser-After", "-1");
    CHECK(refusal(head) == "400 bad-number");
    head = send();
    head.target += "?first=5";
    CHECK(refusal(head) == "400 bad-number");
}

TEST_CASE_FIXTURE(Fixture, "D05 other methods are refused with those that are allowed") {
    for (const char* method : {"HEAD", "PUT", "DELETE", "PATCH", "TRACE", "get", "PROPFIND"}) {
        auto head = receive();
        head.method = method;
        CHECK(refusal(head) == "405 bad-request");
        CHECK(door.judge_head(head, Security::plain)->fields.find("Allow") == "GET, POST, OPTIONS");
    }
}

TEST_CASE_FIXTURE(Fixture, "D05 a body may be of four media types, with any parameters") {
    for (const char* type :
         {"", "application/vnd.hawser.frames", "application/octet-stream", "text/plain",
          "Text/Plain; charset=utf-8", "application/vnd.hawser.frames;v=1 ; x=\"y\""}) {
        auto head = send();
        head.fields.add("Content-Type", type);
        CHECK(refusal(head) == "");
    }
    for (const char* type : {"application/json", "text/html", "multipart/form-data; boundary=x",
                             "application/x-www-form-urlencoded", "text/plainer", "text"}) {
        auto head = send();
        head.fields.add("Content-Type", type);
        CHECK(refusal(head) == "415 media-type");
    }
}

TEST_CASE_FIXTURE(Fixture, "a content coding is refused") {
    auto head = send();
    head.fields.add("Content-Encoding", "gzip");
    CHECK(refusal(head) == "415 media-type");
    head.fields.set("Content-Encoding", "identity");
    CHECK(refusal(head) == "");
}

TEST_CASE_FIXTURE(Fixture,
                  "D05 a body that is announced as too big is refused, and the connection closed") {
    options.message.bytes = 100;
    auto head = send();
    head.fields.set("Content-Length", "356");
    CHECK(refusal(head) == "");
    for (const char* length : {"357", "9007199254740991", "9007199254740992"}) {
        head.fields.set("Content-Length", length);
        CHECK(refusal(head) == "413 body-too-big");
    }
    const auto response = door.judge_head(head, Security::plain);
    CHECK(response->fields.find("Connection") == "close");
    CHECK(response->fields.find("Hawser-Max-Message") == "100");
    CHECK(response->fields.find("Hawser-Max-Body") == "356");
}

TEST_CASE_FIXTURE(Fixture, "a body that was not announced may not be too big either") {
    options.message.bytes = 100;
    auto head = send();
    head.fields.remove("Content-Length");
    head.fields.add("Transfer-Encoding", "chunked");
    CHECK(refusal(head) == "");
    CHECK(std::holds_alternative<SendCall>(read(head, std::string(356, 'x'))));
    const Call call = read(head, std::string(357, 'x'));
    CHECK(std::get<http::Response>(call).status == 413);
}

TEST_CASE_FIXTURE(Fixture, "D17 an upgrade is refused") {
    for (auto head : {receive(), open()}) {
        head.fields.add("Upgrade", "websocket");
        head.fields.add("Connection", "keep-alive, Upgrade");
        CHECK(refusal(head) == "400 bad-request");
    }
}

TEST_CASE_FIXTURE(Fixture, "D15 a page from elsewhere is refused, and may not read why") {
    for (auto head : {receive(), send(), open()}) {
        head.fields.add("Origin", "https://evil.example");
        CHECK(refusal(head) == "403 origin");
        const Call call = read(head);
        const auto& response = std::get<http::Response>(call);
        CHECK(response.status == 403);
        CHECK_FALSE(response.fields.contains("Access-Control-Allow-Origin"));
    }
}

TEST_CASE_FIXTURE(Fixture, "D15 a preflight from elsewhere is refused like the request") {
    allow_pages();
    http::RequestHead head{.method = "OPTIONS", .fields = {{"Origin", "https://evil.example"}}};
    CHECK(refusal(head) == "403 origin");
}

TEST_CASE_FIXTURE(Fixture, "a page from the same host needs no list, and gets no CORS fields") {
    auto head = open();
    head.fields.add("Origin", "http://example.com");
    CHECK(refusal(head) == "");
    CHECK(door.audience(head).empty());
}

TEST_CASE_FIXTURE(Fixture, "on TLS the page must be one on TLS") {
    auto head = open();
    head.fields.add("Origin", "http://example.com");
    CHECK(door.judge_head(head, Security::tls)->status == 403);
    CHECK(std::holds_alternative<http::Response>(door.read({head, {}}, Security::tls)));
}

TEST_CASE_FIXTURE(Fixture, "D14 a listed page is told by CORS that it may read the reply") {
    allow_pages();
    auto head = receive();
    head.fields.add("Origin", page);
    CHECK(refusal(head) == "");
    const auto response = door.respond({}, door.audience(head));
    CHECK(response.fields.find("Access-Control-Allow-Origin") == page);
    CHECK(response.fields.find("Vary") == "Origin");
    for (const char* name : {"Hawser", "Hawser-Session", "Hawser-First", "Hawser-Received",
                             "Hawser-Hold", "Hawser-Interval", "Hawser-Grace", "Hawser-Max-Message",
                             "Hawser-Max-Body", "Hawser-Error", "Retry-After"}) {
        CHECK(response.fields.has_token("Access-Control-Expose-Headers", name));
    }
}

TEST_CASE_FIXTURE(Fixture, "where every page may come the star says so") {
    options.origin.any = true;
    auto head = receive();
    head.fields.add("Origin", "null");
    CHECK(refusal(head) == "");
    CHECK(door.audience(head) == "*");
    const auto response = door.respond({}, "*");
    CHECK(response.fields.find("Access-Control-Allow-Origin") == "*");
    CHECK_FALSE(response.fields.contains("Vary"));
}

TEST_CASE_FIXTURE(Fixture, "D14 the preflight of a listed page is answered, for two hours") {
    allow_pages();
    const http::RequestHead head{
        .method = "OPTIONS",
        .fields = {{"Origin", page}, {"Access-Control-Request-Method", "POST"}}};
    const auto response = door.judge_head(head, Security::plain);
    REQUIRE(response);
    CHECK(response->status == 204);
    CHECK(response->fields.find("Access-Control-Allow-Origin") == page);
    CHECK(response->fields.find("Access-Control-Allow-Methods") == "GET, POST");
    CHECK(response->fields.find("Access-Control-Max-Age") == "7200");
    for (const char* name : {"Hawser-Session", "Hawser-After", "Hawser-Request", "Hawser-Hold",
                             "Hawser-First", "Content-Type"}) {
        CHECK(response->fields.has_token("Access-Control-Allow-Headers", name));
    }
}

TEST_CASE_FIXTURE(Fixture, "without a list OPTIONS only says what methods there are") {
    const auto response = door.judge_head({.method = "OPTIONS"}, Security::plain);
    REQUIRE(response);
    CHECK(response->status == 204);
    CHECK(response->fields.find("Allow") == "GET, POST, OPTIONS");
    CHECK_FALSE(response->fields.contains("Access-Control-Allow-Origin"));
}

TEST_CASE_FIXTURE(Fixture, "the reply to an open names the session and what is granted") {
    const auto response = door.opened("t0ken", {});
    CHECK(response.status == 201);
    CHECK(response.body.empty());
    CHECK(response.fields.lines() == "Hawser: 1\r\n"
                                     "Cache-Control: no-store\r\n"
                                     "X-Content-Type-Options: nosniff\r\n"
                                     "Hawser-Session: t0ken\r\n"
                                     "Hawser-Received: 0\r\n"
                                     "Hawser-Hold: 25000\r\n"
                                     "Hawser-Interval: 1000\r\n"
                                     "Hawser-Grace: 120000\r\n"
                                     "Hawser-Max-Message: 1048576\r\n"
                                     "Hawser-Max-Body: 1048832\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a reply with frames says where they begin") {
    Reply reply{.status = 200, .received = 5, .first = 8, .interval = 1s};
    reply.body.append_frame(Message::text("hi"));
    const auto response = door.respond(std::move(reply), {});
    CHECK(response.status == 200);
    CHECK(response.fields.lines() == "Hawser: 1\r\n"
                                     "Cache-Control: no-store\r\n"
                                     "X-Content-Type-Options: nosniff\r\n"
                                     "Hawser-Received: 5\r\n"
                                     "Hawser-First: 8\r\n"
                                     "Hawser-Interval: 1000\r\n"
                                     "Content-Type: application/vnd.hawser.frames\r\n");
    CHECK(text(response) == "\x81\x02hi");
}

TEST_CASE_FIXTURE(Fixture, "an empty reply has neither first nor media type") {
    const auto response = door.respond({.received = 5}, {});
    CHECK(response.status == 204);
    CHECK(response.fields.find("Hawser-Received") == "5");
    CHECK_FALSE(response.fields.contains("Hawser-First"));
    CHECK_FALSE(response.fields.contains("Content-Type"));
}

TEST_CASE_FIXTURE(Fixture, "refusals for want of room or people say when to try again") {
    options.retry_after = 1500ms;
    for (const Refusal refusal :
         {Refusal::busy, Refusal::too_many, Refusal::too_many_of_address, Refusal::draining}) {
        CHECK(door.refuse(refusal, {}).fields.find("Retry-After") == "2");
    }
    for (const Refusal refusal : {Refusal::gap, Refusal::unknown_session, Refusal::bad_frames}) {
        CHECK_FALSE(door.refuse(refusal, {}).fields.contains("Retry-After"));
    }
}

TEST_CASE_FIXTURE(Fixture, "D01 a refusal repeats nothing of what was asked") {
    auto head = receive();
    head.fields.set("Hawser-Session", "<script>secret</script>");
    head.fields.set("Hawser-After", "secret");
    const auto response = door.judge_head(head, Security::plain);
    REQUIRE(response);
    CHECK(text(*response).find("secret") == std::string::npos);
    CHECK(response->fields.lines().find("secret") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "D03 a client cannot choose the name of its session") {
    auto head = open();
    head.fields.add("Hawser-Session", "mine");
    CHECK(refusal(head) == "400 bad-request");
    head.fields.add("Hawser-First", "1");
    CHECK(std::get<SendCall>(read(head)).token == "mine");
}

TEST_CASE_FIXTURE(Fixture, "the application's own answer is marked as one of the protocol") {
    auto answer = http::make_text_response(401, "who are you?");
    const auto response = door.mark(std::move(answer), page);
    CHECK(response.status == 401);
    CHECK(response.fields.find("Hawser") == "1");
    CHECK(response.fields.find("Access-Control-Allow-Origin") == page);
    CHECK(text(response).find("who are you?") == 0);
}
