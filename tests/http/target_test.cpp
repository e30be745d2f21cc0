#include <hawser/http/target.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hawser::http;

TEST_CASE("percent-encodings are resolved, or the whole is refused") {
    CHECK(percent_decode("a%20b%2Fc%e2%82%ac+") == "a b/c\xe2\x82\xac+");
    CHECK(percent_decode("") == "");
    CHECK(percent_decode("%00") == std::string(1, '\0'));
    for (const auto* const text : {"%", "a%", "%2", "%2g", "%g2", "%%20", "%+1"}) {
        CAPTURE(text);
        CHECK(!percent_decode(text));
    }
}

TEST_CASE("every byte survives being encoded and decoded") {
    std::string all;
    for (int c = 0; c != 256; ++c) all += static_cast<char>(c);
    const std::string encoded = percent_encode(all);
    CHECK(percent_decode(encoded) == all);
    CHECK(is_well_encoded(encoded) == false);
    CHECK(percent_encode("aZ09-._~ /?&=%") == "aZ09-._~%20%2F%3F%26%3D%25");
}

TEST_CASE("a parameter is found by its decoded name") {
    const std::string query = "a=1&b%20c=2%263&d&=e&a=4&f=%zz&";
    CHECK(query_parameter(query, "a") == "1");
    CHECK(query_parameter(query, "b c") == "2&3");
    CHECK(query_parameter(query, "d") == "");
    CHECK(query_parameter(query, "") == "e");
    CHECK(!query_parameter(query, "f"));
    CHECK(!query_parameter(query, "A"));
    CHECK(!query_parameter("", "a"));
    CHECK(query_parameter("a=b=c", "a") == "b=c");
}

TEST_CASE("parameters of one name are counted, whatever their values") {
    CHECK(query_parameter_count("a=1&%61=2&a=%&b", "a") == 3);
    CHECK(query_parameter_count("a=1", "b") == 0);
}

TEST_CASE("a well encoded target has a byte behind each percent sign, and no NUL") {
    CHECK(is_well_encoded("/a%20?b=%FF"));
    for (const auto* const target : {"/%", "/%a", "/%ag", "/%00", "/%%41"}) {
        CAPTURE(target);
        CHECK(!is_well_encoded(target));
    }
}

TEST_CASE("dot segments are seen through their encoding") {
    for (const auto* const path :
         {"/.", "/..", "/a/./b", "/a/../b", "/%2e", "/%2E./", "/.%2e", ".."}) {
        CAPTURE(path);
        CHECK(has_dot_segments(path));
    }
    for (const auto* const path : {"/", "", "/...", "/.a", "/a.", "/..a", "/%2ea", "//"}) {
        CAPTURE(path);
        CHECK(!has_dot_segments(path));
    }
}
