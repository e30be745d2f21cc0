#include <hawser/http/semantics.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using namespace hawser::http;
using hawser::Error;
using Kind = BodyLength::Kind;

namespace {

auto request_length(Fields fields, unsigned minor_version = 1,
                    ChunkedCoding chunked = ChunkedCoding::trusted) {
    fields.add("Host", "a");
    return request_body_length({.minor_version = minor_version, .fields = std::move(fields)},
                               chunked);
}

auto response_length(unsigned status, Fields fields, const char* method = "GET") {
    return response_body_length({.status = status, .fields = std::move(fields)}, method,
                                ChunkedCoding::trusted);
}

}  // namespace

TEST_CASE("the length of a request's body comes from its fields") {
    CHECK(*request_length({}) == BodyLength{});
    CHECK(*request_length({{"Content-Length", "0"}}) == BodyLength{});
    CHECK(*request_length({{"Content-Length", "7"}}) == BodyLength{Kind::known, 7});
    CHECK(*request_length({{"Content-Length", "18446744073709551615"}}) ==
          BodyLength{Kind::known, 18446744073709551615ULL});
    CHECK(*request_length({{"Transfer-Encoding", "Chunked"}}) == BodyLength{Kind::chunked, 0});
}

TEST_CASE("an ambiguous length is an error") {
    CHECK(request_length({{"Content-Length", "5"}, {"content-length", "5"}}).error() ==
          Error::bad_content_length);
    for (const auto* const value :
         {"", "+5", "-5", "5x", "0x5", "5 5", "5,5", "18446744073709551616"}) {
        CAPTURE(value);
        CHECK(request_length({{"Content-Length", value}}).error() == Error::bad_content_length);
    }
    CHECK(request_length({{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}).error() ==
          Error::bad_transfer_encoding);
    CHECK(request_length({{"Transfer-Encoding", "chunked"}}, 0).error() ==
          Error::bad_transfer_encoding);
}

TEST_CASE("a transfer coding is unknown where it is well-formed, else malformed") {
    CHECK(request_length({{"Transfer-Encoding", "gzip, chunked"}}).error() ==
          Error::unknown_transfer_coding);
    for (const auto* const value : {"", "gzip", "chunked, gzip", "chunked, chunked", ", chunked",
                                    "a b, chunked", "a,, chunked"}) {
        CAPTURE(value);
        CHECK(request_length({{"Transfer-Encoding", value}}).error() ==
              Error::bad_transfer_encoding);
    }
}

TEST_CASE("where llhttp is loose, a transfer coding is refused as unknown") {
    CHECK(request_length({{"Transfer-Encoding", "chunked"}}, 1, ChunkedCoding::refused).error() ==
          Error::unknown_transfer_coding);
    CHECK(*request_length({{"Content-Length", "7"}}, 1, ChunkedCoding::refused) ==
          BodyLength{Kind::known, 7});
}

TEST_CASE("an upgrade to WebSocket has no body") {
    const Fields upgrade{{"Connection", "x, Upgrade"}, {"Upgrade", "h2c, WebSocket"}};
    CHECK(*request_length(upgrade) == BodyLength{});
    Fields with_body = upgrade;
    with_body.add("Content-Length", "1");
    CHECK(request_length(with_body).error() == Error::unexpected_body);
    CHECK(*request_length(with_body, 0) == BodyLength{Kind::known, 1});
    with_body.set("Content-Length", "0");
    CHECK(*request_length(with_body) == BodyLength{});
}

TEST_CASE("an upgrade to WebSocket is asked for with both fields, on HTTP/1.1") {
    const auto is_one = [](const char* connection, const char* upgrade,
                           unsigned minor_version = 1) {
        return is_websocket_upgrade({.minor_version = minor_version,
                                     .fields = {{"Connection", connection}, {"Upgrade", upgrade}}});
    };
    CHECK(is_one("upgrade", "websocket"));
    CHECK(is_one("keep-alive, Upgrade", "WebSocket"));
    CHECK(!is_one("upgrade", "websocket", 0));
    CHECK(!is_one("notupgrade", "websocket"));
    CHECK(!is_one("Upgrade2", "websocket"));
    CHECK(!is_one("upgrade", "websocket2"));
    CHECK(!is_one("close", "websocket"));
}

TEST_CASE("some responses have no body, whatever their fields say") {
    const Fields fields{{"Content-Length", "5"}};
    for (const unsigned status : {100U, 101U, 204U, 304U}) {
        CHECK(response_length(status, fields)->empty());
    }
    CHECK(response_length(200, fields, "HEAD")->empty());
    CHECK(*response_length(200, fields) == BodyLength{Kind::known, 5});
    CHECK(*response_length(404, {{"Content-Length", "0"}}) == BodyLength{});
    CHECK(*response_length(200, {}) == BodyLength{Kind::until_close, 0});
    CHECK(*response_length(200, {{"Transfer-Encoding", "chunked"}}) ==
          BodyLength{Kind::chunked, 0});
    CHECK(response_length(200, {{"Transfer-Encoding", "gzip"}}).error() ==
          Error::bad_transfer_encoding);
}

TEST_CASE("a connection is kept alive as its version and its tokens say") {
    CHECK(keeps_alive({}, 1));
    CHECK(!keeps_alive({}, 0));
    CHECK(!keeps_alive({{"Connection", "close"}}, 1));
    CHECK(keeps_alive({{"Connection", "keep-alive"}}, 0));
    CHECK(!keeps_alive({{"Connection", "keep-alive, close"}}, 1));
}

TEST_CASE("a request is checked for its host and its target") {
    const auto check = [](RequestHead head) { return check_request(head); };
    const Fields host{{"Host", "a"}};
    CHECK(!check({.fields = host}));
    CHECK(!check({.minor_version = 0}));
    CHECK(check({}) == Error::bad_host);
    CHECK(check({.fields = {{"Host", ""}}}) == Error::bad_host);
    CHECK(check({.fields = {{"Host", "a"}, {"Host", "a"}}}) == Error::bad_host);
    CHECK(!check({.method = "OPTIONS", .target = "*", .fields = host}));
    CHECK(check({.target = "*", .fields = host}) == Error::bad_target);
    CHECK(check({.target = "/..", .fields = host}) == Error::bad_target);
    CHECK(check({.target = "/%", .fields = host}) == Error::bad_target);
    CHECK(check({.method = "CONNECT", .target = "a:1", .fields = host}) == Error::unknown_method);
    CHECK(!check({.target = "http://a/", .fields = host}));
    CHECK(check({.target = "http://b/", .fields = host}) == Error::bad_host);
    CHECK(check({.target = "http://a/../", .fields = host}) == Error::bad_target);
}
