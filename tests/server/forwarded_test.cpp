#include <hawser/server/forwarded.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace {

const std::vector<std::string> proxies{"10.0.0.1", "10.0.0.2", "fd00::1"};

/// What comes of a request through the proxy 10.0.0.1 with these fields; "-" for nothing.
std::string address_of(std::initializer_list<std::string_view> values,
                       std::string_view peer = "10.0.0.1") {
    hawser::http::RequestHead head;
    for (const auto value : values) head.fields.add("x-forwarded-for", value);
    return hawser::forwarded_address(head, peer, proxies).value_or("-");
}

}  // namespace

TEST_CASE("what a trusted proxy says is believed") {
    CHECK(address_of({"192.0.2.7"}) == "192.0.2.7");
    CHECK(address_of({" \t192.0.2.7 "}) == "192.0.2.7");
    CHECK(address_of({"2001:db8::7"}) == "2001:db8::7");
    CHECK(address_of({"192.0.2.7"}, "fd00::1") == "192.0.2.7");
}

TEST_CASE("B12 what anybody else says is not") {
    CHECK(address_of({"192.0.2.7"}, "192.0.2.1") == "-");
    CHECK(address_of({"192.0.2.7"}, "") == "-");
    hawser::http::RequestHead head;
    head.fields.add("X-Forwarded-For", "192.0.2.7");
    CHECK_FALSE(hawser::forwarded_address(head, "10.0.0.1", {}));
    head.fields.add("Forwarded", "for=192.0.2.8");
    head.fields.add("Remote-Addr", "192.0.2.8");
    CHECK(hawser::forwarded_address(head, "10.0.0.1", proxies) == "192.0.2.7");
}

TEST_CASE("what stands before the address that the last proxy saw may be a lie") {
    CHECK(address_of({"127.0.0.1, 192.0.2.7"}) == "192.0.2.7");
    CHECK(address_of({"10.0.0.2, 192.0.2.7"}) == "192.0.2.7");
    CHECK(address_of({"<script>, 192.0.2.7"}) == "192.0.2.7");
}

TEST_CASE("trusted proxies are passed over, from the right") {
    CHECK(address_of({"192.0.2.7, 10.0.0.2"}) == "192.0.2.7");
    CHECK(address_of({"192.0.2.7, fd00:0::1, 10.0.0.2"}) == "192.0.2.7");
    CHECK(address_of({"10.0.0.2, 10.0.0.1"}) == "10.0.0.2");  // nobody but proxies
    CHECK(address_of({"unknown, 10.0.0.2"}) == "10.0.0.2");
}

TEST_CASE("several fields are one list") {
    CHECK(address_of({"192.0.2.1", "192.0.2.7"}) == "192.0.2.7");
    CHECK(address_of({"192.0.2.7", "10.0.0.2"}) == "192.0.2.7");
}

TEST_CASE("B12 a field that does not end in an address says nothing") {
    for (const auto value : {"", " ", ",", ",,,,", " , ", "192.0.2.7,", "unknown", "192.0.2.7:80",
                             "[2001:db8::7]", "192.0.2.256", "192.0.2.7;", "_hidden"}) {
        CAPTURE(value);
        CHECK(address_of({value}) == "-");
    }
    CHECK(address_of({}) == "-");
    CHECK(address_of({"192.0.2.7", ""}) == "-");
}
