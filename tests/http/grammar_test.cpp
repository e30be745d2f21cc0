#include <hawser/http/grammar.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace hawser::http;

TEST_CASE("a token has letters, digits and certain marks, and is not empty") {
    CHECK(is_token("abcXYZ019!#$%&'*+-.^_`|~"));
    CHECK(!is_token(""));
    for (const char c : std::string_view{"()<>@,;:\\\"/[]?={} \t\r\n\0\x7f\x80", 24}) {
        CAPTURE(static_cast<int>(c));
        CHECK(!is_token(std::string(1, c)));
    }
}

TEST_CASE("a value has no control but TAB") {
    CHECK(is_field_value(""));
    CHECK(is_field_value("a b\t\"\x80\xff"));
    for (int c = 0; c != 32; ++c) {
        CHECK(is_field_value(std::string(1, static_cast<char>(c))) == (c == '\t'));
    }
    CHECK(!is_field_value("\x7f"));
}

TEST_CASE("a target is visible ASCII without a number sign") {
    for (int c = 0; c != 256; ++c) {
        CAPTURE(c);
        const bool is_visible = c > 32 && c < 127 && c != '#';
        CHECK(is_target(std::string(1, static_cast<char>(c))) == is_visible);
    }
    CHECK(!is_target(""));
}

TEST_CASE("names are equal in any case of the letters, but of nothing else") {
    CHECK(equal_ignoring_case("Host", "hOST"));
    CHECK(!equal_ignoring_case("Host", "Hos"));
    CHECK(!equal_ignoring_case("@", "`"));
    CHECK(!equal_ignoring_case("[", "{"));
}

TEST_CASE("blanks are SP and TAB") {
    CHECK(trim_blanks(" \ta b\t ") == "a b");
    CHECK(trim_blanks(" \t").empty());
    CHECK(trim_blanks("\va") == "\va");
}

TEST_CASE("a list is taken apart at its commas") {
    std::string_view list = " a ,b\t,, c";
    CHECK(take_list_element(list) == "a");
    CHECK(take_list_element(list) == "b");
    CHECK(take_list_element(list).empty());
    CHECK(take_list_element(list) == "c");
    CHECK(list.empty());
}
