#include <hawser/polling/server_reply.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace hawser;
using namespace std::chrono_literals;
using polling::read_reply;
using polling::Refusal;

namespace {

http::ResponseHead head(unsigned status, http::Fields fields) {
    return {.status = status, .fields = std::move(fields)};
}

}  // namespace

TEST_CASE("the reply to an open says what the server grants") {
    const auto reply = read_reply(head(201, {{"Hawser", "1"},
                                             {"Hawser-Session", "t0ken_-"},
                                             {"Hawser-Received", "0"},
                                             {"Hawser-Hold", "25000"},
                                             {"Hawser-Interval", "1000"},
                                             {"Hawser-Grace", "120000"},
                                             {"Hawser-Max-Message", "1048576"},
                                             {"Hawser-Max-Body", "1048832"}}));
    REQUIRE(reply);
    CHECK(reply->status == 201);
    CHECK(reply->session == "t0ken_-");
    CHECK(reply->received == 0);
    CHECK(reply->hold == 25s);
    CHECK(reply->interval == 1s);
    CHECK(reply->grace == 120s);
    CHECK(reply->max_message == 1048576);
    CHECK(reply->max_body == 1048832);
}

TEST_CASE("a refusal names its cause") {
    const auto reply = read_reply(head(503, {{"hawser", "1"},
                                             {"Hawser-Error", "busy"},
                                             {"Retry-After", "2"},
                                             {"Hawser-Received", "5"}}));
    REQUIRE(reply);
    CHECK(reply->refusal == Refusal::busy);
    CHECK(reply->retry_after == 2s);
    CHECK(reply->received == 5);
}

TEST_CASE("a cause that is not known is none") {
    const auto reply = read_reply(head(400, {{"Hawser", "1"}, {"Hawser-Error", "tired"}}));
    REQUIRE(reply);
    CHECK_FALSE(reply->refusal);
}

TEST_CASE("a reply without the version came from something else") {
    CHECK(read_reply(head(404, {{"Hawser-Error", "unknown-session"}})).error() ==
          Error::foreign_reply);
    CHECK(read_reply(head(200, {{"Hawser", "2"}})).error() == Error::foreign_reply);
    CHECK(read_reply(head(200, {{"Hawser", ""}})).error() == Error::foreign_reply);
}

TEST_CASE("a malformed number spoils the reply") {
    for (const char* name : {"Hawser-First", "Hawser-Received", "Hawser-Hold", "Hawser-Interval",
                             "Hawser-Grace", "Hawser-Max-Message", "Hawser-Max-Body"}) {
        CHECK(read_reply(head(200, {{"Hawser", "1"}, {name, "-1"}})).error() ==
              Error::bad_polling_reply);
    }
}

TEST_CASE("a name of a session that could not be sent back spoils the reply") {
    for (const char* name : {"", "a b", "a\tb", "\xC3\xA4"}) {
        CHECK(read_reply(head(201, {{"Hawser", "1"}, {"Hawser-Session", name}})).error() ==
              Error::bad_polling_reply);
    }
}

TEST_CASE("a date to try again after is not understood, and does no harm") {
    const auto reply =
        read_reply(head(503, {{"Hawser", "1"}, {"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}}));
    REQUIRE(reply);
    CHECK_FALSE(reply->retry_after);
}

TEST_CASE("even the longest time to try again after adds up") {
    const auto reply =
        read_reply(head(503, {{"Hawser", "1"}, {"Retry-After", "9007199254740991"}}));
    REQUIRE(reply);
    CHECK(reply->retry_after > 24h);
}
