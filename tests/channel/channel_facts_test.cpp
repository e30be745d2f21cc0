#include <hawser/channel/channel_facts.hpp>

#include "support/allocated_bytes.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
    const ChannelFacts facts{
        {.headers = {{"Cookie", "a=1"}, {"cookie", "b=2"}, {"X@", "x"}, {"X[", "y"}}}};
    CHECK(facts.headers().size() == 4);
    CHECK(facts.header("COOKIE") == "a=1");
    CHECK(facts.header("Cooki") == std::nullopt);
    CHECK(facts.header("a=1") == std::nullopt);  // a value is no name
    CHECK(facts.header("X`") == std::nullopt);   // only letters have a case
    CHECK(facts.header("X{") == std::nullopt);
    CHECK(facts.header("x@") == "x");
}

TEST_CASE("header fields come in order, also those that are empty") {
    using Fields = std::vector<std::pair<std::string, std::string>>;
    const Fields fields{
        {"Host", "example.com"}, {"X-Empty", ""}, {"Cookie", std::string(9000, 'c')}};
    const ChannelFacts facts{{.peer_port = 65535, .headers = fields, .tls_cipher = "cipher"}};
    Fields seen;
    const auto headers = facts.headers();
    for (const auto& [name, value] : headers) seen.emplace_back(name, value);
    CHECK(seen == fields);
    CHECK(headers[0].second == "example.com");
    CHECK(facts.header("x-empty") == "");
    CHECK(facts.peer_port() == 65535);
    CHECK(facts.tls_cipher() == "cipher");
    auto at = headers.begin();
    CHECK((*at++).first == "Host");
    CHECK((*at).first == "X-Empty");
}

TEST_CASE("header fields may be gone over without keeping the facts") {
    std::string names;
    const auto facts = [] { return ChannelFacts{{.headers = {{"A", "1"}, {"B", "2"}}}}; };
    const auto headers = facts().headers();
    for (const auto& [name, value] : headers) names += name;
    CHECK(names == "AB");
}

TEST_CASE("facts take one block of memory, and little more than their text") {
    const ChannelFacts::Block block{.peer_address = "192.0.2.1",
                                    .target = "/chat",
                                    .headers = {{"Host", "example.com"},
                                                {"User-Agent", std::string(80, 'a')},
                                                {"Accept", "*/*"}}};
    const std::size_t before = test::allocated_bytes();
    const ChannelFacts facts{block};
    const std::size_t text = 9 + 5 + 4 + 11 + 10 + 80 + 6 + 3;
    CHECK(test::allocated_bytes() - before <= text + 112);
}
