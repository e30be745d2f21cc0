#include "../benchmarks/ruler/message_shape.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using bench::MessageChecker;
using bench::MessageShape;
using bench::Opcode;
using bench::Stamp;
using bench::WrongEcho;

/// What a server finds in the frame of a message.
std::string payload_of(const MessageShape& shape, const Stamp& stamp) {
    std::string frame;
    shape.append_head(frame, stamp);
    frame += shape.masked_tail();
    std::string payload = frame.substr(frame.size() - shape.size());
    bench::mask(payload.data(), payload.size());
    return payload;
}

}  // namespace

TEST_CASE("a checker accepts what was sent, in any pieces, and no other order") {
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 300U}) {
        CAPTURE(size);
        const MessageShape shape{Opcode::binary, size};
        for (const std::size_t piece : {1U, 3U, 1000U}) {
            MessageChecker checker{shape, 5};
            for (std::uint64_t number = 0; number != 3; ++number) {
                const std::string payload = payload_of(shape, {5, number});
                for (std::size_t at = 0; at < size; at += piece)
                    checker.take(std::string_view{payload}.substr(at, piece));
                checker.end(Opcode::binary);
            }
            CHECK(checker.received() == 3);
        }
    }
}

TEST_CASE("a checker notices every changed byte") {
    const MessageShape shape{Opcode::binary, 40};
    for (std::size_t at = 0; at != shape.size(); ++at) {
        std::string payload = payload_of(shape, {0, 0});
        payload[at] = static_cast<char>(payload[at] ^ 1);
        MessageChecker checker{shape, 0};
        CHECK_THROWS_AS(checker.take(payload), WrongEcho);
    }
}

TEST_CASE("a checker notices a message of another lane, a repeated one, and one too many bytes") {
    const MessageShape shape{Opcode::binary, 16};
    MessageChecker checker{shape, 1};
    CHECK_THROWS_AS(checker.take(payload_of(shape, {2, 0})), WrongEcho);
    checker.take(payload_of(shape, {1, 0}));
    CHECK_THROWS_AS(MessageChecker{checker}.take("x"), WrongEcho);
    checker.end(Opcode::binary);
    CHECK_THROWS_AS(checker.take(payload_of(shape, {1, 0})), WrongEcho);
}

TEST_CASE("a checker notices a message that ends early, or is of another kind") {
    const MessageShape shape{Opcode::binary, 16};
    MessageChecker checker{shape, 0};
    checker.take(payload_of(shape, {0, 0}).substr(0, 15));
    CHECK_THROWS_AS(checker.end(Opcode::binary), WrongEcho);
    checker.take(payload_of(shape, {0, 0}).substr(15));
    CHECK_THROWS_AS(checker.end(Opcode::text), WrongEcho);
}

TEST_CASE("a text is printable, stamp and all") {
    const MessageShape shape{Opcode::text, 500};
    const std::string payload = payload_of(shape, {99'999, 268'435'455});
    const auto is_printable = [](char byte) { return byte >= ' ' && byte <= '~'; };
    CHECK(std::ranges::all_of(payload, is_printable));
}
