#include <hawser/http/fields.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

using hawser::Error;
using hawser::http::Field;
using hawser::http::Fields;
using hawser::http::is_reserved;

static_assert(std::forward_iterator<Fields::Iterator>);

TEST_CASE("fields are found by their names in any case, the first of several") {
    const Fields fields{{"Host", "a"}, {"X", "1"}, {"x", "2"}};
    CHECK(fields.find("HOST") == "a");
    CHECK(fields.find("X") == "1");
    CHECK(fields.count("x") == 2);
    CHECK(fields.contains("x"));
    CHECK(!fields.find("Y"));
    CHECK(!fields.find("Hos"));
    CHECK(!fields.find("Hosts"));
    CHECK(fields.count("Y") == 0);
}

TEST_CASE("fields keep their order and their names as written") {
    const Fields fields{{"B", "1"}, {"a", ""}, {"C", "3"}};
    const std::vector<Field> seen(fields.begin(), fields.end());
    CHECK(seen == std::vector<Field>{{"B", "1"}, {"a", ""}, {"C", "3"}});
    CHECK(fields.lines() == "B: 1\r\na: \r\nC: 3\r\n");
    CHECK(fields.size() == 3);
    CHECK(Fields{}.empty());
}

TEST_CASE("setting a field replaces all of its name") {
    Fields fields{{"X", "1"}, {"Y", "2"}, {"x", "3"}};
    fields.set("x", "4");
    CHECK(fields.lines() == "Y: 2\r\nx: 4\r\n");
    CHECK(fields.remove("Y") == 1);
    CHECK(fields.remove("Y") == 0);
    fields.clear();
    CHECK(fields == Fields{});
}

TEST_CASE("B11: whatever value is added, no line begins inside it") {
    Fields fields;
    fields.add("X", std::string_view{"a\r\nSet-Cookie: b\n\0\x7f", 19});
    CHECK(fields.lines() == "X: a  Set-Cookie: b   \r\n");
    fields.set("X", " \tb\t ");
    CHECK(fields.find("X") == "b");
}

TEST_CASE("B11: a checked field with a bad name, a bad value or a reserved name is refused") {
    Fields fields;
    for (const std::string& name : {std::string{""}, std::string{"a b"}, std::string{"a:"},
                                    std::string{"a\r\nb"}, std::string{"a\0", 2}}) {
        CHECK(fields.checked_add(name, "v") == Error::bad_argument);
    }
    for (const std::string& value : {std::string{"a\r\nb"}, std::string{"a\rb"}, std::string{"a\n"},
                                     std::string{"a\0b", 3}, std::string{"\x7f"}}) {
        CHECK(fields.checked_add("X", value) == Error::bad_argument);
    }
    CHECK(fields.checked_add("content-length", "5") == Error::bad_argument);
    CHECK(fields.empty());
    CHECK(!fields.checked_add("X", "a: b"));
    CHECK(fields.lines() == "X: a: b\r\n");
}

TEST_CASE("B11: the fields that frame messages are reserved") {
    for (const auto* const name :
         {"Connection", "content-length", "EXPECT", "Host", "Keep-Alive", "Proxy-Connection", "TE",
          "Trailer", "Transfer-Encoding", "Upgrade", "sec-websocket-key", "Sec-WebSocket-X"}) {
        CAPTURE(name);
        CHECK(is_reserved(name));
    }
    CHECK(!is_reserved("Content-Type"));
    CHECK(!is_reserved("Sec-WebSocke"));
}

TEST_CASE("a token is found in the lists of all fields of its name") {
    const Fields fields{{"Connection", "keep-alive ,Upgrade\t"}, {"connection", "close"}};
    CHECK(fields.has_token("Connection", "upgrade"));
    CHECK(fields.has_token("Connection", "Keep-Alive"));
    CHECK(fields.has_token("Connection", "close"));
    CHECK(!fields.has_token("Connection", "clos"));
    CHECK(!fields.has_token("Connection", "keep"));
    CHECK(!fields.has_token("Other", "close"));
    CHECK(!Fields{{"A", ""}}.has_token("A", "x"));
}

TEST_CASE("B08: a token is looked for in linear time among a hundred thousand commas") {
    const Fields fields{{"A", std::string(100'000, ',')}, {"A", std::string(100'000, ' ') + "x"}};
    CHECK(fields.has_token("A", "x"));
}
