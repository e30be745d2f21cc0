#include <hawser/framing/close_payload.hpp>

#include <framing/frames.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace hawser;
using framing::ClosePayload;
using framing::decode_close_payload;
using framing::encode_close_payload;

namespace {

test::Bytes encoded(std::uint16_t code, std::string_view text = {}) {
    const auto payload = encode_close_payload(code, text);
    return {payload.bytes().begin(), payload.bytes().end()};
}

test::Bytes code_bytes(unsigned code) {
    return test::bytes_of({code >> 8, code & 0xFF});
}

test::Bytes with_text(unsigned code, std::string_view text) {
    return test::joined({code_bytes(code), test::bytes_of(text)});
}

}  // namespace

TEST_CASE("a close payload is read as it was written") {
    const std::string longest(123, 'x');
    for (const std::string_view text :
         {std::string_view{}, std::string_view{"bye"}, std::string_view{"\xE2\x82\xAC"},
          std::string_view{longest}}) {
        const test::Bytes bytes = encoded(1000, text);
        CHECK(bytes == with_text(1000, text));
        const auto payload = decode_close_payload(bytes);
        REQUIRE(payload);
        CHECK(*payload == ClosePayload{.code = 1000, .text = std::string{text}});
    }
}

TEST_CASE("no bytes stand for no code") {
    CHECK(encoded(1005, "ignored").empty());
    const auto payload = decode_close_payload({});
    REQUIRE(payload);
    CHECK(*payload == ClosePayload{.code = 1005, .text = {}});
}

TEST_CASE("C11 a close payload of one byte, or of more than 125, is refused") {
    CHECK(decode_close_payload(test::bytes_of({3})).error() == Error::bad_close_payload);
    const std::string text(124, 'x');
    CHECK(decode_close_payload(with_text(1000, text)).error() == Error::bad_close_payload);
}

TEST_CASE("C11 codes that must not be sent are refused") {
    for (const unsigned code :
         {0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
        CAPTURE(code);
        CHECK(decode_close_payload(code_bytes(code)).error() == Error::bad_close_code);
    }
    for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U,
                                1012U, 1013U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
        CAPTURE(code);
        const auto payload = decode_close_payload(code_bytes(code));
        REQUIRE(payload);
        CHECK(payload->code == code);
    }
}

TEST_CASE("C11 a reason that is not UTF-8 is refused") {
    CHECK(decode_close_payload(with_text(1000, "\xFF")).error() == Error::invalid_utf8);
    CHECK(decode_close_payload(with_text(1000, "\xE2\x82")).error() == Error::invalid_utf8);
}

TEST_CASE("a text that is too long is cut between two characters") {
    CHECK(encoded(1000, std::string(200, 'x')) == with_text(1000, std::string(123, 'x')));
    // 61 characters of two bytes fit, and of the one that would end at 124 nothing.
    std::string text;
    for (int i = 0; i != 80; ++i)
        text += "\xC3\xA9";
    CHECK(encoded(1000, text) == with_text(1000, std::string_view{text}.substr(0, 122)));
}

TEST_CASE("what may not be sent is mended") {
    CHECK(encoded(1000, "\xFF") == code_bytes(1000));
    CHECK(encoded(1006) == code_bytes(1011));
    CHECK(encoded(0) == code_bytes(1011));
}

TEST_CASE("C18 a close payload holds nothing but its code and text") {
    const auto payload = encode_close_payload(1001, "ab");
    CHECK(payload.size == 4);
    for (std::size_t i = payload.size; i != payload.storage.size(); ++i) {
        CHECK(payload.storage[i] == std::byte{0});
    }
}
