#include <hawser/channel/channel_facts.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string_view>

using namespace hawser;

TEST_CASE("what is not known is empty") {
    const ChannelFacts facts;
    CHECK(facts.peer_address().empty());
    CHECK(facts.peer_port() == 0);
    CHECK(facts.target().empty());
    CHECK(facts.headers().empty());
    CHECK(facts.header("Host") == std::nullopt);
    CHECK(facts.subprotocol().empty());
    CHECK_FALSE(facts.is_encrypted());
}

TEST_CASE("facts are valid as long as a copy of them") {
    ChannelFacts copy;
    {
        const ChannelFacts facts{{.peer_address = "192.0.2.1",
                                  .peer_port = 1234,
                                  .target = "/chat?room=1",
                                  .headers = {},
                                  .subprotocol = "chat",
                                  .tls_version = "TLSv1.3",
                                  .tls_cipher = "TLS_AES_256_GCM_SHA384"}};
        copy = facts;
    }
    CHECK(copy.peer_address() == "192.0.2.1");
    CHECK(copy.peer_port() == 1234);
    CHECK(copy.target() == "/chat?room=1");
    CHECK(copy.subprotocol() == "chat");
    CHECK(copy.is_encrypted());
    CHECK(copy.tls_version() == "TLSv1.3");
    CHECK(copy.tls_cipher() == "TLS_AES_256_GCM_SHA384");
}

TEST_CASE("header fields are found in any case, the first of a name") {
    const ChannelFacts facts{{.headers = {{"Cookie", "a=1"}, {"cookie", "b=2"}, {"X@", "x"}}}};
    CHECK(facts.headers().size() == 3);
    CHECK(facts.header("COOKIE") == "a=1");
    CHECK(facts.header("Cooki") == std::nullopt);
    CHECK(facts.header("X`") == std::nullopt);  // only letters have a case
    CHECK(facts.header("x@") == "x");
}
