#include <hawser/framing/frame_header.hpp>

#include <framing/frames.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

using namespace hawser;
using namespace hawser::framing;
using test::bytes_of;

namespace {

struct Vector {
    FrameHeader header;
    test::Bytes bytes;
};

/// The examples of RFC 6455 §5.7, and the lengths around each change of form.
std::vector<Vector> vectors() {
    return {
        {{.opcode = Opcode::text, .length = 5}, bytes_of({0x81, 0x05})},
        {{.opcode = Opcode::text, .mask = test::some_key, .length = 5},
         bytes_of({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d})},
        {{.opcode = Opcode::text, .fin = false, .length = 3}, bytes_of({0x01, 0x03})},
        {{.opcode = Opcode::continuation, .length = 2}, bytes_of({0x80, 0x02})},
        {{.opcode = Opcode::ping, .length = 5}, bytes_of({0x89, 0x05})},
        {{.opcode = Opcode::pong, .mask = test::some_key, .length = 5},
         bytes_of({0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d})},
        {{.opcode = Opcode::binary, .length = 256}, bytes_of({0x82, 0x7e, 0x01, 0x00})},
        {{.opcode = Opcode::binary, .length = 65536},
         bytes_of({0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0})},
        {{.opcode = Opcode::binary, .length = 0}, bytes_of({0x82, 0x00})},
        {{.opcode = Opcode::close, .length = 125}, bytes_of({0x88, 0x7d})},
        {{.opcode = Opcode::binary, .length = 126}, bytes_of({0x82, 0x7e, 0x00, 0x7e})},
        {{.opcode = Opcode::binary, .length = 127}, bytes_of({0x82, 0x7e, 0x00, 0x7f})},
        {{.opcode = Opcode::binary, .length = 65535}, bytes_of({0x82, 0x7e, 0xff, 0xff})},
        {{.opcode = Opcode::binary, .length = 0x7fff'ffff'ffff'ffff},
         bytes_of({0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})},
        {{.opcode = Opcode::text, .reserved = 4, .length = 1}, bytes_of({0xc1, 0x01})},
        {{.opcode = Opcode::text, .reserved = 3, .length = 1}, bytes_of({0xb1, 0x01})},
        {{.opcode = Opcode::binary, .mask = test::some_key, .length = 65536},
         bytes_of({0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0x37, 0xfa, 0x21, 0x3d})},
    };
}

std::error_code error_of(const test::Frame& frame, std::size_t size) {
    return read_frame_header(test::encode(frame, test::Bytes(size))).error;
}

}  // namespace

TEST_CASE("a frame header is read as it was written, and written as the RFC shows it") {
    for (const auto& [header, bytes] : vectors()) {
        CAPTURE(header.length);
        const auto encoded = encode_frame_header(header);
        CHECK(test::Bytes(encoded.bytes().begin(), encoded.bytes().end()) == bytes);
        const auto reading = read_frame_header(bytes);
        CHECK_FALSE(reading.error);
        CHECK(reading.size == bytes.size());
        CHECK(reading.header == header);
    }
}

TEST_CASE("a part of a frame header asks for more, and bytes behind one are left alone") {
    for (const auto& [header, bytes] : vectors()) {
        CAPTURE(header.length);
        for (std::size_t size = 0; size != bytes.size(); ++size) {
            const auto reading = read_frame_header(ByteView{bytes}.first(size));
            CHECK_FALSE(reading.error);
            CHECK(reading.size == 0);
        }
        auto followed = bytes;
        followed.resize(bytes.size() + 20, std::byte{0xff});
        const auto reading = read_frame_header(followed);
        CHECK(reading.size == bytes.size());
        CHECK(reading.header == header);
    }
}

TEST_CASE("C02 opcodes 3 to 7 and B to F are refused by their first two bytes") {
    constexpr std::array<bool, 16> defined{true, true, true, false, false, false, false, false,
                                           true, true, true, false, false, false, false, false};
    for (unsigned opcode = 0; opcode != defined.size(); ++opcode) {
        CAPTURE(opcode);
        const auto reading = read_frame_header(bytes_of({0x80 + opcode, 0x00}));
        CHECK((reading.error == Error::reserved_opcode) == !defined[opcode]);
    }
}

TEST_CASE("C03 a length with its highest bit set is refused") {
    CHECK(error_of({.announced = std::uint64_t{1} << 63}, 0) == Error::bad_frame_length);
    CHECK(error_of({.announced = ~std::uint64_t{0}}, 0) == Error::bad_frame_length);
    CHECK_FALSE(error_of({.announced = (std::uint64_t{1} << 63) - 1}, 0));
    CHECK_FALSE(error_of({.announced = std::uint64_t{1} << 32}, 0));
}

TEST_CASE("C04 a length that is not in its shortest form is refused") {
    for (const std::size_t size : {0U, 1U, 124U, 125U}) {
        CHECK(error_of({.length_bits = 16}, size) == Error::bad_frame_length);
        CHECK(error_of({.length_bits = 64}, size) == Error::bad_frame_length);
    }
    CHECK_FALSE(error_of({.length_bits = 16}, 126));
    for (const std::size_t size : {126U, 127U, 65534U, 65535U}) {
        CHECK(error_of({.length_bits = 64}, size) == Error::bad_frame_length);
    }
    CHECK_FALSE(error_of({.length_bits = 64}, 65536));
}

TEST_CASE("C06 control frames that are fragmented or too long are refused") {
    for (const unsigned opcode : {0x8U, 0x9U, 0xAU}) {
        CAPTURE(opcode);
        CHECK_FALSE(error_of({.opcode = opcode}, 125));
        CHECK(error_of({.opcode = opcode}, 126) == Error::long_control_frame);
        CHECK(error_of({.opcode = opcode}, 65536) == Error::long_control_frame);
        CHECK(error_of({.opcode = opcode, .fin = false}, 0) == Error::fragmented_control_frame);
        // Known as soon as two bytes are here.
        CHECK(read_frame_header(bytes_of({0x80 + opcode, 0x7e})).error ==
              Error::long_control_frame);
        CHECK(read_frame_header(bytes_of({opcode, 0x01})).error == Error::fragmented_control_frame);
    }
}

TEST_CASE("close, ping and pong are control frames") {
    CHECK(is_control(Opcode::close));
    CHECK(is_control(Opcode::ping));
    CHECK(is_control(Opcode::pong));
    CHECK_FALSE(is_control(Opcode::continuation));
    CHECK_FALSE(is_control(Opcode::text));
    CHECK_FALSE(is_control(Opcode::binary));
}
