#include <hawser/websocket/frame_rules.hpp>

#include <framing/frames.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace hawser;
using framing::FrameHeader;
using framing::Opcode;
using websocket::close_code_for;
using websocket::compressed_limits;
using websocket::judge;
using websocket::MessageProgress;
using websocket::take_compressed;

namespace {

constexpr MessageLimits limits{.bytes = 1000, .fragments = 5};
constexpr MessageProgress no_message{};

/// A frame from a client, judged by a server.
std::error_code at_server(FrameHeader header, MessageProgress progress = no_message) {
    header.mask = test::some_key;
    return judge(header, Role::server, progress, limits);
}

}  // namespace

TEST_CASE("C01 a server wants a mask, a client none") {
    const FrameHeader plain{.opcode = Opcode::text};
    const FrameHeader masked{.opcode = Opcode::text, .mask = test::some_key};
    CHECK(judge(plain, Role::server, no_message, limits) == Error::unmasked_frame);
    CHECK(judge(masked, Role::client, no_message, limits) == Error::masked_frame);
    CHECK_FALSE(judge(masked, Role::server, no_message, limits));
    CHECK_FALSE(judge(plain, Role::client, no_message, limits));
}

TEST_CASE("C02 no reserved bit may be set, on any frame") {
    for (const auto opcode : {Opcode::text, Opcode::binary, Opcode::ping, Opcode::close}) {
        for (std::uint8_t reserved = 1; reserved != 8; ++reserved) {
            CHECK(at_server({.opcode = opcode, .reserved = reserved}) == Error::reserved_bits);
        }
    }
}

TEST_CASE("C02 RSV1 says that a message is compressed, but not on other frames than its first") {
    for (const auto opcode : {Opcode::text, Opcode::binary}) {
        FrameHeader header{.opcode = opcode, .reserved = 0b100};
        CHECK(take_compressed(header));
        CHECK(header.reserved == 0);
        CHECK_FALSE(take_compressed(header));
        header.reserved = 0b111;
        CHECK(take_compressed(header));
        CHECK(at_server(header) == Error::reserved_bits);
    }
    for (const auto opcode : {Opcode::continuation, Opcode::ping, Opcode::close}) {
        FrameHeader header{.opcode = opcode, .reserved = 0b100};
        CHECK_FALSE(take_compressed(header));
        CHECK(header.reserved == 0b100);
    }
}

TEST_CASE("what a compressed message may take on the wire is limited, and cannot overflow") {
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
    CHECK(compressed_limits(limits).bytes == 3024);
    CHECK(compressed_limits(limits).fragments == limits.fragments);
    CHECK(compressed_limits({.bytes = 0}).bytes == 1024);
    CHECK(compressed_limits({.bytes = any}).bytes == any);
}

TEST_CASE("C07 a continuation needs a message, and a message ends before the next") {
    CHECK(at_server({.opcode = Opcode::continuation}) == Error::unexpected_continuation);
    const MessageProgress begun{.fragments = 1, .bytes = 0};
    CHECK_FALSE(at_server({.opcode = Opcode::continuation}, begun));
    CHECK(at_server({.opcode = Opcode::text}, begun) == Error::expected_continuation);
    CHECK(at_server({.opcode = Opcode::binary}, begun) == Error::expected_continuation);
    CHECK_FALSE(at_server({.opcode = Opcode::ping}, begun));
    CHECK_FALSE(at_server({.opcode = Opcode::close}, begun));
}

TEST_CASE("C09 the bytes of all fragments together are limited") {
    CHECK_FALSE(at_server({.opcode = Opcode::binary, .length = 1000}));
    CHECK(at_server({.opcode = Opcode::binary, .length = 1001}) == Error::message_too_big);
    const MessageProgress begun{.fragments = 2, .bytes = 600};
    CHECK_FALSE(at_server({.opcode = Opcode::continuation, .length = 400}, begun));
    CHECK(at_server({.opcode = Opcode::continuation, .length = 401}, begun) ==
          Error::message_too_big);
}

TEST_CASE("C03 no length overflows the sum") {
    constexpr auto longest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const MessageProgress begun{.fragments = 1, .bytes = 600};
    CHECK(at_server({.opcode = Opcode::binary, .length = longest}) == Error::message_too_big);
    CHECK(at_server({.opcode = Opcode::continuation, .length = longest}, begun) ==
          Error::message_too_big);
    CHECK(at_server({.opcode = Opcode::continuation, .length = ~std::uint64_t{0}}, begun) ==
          Error::message_too_big);
}

TEST_CASE("C09 the number of fragments is limited, empty ones included") {
    const MessageProgress almost{.fragments = 4, .bytes = 0};
    const MessageProgress full{.fragments = 5, .bytes = 0};
    CHECK_FALSE(at_server({.opcode = Opcode::continuation}, almost));
    CHECK(at_server({.opcode = Opcode::continuation}, full) == Error::too_many_fragments);
    CHECK_FALSE(at_server({.opcode = Opcode::ping}, full));
}

TEST_CASE("each violation has its close code") {
    CHECK(close_code_for(Error::message_too_big) == CloseCode::too_big);
    CHECK(close_code_for(Error::too_many_fragments) == CloseCode::too_big);
    CHECK(close_code_for(Error::invalid_utf8) == CloseCode::invalid_bytes);
    CHECK(close_code_for(Error::slow_consumer) == CloseCode::policy_violation);
    CHECK(close_code_for(Error::message_timeout) == CloseCode::policy_violation);
    CHECK(close_code_for(Error::unmasked_frame) == CloseCode::protocol_error);
    CHECK(close_code_for(Error::bad_close_code) == CloseCode::protocol_error);
    CHECK(close_code_for(Error::reserved_bits) == CloseCode::protocol_error);
}
