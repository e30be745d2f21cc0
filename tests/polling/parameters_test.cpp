#include <hawser/polling/parameters.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace hawser;
using namespace std::chrono_literals;
using polling::Parameters;
using polling::parse_parameters;

namespace {

http::RequestHead with_query(std::string query) { return {.target = "/channel?" + query}; }
http::RequestHead with_fields(http::Fields fields) { return {.fields = std::move(fields)}; }

}  // namespace

TEST_CASE("a request without parameters has none") { CHECK(parse_parameters({}) == Parameters{}); }

TEST_CASE("parameters are read from header fields, whatever the case of their names") {
    const auto parameters = parse_parameters(with_fields({{"Hawser-Session", "abc"},
                                                          {"hawser-after", "3"},
                                                          {"HAWSER-REQUEST", "7"},
                                                          {"Hawser-First", "4"},
                                                          {"Hawser-Hold", "1500"}}));
    CHECK(parameters == Parameters{"abc", 3, 7, 4, 1500ms});
}

TEST_CASE("parameters are read from the query") {
    const auto parameters =
        parse_parameters(with_query("session=abc&after=3&request=7&first=4&hold=0"));
    CHECK(parameters == Parameters{"abc", 3, 7, 4, 0ms});
}

TEST_CASE("the two places may be mixed") {
    http::RequestHead head = with_query("session=a%62c&after=0");
    head.fields.add("Hawser-Request", "2");
    CHECK(parse_parameters(head) == Parameters{.session = "abc", .after = 0, .request = 2});
}

TEST_CASE("other query parameters are the application's") {
    CHECK(parse_parameters(with_query("room=7&room=8&first_name=x&Session=b&x%zz")) ==
          Parameters{});
}

TEST_CASE("the same value twice is said once") {
    http::RequestHead head = with_query("after=3&after=3&session=x");
    head.fields.add("Hawser-After", "3");
    head.fields.add("Hawser-After", "3");
    head.fields.add("Hawser-Session", "x");
    CHECK(parse_parameters(head) == Parameters{.session = "x", .after = 3});
}

TEST_CASE("different values of one parameter are refused, wherever they stand") {
    CHECK_FALSE(parse_parameters(with_query("after=3&after=4")));
    CHECK_FALSE(parse_parameters(with_query("session=a&session=b")));
    CHECK_FALSE(parse_parameters(with_fields({{"Hawser-First", "1"}, {"Hawser-First", "2"}})));
    http::RequestHead head = with_query("session=a");
    head.fields.add("Hawser-Session", "b");
    CHECK_FALSE(parse_parameters(head));
}

TEST_CASE("D10 what is no number is refused") {
    for (const std::string value : {"", "-1", "01", "x", "9007199254740992", "1 ", "+1", "%00"}) {
        CHECK_FALSE(parse_parameters(with_query("after=" + value)));
        CHECK_FALSE(parse_parameters(with_query("hold=" + value)));
    }
    CHECK_FALSE(parse_parameters(with_query("after")));
    CHECK_FALSE(parse_parameters(with_query("after=%zz")));
    CHECK_FALSE(parse_parameters(with_query("session=%zz")));
    CHECK_FALSE(parse_parameters(with_fields({{"Hawser-Request", "1, 2"}})));
}

TEST_CASE("requests and messages are numbered from 1") {
    CHECK_FALSE(parse_parameters(with_query("request=0")));
    CHECK_FALSE(parse_parameters(with_query("first=0")));
    CHECK(parse_parameters(with_query("after=0&hold=0")));
}

TEST_CASE("the greatest numbers are taken") {
    const auto parameters = parse_parameters(
        with_query("after=9007199254740991&request=9007199254740991&hold=9007199254740991"));
    REQUIRE(parameters);
    CHECK(parameters->after == 9007199254740991);
    CHECK(parameters->hold > 24h);
}
