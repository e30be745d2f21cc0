#include <hawser/framing/utf8.hpp>

#include <framing/plain_utf8.hpp>
#include <support/random.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace hawser;
using framing::check_text;
using framing::is_utf8;
using framing::Utf8Validator;
using test::encode;
using test::is_utf8_plainly;

namespace {

/// Where a validator that is fed byte by byte gives up; empty where it never does.
std::optional<std::size_t> first_refused(std::string_view text) {
    Utf8Validator validator;
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (!validator.feed(as_bytes(text.substr(i, 1)))) return i;
    }
    return std::nullopt;
}

char32_t random_character(test::Random& random) {
    constexpr char32_t ends[] = {0x80, 0x800, 0xD800, 0x110000};
    const auto c = static_cast<char32_t>(random.below(ends[random.below(4)]));
    return c >= 0xD800 && c <= 0xDFFF ? U'x' : c;
}

std::string random_text(test::Random& random, std::size_t characters) {
    std::string text;
    while (characters-- != 0) {
        text += encode(random.one_in(3) ? random_character(random)
                                        : static_cast<char32_t>(random.below(0x80)));
    }
    return text;
}

}  // namespace

TEST_CASE("C13 every pair of bytes is judged as by decoding it") {
    std::string text(2, ' ');
    for (unsigned first = 0; first != 256; ++first) {
        for (unsigned second = 0; second != 256; ++second) {
            text[0] = static_cast<char>(first);
            text[1] = static_cast<char>(second);
            REQUIRE(is_utf8(as_bytes(text)) == is_utf8_plainly(text));
        }
    }
}

TEST_CASE("C13 every three bytes from E0 on are judged as by decoding them") {
    std::string text(3, ' ');
    for (unsigned number = 0xE00000; number != 0x1000000; ++number) {
        text[0] = static_cast<char>(number >> 16);
        text[1] = static_cast<char>(number >> 8);
        text[2] = static_cast<char>(number);
        if (is_utf8(as_bytes(text)) != is_utf8_plainly(text)) FAIL("differs at " << number);
    }
}

TEST_CASE(
    "C13 every character is valid, and so is no other sequence of four bytes that begins it") {
    for (char32_t c = 0; c != 0x110000; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        if (!is_utf8(as_bytes(encode(c)))) FAIL("refused: " << static_cast<unsigned>(c));
    }
    std::string text = "....";
    for (unsigned lead = 0xF0; lead != 0x100; ++lead) {
        for (unsigned number = 0; number < 0x10000; number += 15) {
            text[0] = static_cast<char>(lead);
            text[1] = static_cast<char>(number >> 8);
            text[2] = static_cast<char>(number);
            text[3] = static_cast<char>(0x80 | (number & 0x3F));
            if (is_utf8(as_bytes(text)) != is_utf8_plainly(text)) FAIL("differs at " << number);
        }
    }
}

TEST_CASE("C13 a validator gives up at the first byte that cannot be right") {
    CHECK(first_refused("\xC0\xAF") == 0);          // overlong, two bytes
    CHECK(first_refused("\xE0\x9F\xBF") == 1);      // overlong, three bytes
    CHECK(first_refused("\xF0\x8F\xBF\xBF") == 1);  // overlong, four bytes
    CHECK(first_refused("\xED\xA0\x80") == 1);      // a surrogate
    CHECK(first_refused("\xF4\x90\x80\x80") == 1);  // above U+10FFFF
    CHECK(first_refused("\xF5\x80\x80\x80") == 0);
    CHECK(first_refused("abc\x80") == 3);  // a continuation of nothing
    CHECK(first_refused("\xCE\xBA\xE1\xBD\xB9\xED\xA0\x80zzz") == 6);
    CHECK(first_refused("\xE2\x82z") == 2);  // a character cut short
    CHECK_FALSE(first_refused("\xE2\x82"));
}

TEST_CASE("C13 text that ends in the middle of a character is valid so far, but not complete") {
    const std::string text = encode(0x1F980);
    for (std::size_t size = 1; size != text.size(); ++size) {
        Utf8Validator validator;
        CHECK(validator.feed(as_bytes(text).first(size)));
        CHECK_FALSE(validator.complete());
        CHECK(validator.feed(as_bytes(text).subspan(size)));
        CHECK(validator.complete());
    }
}

