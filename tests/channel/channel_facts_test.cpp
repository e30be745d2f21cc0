#include <hawser/channel/channel_facts.hpp>

#include <doctest/doctest.h>

using hawser::ChannelFacts;

TEST_CASE("what is not known of a peer is empty") {
    const ChannelFacts info;
    CHECK(info.peer_address().empty());
    CHECK(info.peer_port() == 0);
    CHECK(info.target().empty());
    CHECK(info.headers().empty());
    CHECK_FALSE(info.header("Host"));
    CHECK_FALSE(info.is_encrypted());
}

TEST_CASE("a header is found in any case, the first of several") {
    const ChannelFacts info{{.headers = {{"Host", "a"}, {"X-One", "1"}, {"x-one", "2"}}}};
    CHECK(info.header("HOST") == "a");
    CHECK(info.header("x-ONE") == "1");
    CHECK_FALSE(info.header("X-On"));
    CHECK(info.headers().size() == 3);
}

TEST_CASE("what it says outlives the object that was copied") {
    std::string_view address;
    ChannelFacts copy;
    {
        const ChannelFacts info{
            {.peer_address = "192.0.2.1", .peer_port = 80, .tls_version = "TLSv1.3"}};
        copy = info;
        address = copy.peer_address();
    }
    CHECK(address == "192.0.2.1");
    CHECK(copy.peer_port() == 80);
    CHECK(copy.is_encrypted());
}
