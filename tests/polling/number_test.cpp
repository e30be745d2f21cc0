#include <hawser/polling/number.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace hawser;
using namespace std::chrono_literals;
using polling::parse_number;

TEST_CASE("decimal digits are a number") {
    CHECK(parse_number("0") == 0);
    CHECK(parse_number("7") == 7);
    CHECK(parse_number("10") == 10);
    CHECK(parse_number("123456789012345") == 123456789012345);
}

TEST_CASE("D10 a number above 2^53 - 1 is none") {
    CHECK(parse_number("9007199254740991") == polling::greatest_number);
    CHECK_FALSE(parse_number("9007199254740992"));
    CHECK_FALSE(parse_number("18446744073709551615"));
    CHECK_FALSE(parse_number("18446744073709551616"));
    CHECK_FALSE(parse_number(std::string(1000, '9')));
}

TEST_CASE("D10 signs, leading zeros, blanks and other digits make no number") {
    for (const char* text : {"", "-1", "+1", "-0", "00", "01", " 1", "1 ", "1.0", "1e3", "0x1",
                             "1,2", "one", "\xD9\xA1", "1\t"}) {
        CHECK_FALSE(parse_number(text));
    }
    CHECK_FALSE(parse_number(std::string_view{"1\0", 2}));
}

TEST_CASE("milliseconds become time and text") {
    CHECK(polling::from_milliseconds(1500) == 1500ms);
    CHECK(polling::milliseconds_text(25s) == "25000");
    CHECK(polling::milliseconds_text(0s) == "0");
    CHECK(polling::milliseconds_text(1us) == "1");
}

TEST_CASE("seconds are rounded up") {
    CHECK(polling::seconds_text(1s) == "1");
    CHECK(polling::seconds_text(1001ms) == "2");
    CHECK(polling::seconds_text(1ms) == "1");
}

TEST_CASE("the longest time on the wire still adds up") {
    const Duration longest = polling::from_milliseconds(polling::greatest_number);
    CHECK(longest > std::chrono::hours{24 * 365 * 30});
    CHECK(longest + longest > longest);
}
