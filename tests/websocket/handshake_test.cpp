#include <hawser/websocket/handshake.hpp>

#include <websocket/driven.hpp>

#include <hawser/websocket/detail/sha1.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using namespace hawser;
using namespace hawser::websocket;
using http::RequestHead;
using http::ResponseHead;

namespace {

using Change = std::function<void(RequestHead&)>;

Change with(std::string name, std::string value) {
    return [=](RequestHead& head) { head.fields.set(name, value); };
}
Change with_also(std::string name, std::string value) {
    return [=](RequestHead& head) { head.fields.add(name, value); };
}
Change without(std::string name) {
    return [=](RequestHead& head) { head.fields.remove(name); };
}

/// The verdict about a good request that was changed.
std::variant<Upgrade, Refusal> judged(const Change& change, const HandshakeOptions& options = {}) {
    RequestHead head = test::upgrade_head();
    change(head);
    return accept_upgrade(head, options);
}

bool is_accepted(const Change& change) {
    return std::holds_alternative<Upgrade>(judged(change));
}

void check_refused(const Change& change, unsigned status, Error error) {
    const auto verdict = judged(change);
    const auto* const refusal = std::get_if<Refusal>(&verdict);
    REQUIRE(refusal != nullptr);
    CHECK(refusal->response.status == status);
    CHECK(refusal->error == error);
    CHECK_FALSE(refusal->response.body.empty());
}

/// The subprotocol that is selected of `offered`.
std::string selected(std::string_view offered, std::vector<std::string> spoken) {
    const HandshakeOptions options{.subprotocols = std::move(spoken)};
    auto verdict = judged(with_also("Sec-WebSocket-Protocol", std::string{offered}), options);
    const Upgrade& upgrade = std::get<Upgrade>(verdict);
    const auto field = upgrade.response.fields.find("Sec-WebSocket-Protocol");
    CHECK(field.value_or("") == upgrade.subprotocol);
    CHECK(field.has_value() == !upgrade.subprotocol.empty());
    return upgrade.subprotocol;
}

ResponseHead reply_to(const UpgradeRequest& request) {
    ResponseHead head{.status = 101, .reason = "Switching Protocols"};
    head.fields = {{"Upgrade", "websocket"},
                   {"Connection", "Upgrade"},
                   {"Sec-WebSocket-Accept", request.accept}};
    return head;
}

Result<UpgradeRequest> request_to(std::string_view url,
                                  const ClientHandshakeOptions& options = {}) {
    return make_upgrade_request(*http::parse_url(url), options, test::entropy());
}

}  // namespace

