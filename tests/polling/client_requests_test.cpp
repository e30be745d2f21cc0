#include <hawser/polling/client_requests.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace hawser;
using namespace std::chrono_literals;
using polling::ClientRequests;

namespace {

ClientRequests requests(http::Fields extra = {}) {
    return {*http::parse_url("http://example.com:8080/channel?room=7"), std::move(extra)};
}

}  // namespace

TEST_CASE("an open is a POST without a session") {
    const auto head = requests().open();
    CHECK(head.method == "POST");
    CHECK(head.target == "/channel?room=7");
    CHECK(head.fields.lines() == "Host: example.com:8080\r\n");
}

TEST_CASE("D16 a receive says all it must in fields, and nothing in the URL") {
    auto writer = requests();
    writer.set_session("t0ken");
    const auto head = writer.receive({.after = 3, .request = 7, .hold = 25s});
    CHECK(head.method == "GET");
    CHECK(head.target == "/channel?room=7");
    CHECK(head.fields.lines() == "Host: example.com:8080\r\n"
                                 "Hawser-Session: t0ken\r\n"
                                 "Hawser-After: 3\r\n"
                                 "Hawser-Request: 7\r\n"
                                 "Hawser-Hold: 25000\r\n");
}

TEST_CASE("a hold that is not named is left to the server") {
    CHECK_FALSE(requests().receive({.after = 0, .request = 1}).fields.contains("Hawser-Hold"));
}

TEST_CASE("D16 a send has its session in a field, and nothing in the URL") {
    auto writer = requests();
    writer.set_session("t0ken");
    CHECK(writer.send(4, 3).target == "/channel?room=7");
    CHECK(writer.open().target == "/channel?room=7");
}

TEST_CASE("a send numbers its first message and acknowledges on the way") {
    auto writer = requests();
    writer.set_session("t0ken");
    const auto head = writer.send(4, 3);
    CHECK(head.method == "POST");
    CHECK(head.fields.lines() == "Host: example.com:8080\r\n"
                                 "Hawser-Session: t0ken\r\n"
                                 "Content-Type: application/vnd.hawser.frames\r\n"
                                 "Hawser-First: 4\r\n"
                                 "Hawser-After: 3\r\n");
}

TEST_CASE("the application's fields go into every request") {
    auto writer = requests({{"Authorization", "Bearer x"}, {"Cookie", "a=b"}});
    for (const auto& head : {writer.open(), writer.receive({}), writer.send(1, 0)}) {
        CHECK(head.fields.find("Authorization") == "Bearer x");
        CHECK(head.fields.find("Cookie") == "a=b");
    }
}

TEST_CASE("a session that is forgotten is opened anew") {
    auto writer = requests();
    writer.set_session("t0ken");
    writer.set_session({});
    CHECK_FALSE(writer.open().fields.contains("Hawser-Session"));
}
