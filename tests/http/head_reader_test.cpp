#include <hawser/http/head_reader.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using hawser::as_bytes;
using hawser::Error;
using hawser::http::HeadReader;

TEST_CASE("a head in one piece is not copied") {
    const hawser::HeadLimits limits;
    HeadReader reader{HeadReader::Section::request, limits};
    const std::string_view bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
    const auto step = reader.read(as_bytes(bytes));
    CHECK(step.consumed == bytes.size() - 4);
    REQUIRE(step.head);
    CHECK(step.head->data() == bytes.data());
    CHECK(*step.head == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_CASE("a head in pieces is put together, again and again") {
    const hawser::HeadLimits limits;
    HeadReader reader{HeadReader::Section::request, limits};
    for (int i = 0; i != 3; ++i) {
        CHECK(!reader.begun());
        const auto first = reader.read(as_bytes("\r\nGET / HT"));
        CHECK(first.consumed == 10);
        CHECK(!first.head);
        CHECK(reader.begun());
        const auto second = reader.read(as_bytes("TP/1.1\r\n\r\nGET"));
        CHECK(second.consumed == 10);
        CHECK(second.head == "GET / HTTP/1.1\r\n\r\n");
        reader.reset();
    }
}

TEST_CASE("a malformed head is an error at once") {
    const hawser::HeadLimits limits;
    HeadReader reader{HeadReader::Section::response, limits};
    CHECK(!reader.read(as_bytes("HTTP/1.")).error);
    CHECK(reader.read(as_bytes("9")).error == Error::bad_version);
}
