#include <hawser/websocket/extension_list.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

using hawser::websocket::parse_extensions;

namespace {

/// The list as it was understood: `name; parameter=<value>`, one behind the other.
std::string understood(std::string_view list) {
    const auto extensions = parse_extensions(list);
    if (!extensions) return "malformed";
    std::string text;
    for (const auto& [name, parameters] : *extensions) {
        if (!text.empty()) text += ", ";
        text += name;
        for (const auto& [parameter, value] : parameters) {
            text += "; " + std::string{parameter};
            if (value) text += "=<" + *value + '>';
        }
    }
    return text;
}

}  // namespace

TEST_CASE("extensions are read with their parameters, in order") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", ""},
        {"foo", "foo"},
        {"foo, bar; baz=2", "foo, bar; baz=<2>"},
        {"foo;a;b=1;a", "foo; a; b=<1>; a"},
        {"permessage-deflate; client_max_window_bits; server_max_window_bits=10",
         "permessage-deflate; client_max_window_bits; server_max_window_bits=<10>"},
        {"foo,foo", "foo, foo"},
    };
    for (const auto& [list, expected] : cases) {
        CAPTURE(list);
        CHECK(understood(list) == expected);
    }
}

TEST_CASE("blanks and empty elements between extensions mean nothing") {
    CHECK(understood(" \tfoo ;\ta = 1\t, bar\t") == "foo; a=<1>, bar");
    CHECK(understood(",, foo ,, bar ,") == "foo, bar");
    CHECK(understood(" , ") == "");
}

TEST_CASE("a quoted value is what its quotes hold, which is a token") {
    CHECK(understood("foo; a=\"10\"") == "foo; a=<10>");
    CHECK(understood("foo; a=\"1\\0\" ; b, bar") == "foo; a=<10>; b, bar");
    for (const std::string_view list :
         {"foo; a=\"\"", "foo; a=\"1,0\"", "foo; a=\"1 0\"", "foo; a=\" 10\"", "foo; a=\"10 \"",
          "foo; a=\"10", "foo; a=\"10\\", "foo; a=\"10\\\"", "foo; a=\"1\"0",
          "foo; a=\"1\"\"0\""}) {
        CAPTURE(list);
        CHECK(understood(list) == "malformed");
    }
}

TEST_CASE("B09 what is no list of extensions is malformed as a whole") {
    for (const std::string_view list :
         {";", ";;;", "foo;", "foo; ;a", "foo; a=", "foo; =1", "foo; a==1", "foo bar", "foo; a b",
          "foo; a=1 2", "foo/bar", "foo; a=b/c", "\"foo\"", "foo, bar;", "=", "foo=1",
          "foo; a=\xFF"}) {
        CAPTURE(list);
        CHECK(understood(list) == "malformed");
    }
}

TEST_CASE("B09 a long list is read once") {
    std::string list;
    std::string expected;
    for (int i = 0; i != 8000; ++i) {
        list += i == 0 ? "a" : " ,\ta";
        expected += i == 0 ? "a" : ", a";
    }
    CHECK(understood(list) == expected);
    CHECK(understood(std::string(16'000, ',')) == "");
    CHECK(understood("a; b=\"" + std::string(16'000, '\\')) == "malformed");
}
