#include <hawser/framing/body.hpp>

#include <framing/frames.hpp>
#include <support/allocated_bytes.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hawser;
using framing::ClosePayload;
using framing::decode_frames;

namespace {

constexpr MessageLimits limits{.bytes = 1000};

std::error_code error_of(const test::Bytes& body) {
    return decode_frames(body, limits).error();
}

test::Bytes close_frame() {
    return test::encode({.opcode = 8}, "\x03\xE8"
                                       "bye");
}

}  // namespace

TEST_CASE("a body is taken apart into its messages and its close frame") {
    const test::Bytes bytes =
        test::joined({test::encode({.opcode = 1}, "text"), test::encode({.opcode = 2}, "\xFF\x01"),
                      test::encode({.opcode = 1}, ""), close_frame()});
    auto body = decode_frames(bytes, limits);
    REQUIRE(body);
    CHECK(body->messages() == 3);
    CHECK(body->next_size() == 4);
    const Message first = body->next();
    CHECK(first == Message::text("text"));
    CHECK(first.utf8() == Message::Utf8::valid);
    CHECK(body->next() == Message::binary(as_bytes("\xFF\x01")));
    CHECK(body->next() == Message::text(""));
    CHECK(body->messages() == 0);
    CHECK(body->close() == ClosePayload{.code = 1000, .text = "bye"});
}

TEST_CASE("messages may be passed over") {
    const test::Bytes bytes =
        test::joined({test::encode({}, std::string(200, 'x')), test::encode({}, "second")});
    auto body = decode_frames(bytes, limits);
    REQUIRE(body);
    CHECK(body->next_size() == 200);
    body->skip();
    CHECK(body->messages() == 1);
    CHECK(body->next().view() == "second");
    CHECK_FALSE(body->close());
}

TEST_CASE("an empty body holds nothing") {
    const auto body = decode_frames({}, limits);
    REQUIRE(body);
    CHECK(body->messages() == 0);
    CHECK_FALSE(body->close());
}

TEST_CASE("a body that is cut anywhere but between two frames is refused") {
    const test::Bytes first = test::encode({.opcode = 1}, std::string(130, 'a'));
    const test::Bytes whole = test::joined({first, test::encode({}, "b"), close_frame()});
    for (std::size_t size = 1; size != whole.size(); ++size) {
        CAPTURE(size);
        const auto error = decode_frames(ByteView{whole}.first(size), limits).error();
        const bool between = size == first.size() || size == first.size() + 3;
        CHECK((error == Error::bad_frames) == !between);
    }
}

TEST_CASE("a frame that is short by less than its header is refused, not read beyond") {
    const test::Bytes bytes = test::encode({.announced = 600}, std::string(598, 'x'));
    CHECK(error_of(bytes) == Error::bad_frames);
    CHECK(error_of(test::encode({.announced = 5}, "xxxx")) == Error::bad_frames);
    // Were the second frame's header taken for the end of the first, all would seem well.
    CHECK(error_of(test::encode({.announced = 2}, "x")) == Error::bad_frames);
}

TEST_CASE("frames that have no place in a body are refused, also behind good ones") {
    const std::vector<test::Bytes> bad = {
        test::encode({.opcode = 9}),
        test::encode({.opcode = 10}),
        test::encode({.opcode = 0}, "x"),
        test::encode({.opcode = 3}, "x"),
        test::encode({.fin = false}, "x"),
        test::encode({.reserved = 4}, "x"),
        test::encode({.reserved = 1}, "x"),
        test::encode({.key = test::some_key}, "x"),
        test::encode({.length_bits = 16}, "x"),
        test::encode({.opcode = 1}, "\xFF"),
        test::encode({.opcode = 1}, "\xE2\x82"),
        test::encode({.opcode = 8}, "\x03"),
        test::encode({.opcode = 8}, "\x03\xEC"),
        test::joined({close_frame(), test::encode({}, "behind")}),
        test::joined({close_frame(), close_frame()}),
        test::joined({close_frame(), test::bytes_of({0})}),
    };
    for (std::size_t i = 0; i != bad.size(); ++i) {
        CAPTURE(i);
        CHECK(error_of(bad[i]) == Error::bad_frames);
        CHECK(error_of(test::joined({test::encode({}, "good"), bad[i]})) == Error::bad_frames);
    }
}

TEST_CASE("a message over the limit is refused by its header, truncated or not") {
    CHECK_FALSE(error_of(test::encode({}, std::string(1000, 'x'))));
    CHECK(error_of(test::encode({}, std::string(1001, 'x'))) == Error::message_too_big);
    CHECK(error_of(test::encode({.announced = 1001}, "x")) == Error::message_too_big);
    CHECK(error_of(test::encode({.announced = ~std::uint64_t{0} >> 1}, "x")) ==
          Error::message_too_big);
    CHECK(error_of(test::encode({.announced = 999}, "x")) == Error::bad_frames);
}

TEST_CASE("D06 ten thousand tiny messages cost nothing before they are taken") {
    test::Bytes bytes;
    for (int i = 0; i != 10'000; ++i)
        test::append(bytes, test::bytes_of({0x82, 0x00}));
    const std::size_t before = test::allocated_bytes();
    auto body = decode_frames(bytes, limits);
    REQUIRE(body);
    CHECK(test::allocated_bytes() == before);
    CHECK(body->messages() == 10'000);
    while (body->messages() != 0)
        REQUIRE(body->next().empty());
}
