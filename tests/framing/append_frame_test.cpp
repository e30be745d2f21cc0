#include <hawser/framing/append_frame.hpp>

#include <framing/frames.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace hawser;
using framing::append_close_frame;
using framing::append_frame;
using framing::Opcode;

namespace {

constexpr std::size_t sizes[] = {0, 1, 125, 126, 127, 128, 65535, 65536, 65537};

}  // namespace

TEST_CASE("an unmasked frame is the one that a message carries with it") {
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        const Message message = Message::text(std::string(size, 'a'));
        Output output;
        append_frame(output, Opcode::text, message.bytes(), std::nullopt);
        const ByteView frame = message.frame();
        CHECK(output.flatten() == test::Bytes(frame.begin(), frame.end()));
    }
}

TEST_CASE("a masked frame is the one written by hand, behind what was there before") {
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        const std::string payload(size, 'b');
        Output output;
        output.append("before");
        append_frame(output, Opcode::binary, as_bytes(payload), test::some_key);
        CHECK(output.flatten() == test::joined({test::bytes_of("before"),
                                                test::encode({.key = test::some_key}, payload)}));
    }
}

TEST_CASE("reserved bits are set where they are asked for") {
    Output output;
    append_frame(output, Opcode::text, as_bytes("packed"), test::some_key, framing::rsv1);
    CHECK(output.flatten() ==
          test::encode({.opcode = 1, .reserved = 0b100, .key = test::some_key}, "packed"));
}

TEST_CASE("a close frame carries its code and text") {
    Output output;
    append_close_frame(output, 1001, "away", std::nullopt);
    CHECK(output.flatten() == test::encode({.opcode = 8}, "\x03\xE9"
                                                          "away"));
    output.clear();
    append_close_frame(output, 1005, {}, test::some_key);
    CHECK(output.flatten() == test::encode({.opcode = 8, .key = test::some_key}));
}
