#include <hawser/core/base64.hpp>

#include <doctest/doctest.h>

#include <support/random.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hawser::as_bytes;

namespace {

bool decodes(std::string_view text) { return hawser::decode_base64(text).has_value(); }

/// Whether `text` is base64url of `size` bytes.
bool decodes_to(std::string_view text, std::size_t size) {
    std::vector<std::byte> into(size);
    return hawser::decode_base64url(text, into);
}

}  // namespace

TEST_CASE("the vectors of RFC 4648 §10 hold both ways") {
    constexpr std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, encoded] : vectors) {
        CAPTURE(plain);
        CHECK(hawser::base64(as_bytes(plain)) == encoded);
        const auto decoded = hawser::decode_base64(encoded);
        REQUIRE(decoded);
        CHECK(hawser::as_characters(*decoded) == plain);
        const std::string_view unpadded = encoded.substr(0, encoded.find('='));
        CHECK(hawser::base64url(as_bytes(plain)) == unpadded);
        std::vector<std::byte> into(plain.size());
        REQUIRE(hawser::decode_base64url(unpadded, into));
        CHECK(hawser::as_characters(into) == plain);
    }
}

TEST_CASE("the two alphabets differ in their last two characters") {
    constexpr std::string_view plain = "\xfb\xef\xbe\xff\xff\xff";
    CHECK(hawser::base64(as_bytes(plain)) == "++++////");
    CHECK(hawser::base64url(as_bytes(plain)) == "----____");
    CHECK(decodes("++++////"));
    CHECK(!decodes("----____"));
    CHECK(decodes_to("----____", 6));
    CHECK(!decodes_to("++++////", 6));
}

TEST_CASE("bytes survive encoding and decoding") {
    test::Random random;
    CAPTURE(random.seed());
    for (std::size_t size = 0; size != 300; ++size) {
        const auto bytes = random.bytes(size);
        const std::string text = hawser::base64(bytes);
        REQUIRE(text.size() == (size + 2) / 3 * 4);
        REQUIRE(hawser::decode_base64(text) == bytes);
        std::vector<std::byte> into(size);
        REQUIRE(hawser::decode_base64url(hawser::base64url(bytes), into));
        REQUIRE(into == bytes);
    }
}

TEST_CASE("only canonical base64 is decoded") {
    for (const std::string_view text :
         {"Z", "Zg", "Zg=", "Zg===", "=", "==", "===", "====", "Z===", "=Zg=", "Z=g=", "Zg=Z",
          "Zg==Zg==", "Zm9v====", "Zm 9", " Zm9v", "Zm9v\n", "Zm9-", "Zm9_", "Zm9\xc3"}) {
        CAPTURE(text);
        CHECK(!decodes(text));
    }
    using namespace std::string_view_literals;
    CHECK(!decodes("Zm\0v"sv));
}

TEST_CASE("padding bits must be zero, so that each value has one spelling") {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::size_t one_byte = 0;
    std::size_t two_bytes = 0;
    for (const char c : alphabet) {
        if (decodes(std::string{"Z"} + c + "==")) ++one_byte;
        if (decodes(std::string{"Zm"} + c + "=")) ++two_bytes;
    }
    CHECK(one_byte == 4);
    CHECK(two_bytes == 16);
}

TEST_CASE("exactly the 64 characters of the alphabet are digits") {
    std::size_t digits = 0;
    for (int c = 0; c != 256; ++c) {
        if (decodes(std::string{"AAA"} + static_cast<char>(c))) ++digits;
    }
    CHECK(digits == 64 + 1);  // and the padding
}

TEST_CASE("base64url is decoded to exactly as many bytes as are asked for") {
    for (std::size_t size = 0; size != 20; ++size) {
        const std::size_t digits = (size * 8 + 5) / 6;
        for (std::size_t length = 0; length != 40; ++length) {
            CAPTURE(size);
            CAPTURE(length);
            CHECK(decodes_to(std::string(length, 'A'), size) == (length == digits));
        }
    }
}

TEST_CASE("only canonical base64url is decoded") {
    CHECK(decodes_to("AAAA", 3));
    std::size_t digits = 0;
    std::size_t last_of_one_byte = 0;
    std::size_t last_of_two_bytes = 0;
    for (int c = 0; c != 256; ++c) {
        const std::string end(1, static_cast<char>(c));
        if (decodes_to("AAA" + end, 3)) ++digits;
        if (decodes_to("Z" + end, 1)) ++last_of_one_byte;
        if (decodes_to("Zm" + end, 2)) ++last_of_two_bytes;
    }
    CHECK(digits == 64);
    CHECK(last_of_one_byte == 4);
    CHECK(last_of_two_bytes == 16);
}
