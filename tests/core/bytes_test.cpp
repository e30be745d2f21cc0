#include <hawser/core/bytes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>

using namespace std::string_literals;

TEST_CASE("characters become bytes and bytes characters, where they are") {
    const std::string text = "a\0\xff"s;
    const hawser::ByteView bytes = hawser::as_bytes(text);
    REQUIRE(bytes.size() == 3);
    CHECK(bytes[0] == std::byte{'a'});
    CHECK(bytes[1] == std::byte{0});
    CHECK(bytes[2] == std::byte{0xff});
    CHECK(hawser::as_characters(bytes) == text);
    CHECK(hawser::as_characters(bytes).data() == text.data());
}

TEST_CASE("bytes are copied to the beginning of where they shall go") {
    std::array<std::byte, 4> to{};
    hawser::copy_bytes(hawser::as_bytes("abc"), to);
    CHECK(hawser::as_characters(to) == "abc\0"s);
    hawser::copy_bytes({}, to);
    hawser::copy_bytes({}, {});
    CHECK(hawser::as_characters(to) == "abc\0"s);
}

TEST_CASE("nothing becomes nothing") {
    CHECK(hawser::as_bytes("").empty());
    CHECK(hawser::as_characters({}).empty());
}
