#include <hawser/http/body_length.hpp>

#include <doctest/doctest.h>

using hawser::http::BodyLength;

TEST_CASE("a body has no length until something says so") {
    CHECK(BodyLength{}.empty());
    CHECK(!BodyLength{BodyLength::Kind::known, 1}.empty());
    CHECK(!BodyLength{BodyLength::Kind::chunked, 0}.empty());
    CHECK(!BodyLength{BodyLength::Kind::until_close, 0}.empty());
}