TEST_CASE("the key of the RFC is answered as the RFC says") {
    CHECK(accept_value("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("SHA-1 gives the digests of RFC 3174 and of every length around a block") {
    const auto hex = [](ByteView bytes) {
        std::string text;
        for (const std::byte byte : bytes) {
            text += "0123456789abcdef"[std::to_integer<int>(byte >> 4)];
            text += "0123456789abcdef"[std::to_integer<int>(byte & std::byte{15})];
        }
        return text;
    };
    using websocket::detail::sha1;
    CHECK(hex(sha1(as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(hex(sha1(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    CHECK(hex(sha1(as_bytes(std::string(1'000'000, 'a')))) ==
          "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    CHECK(hex(sha1({})) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK(hex(sha1(as_bytes(std::string(55, 'a')))) == "c1c8bbdc22796e28c0e15163d20899b65621d65a");
    CHECK(hex(sha1(as_bytes(std::string(56, 'a')))) == "c2db330f6083854c99d4b5bfb6e8f29f201be699");
    CHECK(hex(sha1(as_bytes(std::string(63, 'a')))) == "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
    CHECK(hex(sha1(as_bytes(std::string(64, 'a')))) == "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

TEST_CASE("a good request is accepted with all that RFC 6455 §4.2.2 asks for") {
    HandshakeOptions options;
    CHECK_FALSE(options.fields.checked_add("X-Served-By", "hawser"));
    const auto verdict = accept_upgrade(test::upgrade_head(), options);
    const Upgrade& upgrade = std::get<Upgrade>(verdict);
    const http::Fields expected{{"X-Served-By", "hawser"},
                                {"Upgrade", "websocket"},
                                {"Connection", "Upgrade"},
                                {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}};
    CHECK(upgrade.response.status == 101);
    CHECK(upgrade.response.fields == expected);
    CHECK(upgrade.response.body.empty());
    CHECK(upgrade.subprotocol.empty());
}

TEST_CASE("B01 a key that is missing, doubled, or not 16 bytes of base64 is refused") {
    check_refused(without("Sec-WebSocket-Key"), 400, Error::bad_websocket_key);
    check_refused(with_also("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), 400,
                  Error::bad_websocket_key);
    for (const char* key : {"", "c2hvcnQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZ!==",
                            "dGhlIHNhbXBsZSBub25jZSBpcyB0b28gbG9uZw==", "AAAAAAAAAAAAAAAAAAAAAB==",
                            "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="}) {
        CAPTURE(key);
        check_refused(with("Sec-WebSocket-Key", key), 400, Error::bad_websocket_key);
    }
}

TEST_CASE("B02 another version than 13 is answered with 426 and the right one") {
    for (const char* version : {"", "8", "0", "14", "13, 8", "013", "+13", "1 3"}) {
        CAPTURE(version);
        check_refused(with("Sec-WebSocket-Version", version), 426, Error::bad_websocket_version);
    }
    check_refused(with_also("Sec-WebSocket-Version", "13"), 426, Error::bad_websocket_version);
    const auto verdict = judged(without("Sec-WebSocket-Version"));
    const http::Fields& fields = std::get<Refusal>(verdict).response.fields;
    CHECK(std::get<Refusal>(verdict).response.status == 426);
    CHECK(fields.find("Sec-WebSocket-Version") == "13");
    CHECK(fields.find("Upgrade") == "websocket");
}

TEST_CASE("B03 only GET on HTTP/1.1 is an upgrade") {
    for (const char* method : {"POST", "HEAD", "PUT", "OPTIONS", "get"}) {
        CAPTURE(method);
        check_refused([method](RequestHead& head) { head.method = method; }, 405,
                      Error::not_an_upgrade);
    }
    const auto verdict = judged([](RequestHead& head) { head.method = "POST"; });
    CHECK(std::get<Refusal>(verdict).response.fields.find("Allow") == "GET");
    check_refused([](RequestHead& head) { head.minor_version = 0; }, 400, Error::not_an_upgrade);
}

TEST_CASE("B04 Connection and Upgrade are lists of tokens without case") {
    for (const char* value : {"keep-alive, Upgrade", "upgrade", "UPGRADE,close", ",, Upgrade ,"}) {
        CAPTURE(value);
        CHECK(is_accepted(with("Connection", value)));
    }
    for (const char* value : {"", "keep-alive", "notupgrade", "Upgrade2", "Up grade"}) {
        CAPTURE(value);
        check_refused(with("Connection", value), 400, Error::not_an_upgrade);
    }
    for (const char* value : {"WebSocket", "WEBSOCKET", "h2c, websocket"}) {
        CAPTURE(value);
        CHECK(is_accepted(with("Upgrade", value)));
    }
    for (const char* value : {"", "websocket2", "h2c", "web socket"}) {
        CAPTURE(value);
        check_refused(with("Upgrade", value), 400, Error::not_an_upgrade);
    }
}

TEST_CASE("B05 an upgrade with a body is refused, and the connection ends") {
    for (const auto& [name, value] :
         {std::pair{"Content-Length", "5"}, std::pair{"Content-Length", "00"},
          std::pair{"Transfer-Encoding", "chunked"}}) {
        CAPTURE(value);
        check_refused(with_also(name, value), 400, Error::unexpected_body);
        const auto verdict = judged(with_also(name, value));
        CHECK(std::get<Refusal>(verdict).response.fields.find("Connection") == "close");
    }
    CHECK(is_accepted(with_also("Content-Length", "0")));
}

TEST_CASE("B07 the page's origin must be allowed") {
    CHECK(is_accepted([](RequestHead&) {}));
    CHECK(is_accepted(with_also("Origin", "http://server.example.com")));
    CHECK(is_accepted(with_also("Origin", "https://Server.Example.com")));
    for (const char* origin :
         {"null", "http://example.com", "https://server.example.com.evil.com",
          "https://evilserver.example.com", "http://server.example.com:8080", "nonsense", ""}) {
        CAPTURE(origin);
        check_refused(with_also("Origin", origin), 403, Error::origin_refused);
    }
    check_refused(
        [](RequestHead& head) {
            head.fields.add("Origin", "http://server.example.com");
            head.fields.add("Origin", "http://server.example.com");
        },
        403, Error::origin_refused);
}

TEST_CASE("B07 a list of origins takes the place of the rule") {
    const HandshakeOptions options{.origin = {.allowed = {"https://good.com"}}};
    const auto status_of = [&options](const char* origin) {
        const auto verdict = judged(with_also("Origin", origin), options);
        const auto* const refusal = std::get_if<Refusal>(&verdict);
        return refusal == nullptr ? 101U : refusal->response.status;
    };
    CHECK(status_of("https://good.com") == 101);
    CHECK(status_of("https://good.com.evil.com") == 403);
    CHECK(status_of("http://server.example.com") == 403);
}

TEST_CASE("B07 on a TLS connection the page must have come over TLS") {
    RequestHead head = test::upgrade_head();
    head.fields.add("Origin", "http://server.example.com");
    CHECK(std::holds_alternative<Refusal>(accept_upgrade(head, {}, http::Security::tls)));
}

TEST_CASE("B08 of the offered subprotocols the one the server likes best is selected") {
    CHECK(selected("chat, superchat", {"superchat", "chat"}) == "superchat");
    CHECK(selected("chat, superchat", {"other", "chat"}) == "chat");
    CHECK(selected("chat", {"other"}).empty());
    CHECK(selected("chat", {}).empty());
    CHECK(selected("", {"chat"}).empty());
    CHECK(selected("chat, chat ,chat", {"chat"}) == "chat");
    CHECK(selected("Chat", {"chat"}).empty());
    CHECK(selected("a,,b\t,\t,c", {"c"}) == "c");
    const auto two_lines = judged(
        [](RequestHead& head) {
            head.fields.add("Sec-WebSocket-Protocol", "one");
            head.fields.add("Sec-WebSocket-Protocol", "two");
        },
        {.subprotocols = {"two"}});
    CHECK(std::get<Upgrade>(two_lines).subprotocol == "two");
}

TEST_CASE("B08 32 KB of blanks and commas are gone through once") {
    std::string offered;
    for (int i = 0; i != 16'384; ++i)
        offered += i % 3 == 0 ? ", " : "  ";
    CHECK(selected(offered + "chat", {"chat"}) == "chat");
    CHECK(selected(std::string(32'768, ',') + "chat", {"chat"}) == "chat");
}

TEST_CASE("B09 every offer of an extension is declined by silence") {
    for (const char* offer :
         {"permessage-deflate", "permessage-deflate; client_max_window_bits, permessage-deflate",
          "x-unknown; a=1", "permessage-deflate; server_max_window_bits=10000000000000000000000",
          "permessage-deflate; server_max_window_bits=\"\"", ";;;", "permessage-deflate; x; x"}) {
        CAPTURE(offer);
        const auto verdict = judged(with_also("Sec-WebSocket-Extensions", offer));
        REQUIRE(std::holds_alternative<Upgrade>(verdict));
        CHECK_FALSE(
            std::get<Upgrade>(verdict).response.fields.contains("Sec-WebSocket-Extensions"));
    }
}

TEST_CASE("whether a request wants a WebSocket is told by its Upgrade field") {
    const auto asks = [](const Change& change) {
        RequestHead head = test::upgrade_head();
        change(head);
        return asks_for_websocket(head);
    };
    CHECK(asks([](RequestHead&) {}));
    CHECK(asks(without("Connection")));
    CHECK(asks(without("Sec-WebSocket-Key")));
    CHECK_FALSE(asks(without("Upgrade")));
    CHECK_FALSE(asks(with("Upgrade", "h2c")));
    CHECK_FALSE(asks([](RequestHead& head) { head.minor_version = 0; }));
}

TEST_CASE("a client's request has all that RFC 6455 §4.1 asks for") {
    ClientHandshakeOptions options{.subprotocols = {"chat", "superchat"}};
    CHECK_FALSE(options.fields.checked_add("Origin", "http://example.com"));
    const auto request = request_to("ws://Example.com:8080/path?x=1", options);
    REQUIRE(request);
    CHECK(request->head.method == "GET");
    CHECK(request->head.target == "/path?x=1");
    const http::Fields& fields = request->head.fields;
    CHECK(fields.find("Host") == "example.com:8080");
    CHECK(fields.find("Upgrade") == "websocket");
    CHECK(fields.find("Connection") == "Upgrade");
    CHECK(fields.find("Sec-WebSocket-Version") == "13");
    CHECK(fields.find("Sec-WebSocket-Protocol") == "chat, superchat");
    CHECK(fields.find("Origin") == "http://example.com");
    CHECK(request->accept == accept_value(*fields.find("Sec-WebSocket-Key")));
    CHECK(request->subprotocols == options.subprotocols);
}

TEST_CASE("each request has a key of its own, and the server accepts it") {
    const auto first = request_to("wss://server.example.com/chat");
    const auto second = request_to("wss://server.example.com/chat");
    CHECK(first->head.fields.find("Sec-WebSocket-Key") !=
          second->head.fields.find("Sec-WebSocket-Key"));
    const auto verdict = accept_upgrade(first->head, {});
    const auto& fields = std::get<Upgrade>(verdict).response.fields;
    CHECK(fields.find("Sec-WebSocket-Accept") == first->accept);
}

TEST_CASE("a good reply is accepted, whatever the case of its names and tokens") {
    const auto request = *request_to("ws://example.com/");
    ResponseHead reply = reply_to(request);
    CHECK_FALSE(check_upgrade_reply(reply, request));
    reply.fields.set("UPGRADE", "WebSocket");
    reply.fields.set("connection", "keep-alive, upgrade");
    CHECK_FALSE(check_upgrade_reply(reply, request));
}

TEST_CASE("B10 a reply that is no upgrade, or not to this request, is refused") {
    const auto request = *request_to("ws://example.com/", {.subprotocols = {"chat"}});
    const auto error_of = [&request](const std::function<void(ResponseHead&)>& change) {
        ResponseHead reply = reply_to(request);
        change(reply);
        return check_upgrade_reply(reply, request);
    };
    const auto also = [&error_of](const char* name, const char* value) {
        return error_of([=](ResponseHead& reply) { reply.fields.add(name, value); });
    };
    const auto instead = [&error_of](const char* name, const char* value = "") {
        return error_of([=](ResponseHead& reply) { reply.fields.set(name, value); });
    };
    for (const unsigned status : {200U, 301U, 302U, 400U, 401U, 503U}) {
        CHECK(error_of([status](ResponseHead& reply) { reply.status = status; }) ==
              Error::upgrade_refused);
    }
    CHECK(error_of([](ResponseHead& reply) { reply.minor_version = 0; }) == Error::upgrade_refused);
    CHECK(instead("Upgrade") == Error::upgrade_refused);
    CHECK(instead("Upgrade", "websocket, h2c") == Error::upgrade_refused);
    CHECK(also("Upgrade", "websocket") == Error::upgrade_refused);
    CHECK(instead("Connection", "keep-alive") == Error::upgrade_refused);
    CHECK(instead("Sec-WebSocket-Accept") == Error::bad_websocket_accept);
    CHECK(instead("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") ==
          Error::bad_websocket_accept);
    CHECK(also("Sec-WebSocket-Accept", request.accept.c_str()) == Error::bad_websocket_accept);
    CHECK(also("Sec-WebSocket-Protocol", "other") == Error::unrequested_subprotocol);
    CHECK(also("Sec-WebSocket-Protocol", "Chat") == Error::unrequested_subprotocol);
    CHECK(also("Sec-WebSocket-Protocol", "") == Error::unrequested_subprotocol);
    CHECK(also("Sec-WebSocket-Protocol", "chat, chat") == Error::unrequested_subprotocol);
    CHECK_FALSE(also("Sec-WebSocket-Protocol", "chat"));
    CHECK(also("Transfer-Encoding", "chunked") == Error::unexpected_body);
    CHECK(also("Content-Length", "3") == Error::unexpected_body);
}

TEST_CASE("B10 a subprotocol is refused where none was offered") {
    const auto request = *request_to("ws://example.com/");
    ResponseHead reply = reply_to(request);
    reply.fields.add("Sec-WebSocket-Protocol", "chat");
    CHECK(check_upgrade_reply(reply, request) == Error::unrequested_subprotocol);
}

TEST_CASE("B11 subprotocols that are no tokens, or named twice, are refused on both sides") {
    using namespace std::string_literals;
    for (const std::string& name :
         {""s, "a b"s, "a,b"s, "a\r\nX: y"s, "a:b"s, "a\0b"s, "\xC3\xA9"s}) {
        CAPTURE(name);
        CHECK(check(HandshakeOptions{.subprotocols = {name}}) == Error::bad_argument);
        CHECK(check(ClientHandshakeOptions{.subprotocols = {"good", name}}) == Error::bad_argument);
        CHECK(request_to("ws://example.com/", {.subprotocols = {name}}).error() ==
              Error::bad_argument);
    }
    CHECK(check(HandshakeOptions{.subprotocols = {"a", "b", "a"}}) == Error::bad_argument);
    CHECK_FALSE(check(HandshakeOptions{.subprotocols = {"a", "b"}}));
}

TEST_CASE("B11 a target or a host that would not stay in its line is refused") {
    using namespace std::string_literals;
    const auto error_of = [](const http::Url& url) {
        return make_upgrade_request(url, {}, test::entropy()).error();
    };
    for (const std::string& bad : {"\r\nX: y"s, "\n"s, "\r"s, "\0"s, " "s, "#"s}) {
        CAPTURE(bad);
        CHECK(error_of({.host = "a", .target = "/" + bad}) == Error::bad_url);
        CHECK(error_of({.host = "a" + bad + "b"}) == Error::bad_url);
        const auto parsed = http::parse_url("ws://a/" + bad);
        CHECK(parsed.error() == Error::bad_url);
    }
    CHECK(error_of({.host = "a", .target = ""}) == Error::bad_url);
    CHECK_FALSE(error_of({.host = "::1", .target = "/good?x=%00"}));
}

TEST_CASE("B11 fields that the handshake sets itself are refused on both sides") {
    for (const char* name : {"Upgrade", "connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Key",
                             "Host", "Content-Length", "Transfer-Encoding"}) {
        CAPTURE(name);
        CHECK(check(HandshakeOptions{.fields = {{name, "x"}}}) == Error::bad_argument);
        CHECK(request_to("ws://example.com/", {.fields = {{name, "x"}}}).error() ==
              Error::bad_argument);
        http::Fields fields;
        CHECK(fields.checked_add(name, "x") == Error::bad_argument);
    }
    http::Fields fields;
    for (const char* value : {"a\r\nX: y", "a\nb", "a\rb", "\x7f"}) {
        CHECK(fields.checked_add("X-Name", value) == Error::bad_argument);
    }
    CHECK(fields.checked_add("X-Name", std::string_view{"a\0b", 3}) == Error::bad_argument);
    CHECK(fields.checked_add("X:Name", "a") == Error::bad_argument);
    CHECK(fields.empty());
}
