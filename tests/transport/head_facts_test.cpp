#include <hawser/transport/head_facts.hpp>

#include <doctest/doctest.h>

#include <utility>

TEST_CASE("a request's target and fields are kept, in order and as they came") {
    hawser::ChannelFacts::Block facts{.peer_address = "192.0.2.7"};
    hawser::keep_head(facts, hawser::http::RequestHead{.target = "/a?b",
                                                       .fields = {{"X-One", "1"},
                                                                  {"Cookie", "a=b"},
                                                                  {"x-one", "2"}}});
    const hawser::ChannelFacts info{std::move(facts)};
    CHECK(info.peer_address() == "192.0.2.7");
    CHECK(info.target() == "/a?b");
    REQUIRE(info.headers().size() == 3);
    CHECK(info.headers()[2].first == "x-one");
    CHECK(info.header("X-ONE") == "1");
    CHECK(info.header("cookie") == "a=b");
    CHECK_FALSE(info.header("Host"));
}

TEST_CASE("of a reply the fields are kept, and the client's own target stays") {
    hawser::ChannelFacts::Block facts{.target = "/asked"};
    hawser::keep_head(facts, hawser::http::ResponseHead{.status = 101,
                                                        .fields = {{"Server", "s"}}});
    CHECK(facts.target == "/asked");
    CHECK(hawser::ChannelFacts{std::move(facts)}.header("server") == "s");
}
