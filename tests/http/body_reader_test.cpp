#include <hawser/http/body_reader.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

using hawser::as_bytes;
using hawser::Error;
using hawser::http::BodyLength;
using hawser::http::BodyReader;
using Kind = BodyLength::Kind;

namespace {

const hawser::HeadLimits limits;

std::string text(const std::vector<std::byte>& bytes) {
    return std::string{hawser::as_characters(bytes)};
}

}  // namespace

TEST_CASE("a body of known length is read to its end and not beyond, one after the other") {
    BodyReader reader;
    for (int i = 0; i != 2; ++i) {
        reader.announce({Kind::known, 5});
        CHECK(reader.length() == BodyLength{Kind::known, 5});
        CHECK(!reader.begin(5, limits));
        CHECK(reader.feed(as_bytes("hel")) == 3);
        CHECK(!reader.complete());
        CHECK(reader.feed(as_bytes("lo GET")) == 2);
        CHECK(reader.complete());
        CHECK(text(reader.take()) == "hello");
    }
}

TEST_CASE("no body is complete from the beginning") {
    BodyReader reader;
    reader.announce({});
    CHECK(!reader.begin(0, limits));
    CHECK(reader.complete());
    CHECK(reader.take().empty());
}

TEST_CASE("a body that is announced as too long is refused before a byte of it") {
    BodyReader reader;
    reader.announce({Kind::known, std::numeric_limits<std::uint64_t>::max()});
    CHECK(reader.begin(std::numeric_limits<std::size_t>::max() - 1, limits) == Error::body_too_big);
}

TEST_CASE("the memory of a body grows with what has come, not with what was announced") {
    BodyReader reader;
    reader.announce({Kind::known, std::uint64_t{1} << 40});
    CHECK(!reader.begin(std::size_t{1} << 41, limits));
    CHECK(reader.feed(as_bytes("x")) == 1);
    CHECK(reader.take().capacity() < 1024);
}

TEST_CASE("a body may last until the end of the connection, within its limit") {
    BodyReader reader;
    reader.announce({Kind::until_close, 0});
    CHECK(!reader.begin(5, limits));
    CHECK(reader.feed(as_bytes("hello")) == 5);
    CHECK(!reader.complete());
    reader.end();
    CHECK(reader.complete());
    CHECK(text(reader.take()) == "hello");

    reader.announce({Kind::until_close, 0});
    CHECK(!reader.begin(5, limits));
    (void)reader.feed(as_bytes("hello!"));
    CHECK(reader.error() == Error::body_too_big);
}

TEST_CASE("another body that ends with the connection is incomplete") {
    BodyReader reader;
    reader.announce({Kind::known, 5});
    CHECK(!reader.begin(5, limits));
    CHECK(reader.feed(as_bytes("hell")) == 4);
    reader.end();
    CHECK(reader.error() == Error::incomplete_message);
    (void)reader.take();
    CHECK(!reader.error());
    CHECK(reader.length().empty());
}

TEST_CASE("a chunked body is decoded") {
    BodyReader reader;
    reader.announce({Kind::chunked, 0});
    CHECK(!reader.begin(5, limits));
    CHECK(reader.feed(as_bytes("5\r\nhello\r\n0\r\n\r\nGET")) == 15);
    CHECK(reader.complete());
    CHECK(text(reader.take()) == "hello");

    reader.announce({Kind::chunked, 0});
    CHECK(!reader.begin(5, limits));
    (void)reader.feed(as_bytes("x"));
    CHECK(reader.error() == Error::bad_chunk);
}
