#include "../benchmarks/ruler/sha1.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("SHA-1 has the digests of its standard, on both sides of a block's end") {
    // FIPS 180-4's examples, and texts whose padding ends a block or needs another.
    CHECK(bench::base64(bench::sha1("")) == "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    CHECK(bench::base64(bench::sha1("abc")) == "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    CHECK(bench::base64(bench::sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "hJg+RBw70m66rkqh+VEp5eVGcPE=");
    CHECK(bench::base64(bench::sha1(std::string(55, 'a'))) == "wci73CJ5bijA4VFj0giZtlYh1lo=");
    CHECK(bench::base64(bench::sha1(std::string(64, 'a'))) == "AJi6gktcFkJ716ESKlpEKiXsZE0=");
}

TEST_CASE("a handshake's answer is that of RFC 6455 section 1.3") {
    CHECK(bench::accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
