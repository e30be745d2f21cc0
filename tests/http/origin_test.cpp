#include <hawser/http/origin.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <vector>

using hawser::Error;
using hawser::http::check_origin;
using hawser::http::Fields;
using hawser::http::OriginPolicy;
using hawser::http::RequestHead;
using hawser::http::Security;

namespace {

bool is_allowed(const std::string& host, const std::string& origin, const OriginPolicy& policy = {},
                Security security = Security::plain) {
    const RequestHead head{.fields = {{"Host", host}, {"Origin", origin}}};
    const auto error = check_origin(head, policy, security);
    CHECK((!error || error == Error::origin_refused));
    return !error;
}

}  // namespace

TEST_CASE("B07: a request without Origin comes from no browser and is allowed") {
    const RequestHead head{.fields = {{"Host", "a"}}};
    CHECK(!check_origin(head, {}, Security::plain));
    CHECK(!check_origin(head, {.allowed = {"https://b"}}, Security::tls));
}

TEST_CASE("B07: by default a page of the same host and port is allowed") {
    CHECK(is_allowed("good.com", "http://good.com"));
    CHECK(is_allowed("good.com:80", "http://good.com"));
    CHECK(is_allowed("good.com", "http://good.com:80"));
    CHECK(is_allowed("good.com:8080", "http://good.com:8080"));
    CHECK(is_allowed("Good.com", "http://gOOD.com"));
    CHECK(is_allowed("[::1]:81", "http://[::1]:81"));
}

TEST_CASE("B07: a proxy that ends TLS may stand before a plain connection") {
    CHECK(is_allowed("good.com", "https://good.com"));
    CHECK(is_allowed("good.com:443", "https://good.com"));
    CHECK(!is_allowed("good.com:80", "https://good.com"));
    CHECK(!is_allowed("good.com:8443", "https://good.com"));
}

TEST_CASE("B07: over TLS the page must have come over TLS") {
    CHECK(is_allowed("good.com", "https://good.com", {}, Security::tls));
    CHECK(!is_allowed("good.com", "http://good.com", {}, Security::tls));
    CHECK(!is_allowed("good.com:80", "http://good.com", {}, Security::tls));
}

TEST_CASE("B07: pages of other hosts and ports are refused") {
    for (const std::string origin :
         {"http://other.com", "http://good.com:81", "https://good.com.evil.com",
          "https://evilgood.com", "http://good.com.", "http://www.good.com", "ftp://good.com",
          "http://good.co"}) {
        CAPTURE(origin);
        CHECK(!is_allowed("good.com", origin));
    }
}

TEST_CASE("B07: what is no origin is refused") {
    for (const std::string origin :
         {"null", "", "good.com", "//good.com", "http:good.com", "http://", "http://good.com/",
          "http://good.com/path", "http://u@good.com", "http://good.com http://good.com",
          "http://good.com, http://good.com", "http://good.com#", "http://good.com?",
          "://good.com"}) {
        CAPTURE(origin);
        CHECK(!is_allowed("good.com", origin));
        CHECK(!is_allowed("good.com", origin, {.allowed = {origin}}));
    }
}

TEST_CASE("B07: two Origin fields are refused under every policy") {
    const RequestHead head{
        .fields = {{"Host", "a"}, {"Origin", "http://a"}, {"Origin", "http://a"}}};
    CHECK(check_origin(head, {}, Security::plain) == Error::origin_refused);
    CHECK(check_origin(head, {.any = true}, Security::plain) == Error::origin_refused);
}

TEST_CASE("B07: a list replaces the default") {
    const OriginPolicy policy{.allowed = {"https://good.com", "http://dev:3000", "app://local"}};
    CHECK(is_allowed("api.com", "https://good.com", policy));
    CHECK(is_allowed("api.com", "https://GOOD.com:443", policy));
    CHECK(is_allowed("api.com", "http://dev:3000", policy));
    CHECK(is_allowed("api.com", "app://local", policy));
    CHECK(!is_allowed("api.com", "http://good.com", policy));
    CHECK(!is_allowed("api.com", "http://dev", policy));
    CHECK(!is_allowed("api.com", "http://api.com", policy));
    CHECK(!is_allowed("api.com", "app2://local", policy));
}

TEST_CASE("B07: any page may be allowed") {
    CHECK(is_allowed("good.com", "https://evil.com", {.any = true}));
    CHECK(is_allowed("good.com", "null", {.any = true}));
}

TEST_CASE("B07: without a Host there is no same host") {
    const RequestHead head{.minor_version = 0, .fields = {{"Origin", "http://a"}}};
    CHECK(check_origin(head, {}, Security::plain) == Error::origin_refused);
}

TEST_CASE("B12: what proxies say about the request is not believed") {
    const RequestHead head{.fields = {{"Host", "good.com"},
                                      {"X-Forwarded-Host", "evil.com"},
                                      {"Forwarded", "host=evil.com"},
                                      {"Origin", "http://evil.com"}}};
    CHECK(check_origin(head, {}, Security::plain) == Error::origin_refused);
}