TEST_CASE("C13 ASCII in the middle of a character is refused, wherever the character stands") {
    for (std::size_t before = 0; before != 70; ++before) {
        Utf8Validator validator;
        CHECK(validator.feed(as_bytes(std::string(before, 'a') + "\xE2\x82")));
        CHECK_FALSE(validator.feed(as_bytes(std::string(64, 'a'))));
        const std::string text = std::string(before, 'a') + "\xE2\x82" + std::string(64, 'a');
        CHECK_FALSE(is_utf8(as_bytes(text + "\xAC")));
    }
}

TEST_CASE("a validator that has failed stays so") {
    Utf8Validator validator;
    CHECK_FALSE(validator.feed(as_bytes("\xFF")));
    CHECK_FALSE(validator.feed(as_bytes("a")));
    CHECK_FALSE(validator.complete());
}

TEST_CASE("a single bad byte is found wherever it stands in ASCII") {
    const std::string ascii(300, 'a');
    for (std::size_t at = 0; at != ascii.size(); ++at) {
        std::string text = ascii;
        text[at] = '\xFF';
        REQUIRE_FALSE(is_utf8(as_bytes(text)));
        REQUIRE_FALSE(is_utf8(as_bytes(text).subspan(at)));
        REQUIRE(is_utf8(as_bytes(text).first(at)));
        REQUIRE(is_utf8(as_bytes(text).subspan(at + 1)));
    }
}

TEST_CASE("C13 a character and a bad byte are judged alike at every length, place and alignment") {
    constexpr std::size_t longest = 140;
    for (std::size_t alignment = 0; alignment != 8; ++alignment) {
        for (std::size_t size = 2; size != longest; ++size) {
            std::string text(alignment + size, 'a');
            const ByteView judged = as_bytes(text).subspan(alignment);
            for (std::size_t at = 0; at + 1 != size; ++at) {
                text.replace(alignment + at, 2, "\xC3\xA4");
                REQUIRE(is_utf8(judged));
                text[alignment + at + 1] = 'a';
                REQUIRE_FALSE(is_utf8(judged));
                text[alignment + at] = 'a';
            }
        }
    }
}

TEST_CASE("C13 random texts, whole and in pieces, are judged as by decoding them") {
    test::Random random;
    CAPTURE(random.seed());
    for (int round = 0; round != 400; ++round) {
        std::string text = random_text(random, random.below(200));
        if (!text.empty() && random.one_in(2)) {
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        }
        CAPTURE(round);
        const bool valid = is_utf8_plainly(text);
        REQUIRE(is_utf8(as_bytes(text)) == valid);
        Utf8Validator validator;
        bool fed = true;
        for (std::size_t at = 0; at != text.size();) {
            const std::size_t size = 1 + random.below(text.size() - at);
            fed = validator.feed(as_bytes(text).subspan(at, size)) && fed;
            at += size;
        }
        REQUIRE((fed && validator.complete()) == valid);
    }
}

TEST_CASE("the empty text is UTF-8") {
    CHECK(is_utf8({}));
}

TEST_CASE("what is found about a long text is remembered by all its copies") {
    const Message good = Message::text(std::string(100, 'a'));
    const Message copy = good;
    CHECK(check_text(good));
    CHECK(copy.utf8() == Message::Utf8::valid);
    CHECK(check_text(copy));
    const Message bad = Message::text(std::string(100, '\xFF'));
    const Message other = bad;
    CHECK_FALSE(check_text(bad));
    CHECK(other.utf8() == Message::Utf8::invalid);
    CHECK_FALSE(check_text(other));
}

TEST_CASE("what was found before is believed") {
    const auto lie = as_bytes("\xFF\xFF");
    CHECK(check_text(Message::make(Message::Kind::text, lie, Message::Utf8::valid)));
    CHECK_FALSE(
        check_text(Message::make(Message::Kind::text, as_bytes("a"), Message::Utf8::invalid)));
}

TEST_CASE("a binary message may hold anything") {
    CHECK(check_text(Message::binary(as_bytes("\xFF"))));
    CHECK_FALSE(check_text(Message::text("\xFF")));
    CHECK(check_text(Message::text("fine")));
}
