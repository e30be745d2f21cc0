#include <hawser/http/url.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using hawser::Error;
using hawser::http::parse_authority;
using hawser::http::parse_url;
using hawser::http::Scheme;
using hawser::http::Url;

TEST_CASE("a URL is taken apart, with the default port of its scheme") {
    const auto is = [](const char* text, const Url& expected) {
        CAPTURE(text);
        const auto url = parse_url(text);
        REQUIRE(url);
        CHECK(*url == expected);
    };
    is("http://a", {Scheme::http, "a", 80, "/"});
    is("HTTPS://Example.COM/A?b", {Scheme::https, "example.com", 443, "/A?b"});
    is("ws://a:8080/chat", {Scheme::ws, "a", 8080, "/chat"});
    is("wss://a?b=c", {Scheme::wss, "a", 443, "/?b=c"});
    is("http://127.0.0.1:1/", {Scheme::http, "127.0.0.1", 1, "/"});
    is("ws://[::1]:65535/%20", {Scheme::ws, "::1", 65535, "/%20"});
    is("ws://[FE80::1]", {Scheme::ws, "fe80::1", 80, "/"});
    is("http://a:/", {Scheme::http, "a", 80, "/"});
}

TEST_CASE("the Host field has brackets around an IPv6 address, and no default port") {
    for (const auto* const text : {"http://a/", "ws://a:8080/", "https://[::1]:8443/",
                                   "wss://[::1]/", "https://a:80/", "http://a:443/"}) {
        const std::string whole = text;
        const auto url = parse_url(whole);
        CHECK(whole.find("//" + url->authority() + '/') != std::string::npos);
    }
    CHECK(parse_url("https://a:443/")->authority() == "a");
}

TEST_CASE("a URL that is malformed, or names a user or a fragment, is refused") {
    for (const auto* const text : {"",
                                   "a",
                                   "//a",
                                   "http:/a",
                                   "http:a",
                                   "://a",
                                   "http://",
                                   "http:///",
                                   "http://a#b",
                                   "http://a/#",
                                   "http://u@a",
                                   "http://u:p@a",
                                   "http://a b",
                                   "http://a/ ",
                                   "http://a/\x7f",
                                   "http://a/\r\n",
                                   "http://a:0",
                                   "http://a:65536",
                                   "http://a:-1",
                                   "http://a:+1",
                                   "http://a:1x",
                                   "http://a:80:80",
                                   "http://[::1",
                                   "http://::1",
                                   "http://[::1]80",
                                   "http://[a]",
                                   "http://[]",
                                   "http://[:]",
                                   "http://[fe80::1%25eth0]",
                                   "http://a%20b",
                                   "http://\xc3\xa4",
                                   "http://a/%",
                                   "http://a/%zz",
                                   "http://a\\b",
                                   " http://a"}) {
        CAPTURE(text);
        CHECK(!parse_url(text).has_value());
    }
    CHECK(parse_url("http://a#b").error() == Error::bad_url);
}

TEST_CASE("another scheme is not supported") {
    for (const auto* const text : {"ftp://a", "file:///a", "httpss://a", "javascript://a"}) {
        CHECK(parse_url(text).error() == Error::unsupported_scheme);
    }
}

TEST_CASE("an authority is a host and perhaps a port") {
    CHECK(parse_authority("A.b")->host == "a.b");
    CHECK(!parse_authority("a")->port);
    CHECK(!parse_authority("a:")->port);
    CHECK(parse_authority("a:81")->port == 81);
    CHECK(parse_authority("[::1]:81")->host == "::1");
    for (const auto* const text :
         {"", ":80", "a:b", "a b", "u@a", "[", "[]", "[::1]a", "[::1]880", "a/"}) {
        CAPTURE(text);
        CHECK(parse_authority(text).error() == Error::bad_host);
    }
}
