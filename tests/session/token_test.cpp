#include <hawser/session/token.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace hawser;
using session::make_token;
using session::parse_token;

namespace {

/// A source whose bytes are 1, 2, 3…
struct CountingEntropy {
    unsigned next = 1;
    Entropy source() {
        return {[](void* state, MutableBytes into) {
                    for (std::byte& byte : into) {
                        byte = static_cast<std::byte>(static_cast<CountingEntropy*>(state)->next++);
                    }
                },
                this};
    }
};

constexpr std::string_view known = "BwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka";

}  // namespace

TEST_CASE("a token is its shard and 26 random bytes in base64url") {
    CountingEntropy entropy;
    CHECK(make_token(entropy.source(), 7) == known);
}

TEST_CASE("a token splits into shard, selector and secret") {
    const auto token = parse_token(known);
    REQUIRE(token);
    CHECK(token->shard == 7);
    CHECK(token->selector == 0x0102030405060708);
    CHECK(token->secret.front() == std::byte{9});
    CHECK(token->secret.back() == std::byte{26});
}

TEST_CASE("every shard comes back from its token") {
    for (unsigned shard = 0; shard != 256; ++shard) {
        const auto text = make_token(system_entropy(), static_cast<std::uint8_t>(shard));
        CHECK(text.size() == session::token_characters);
        REQUIRE(parse_token(text));
        CHECK(parse_token(text)->shard == shard);
    }
}

TEST_CASE("D01 malformed tokens have no parts") {
    std::string text{known};
    CHECK_FALSE(parse_token(""));
    CHECK_FALSE(parse_token(text.substr(1)));
    CHECK_FALSE(parse_token(text + "A"));
    CHECK_FALSE(parse_token(std::string(1 << 20, 'A')));
    for (const char wrong : {'+', '/', '=', ' ', '%', '\0', '\xC3'}) {
        std::string damaged = text;
        damaged[20] = wrong;
        CHECK_FALSE(parse_token(damaged));
    }
}

TEST_CASE("D02 tokens are at least 128 bits of entropy and never repeat") {
    static_assert(sizeof(session::Token::secret) * 8 >= 128);
    std::set<std::string> seen;
    for (int i = 0; i != 10'000; ++i) seen.insert(make_token(system_entropy(), 0));
    CHECK(seen.size() == 10'000);
    // No character of the random part is fixed, as a counter or a clock would have some.
    for (std::size_t at = 2; at != session::token_characters; ++at) {
        std::set<char> characters;
        for (const auto& token : seen) characters.insert(token[at]);
        CHECK(characters.size() == 64);
    }
}

TEST_CASE("comparison without early exit compares every byte") {
    std::string a(18, 'a');
    CHECK(session::equal_without_early_exit(as_bytes(a), as_bytes(a)));
    CHECK(session::equal_without_early_exit({}, {}));
    CHECK_FALSE(session::equal_without_early_exit(as_bytes(a), as_bytes(a.substr(1))));
    for (std::size_t at = 0; at != a.size(); ++at) {
        for (unsigned bit = 0; bit != 8; ++bit) {
            std::string b = a;
            b[at] = static_cast<char>(b[at] ^ (1 << bit));
            CHECK_FALSE(session::equal_without_early_exit(as_bytes(a), as_bytes(b)));
        }
    }
}
