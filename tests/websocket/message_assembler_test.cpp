#include <hawser/websocket/message_assembler.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace hawser;
using websocket::MessageAssembler;
using enum MessageAssembler::Found;

namespace {

constexpr MessageLimits limits{.bytes = 1'000'000, .fragments = 100};

/// Feeds pieces, writes down what is found, stops at a violation.
struct Assembling {
    MessageAssembler assembler{Role::server, limits, test::start};
    std::vector<std::string> found = {};
    std::error_code error = {};
    std::size_t placed = 0;

    void feed(test::Bytes bytes) {
        for (MutableBytes left{bytes}; !left.empty() && !error;) {
            const MutableBytes room = assembler.prepare();
            left = left.subspan(room.empty() ? receive(left) : place(left, room));
        }
    }

private:
    std::size_t receive(MutableBytes bytes) {
        const auto step = assembler.receive(bytes);
        note(step);
        return step.consumed;
    }
    std::size_t place(MutableBytes bytes, MutableBytes room) {
        const std::size_t size = std::min(bytes.size(), room.size());
        std::copy_n(bytes.begin(), size, room.begin());
        placed += size;
        note(assembler.commit(size));
        return size;
    }
    void note(const MessageAssembler::Step& step) {
        error = step.error;
        if (step.found == message) found.push_back(test::described(assembler.take_message()));
        if (step.found == control) {
            found.push_back("control " + std::string{as_characters(assembler.control_payload())});
        }
    }
};

test::Frame masked(unsigned opcode, bool fin = true) {
    return {.opcode = opcode, .fin = fin, .key = test::some_key};
}

}  // namespace

TEST_CASE("messages, fragments and control frames are put together from any pieces") {
    test::Random random;
    CAPTURE(random.seed());
    const std::string longer(70'000, 'x');
    const test::Bytes bytes = test::joined({
        test::encode(masked(1, false), "frag"),
        test::encode(masked(9), "between"),
        test::encode(masked(0, false), ""),
        test::encode(masked(0), "ment"),
        test::encode(masked(2), longer),
        test::encode(masked(8), "\x03\xE8"),
    });
    const std::vector<std::string> expected{"control between", "text fragment", "binary " + longer,
                                            "control \x03\xE8"};
    for (const auto& pieces : test::all_splits(bytes, random)) {
        Assembling assembling;
        for (const auto& piece : pieces)
            assembling.feed(piece);
        REQUIRE_FALSE(assembling.error);
        REQUIRE(assembling.found == expected);
        REQUIRE(assembling.assembler.at_rest());
    }
}

TEST_CASE("an assembler is at rest only between messages") {
    Assembling assembling;
    CHECK(assembling.assembler.at_rest());
    for (const auto& piece : test::in_pieces_of(test::encode(masked(1, false), "a"), 1)) {
        assembling.feed(piece);
        CHECK_FALSE(assembling.assembler.at_rest());
    }
    for (const auto& piece : test::in_pieces_of(test::encode(masked(0), "b"), 1)) {
        CHECK_FALSE(assembling.assembler.at_rest());
        assembling.feed(piece);
    }
    CHECK(assembling.found == std::vector<std::string>{"text ab"});
    CHECK(assembling.assembler.at_rest());
}

TEST_CASE("C05 no place is offered before enough of a message has arrived") {
    Assembling assembling;
    const std::string payload(200'000, 'x');
    const test::Bytes bytes = test::encode(masked(2), payload);
    const std::size_t enough = MessageAssembler::place_from + 14;
    assembling.feed({bytes.begin(), bytes.begin() + 20});
    CHECK(assembling.assembler.prepare().empty());
    assembling.feed({bytes.begin() + 20, bytes.begin() + static_cast<std::ptrdiff_t>(enough)});
    CHECK_FALSE(assembling.assembler.prepare().empty());
    CHECK(assembling.assembler.prepare().size() <= MessageBuilder::first_room);
    assembling.feed({bytes.begin() + static_cast<std::ptrdiff_t>(enough), bytes.end()});
    CHECK(assembling.placed > payload.size() / 2);
    CHECK(assembling.found == std::vector<std::string>{"binary " + payload});
}

TEST_CASE("the last few bytes of a frame are not worth a place") {
    Assembling assembling;
    const test::Bytes bytes = test::encode(masked(2), std::string(30'000, 'x'));
    assembling.feed(
        {bytes.begin(), bytes.end() - std::ptrdiff_t{MessageAssembler::place_at_least - 1}});
    CHECK(assembling.assembler.prepare().empty());
}

TEST_CASE("no place is offered inside a control frame") {
    Assembling assembling;
    assembling.feed(test::encode(masked(2, false), std::string(30'000, 'x')));
    const test::Bytes ping = test::encode(masked(9), "0123456789");
    assembling.feed({ping.begin(), ping.begin() + 8});
    CHECK(assembling.assembler.prepare().empty());
}

TEST_CASE("C13 text is refused where it goes wrong, in the middle of a frame") {
    Assembling assembling;
    const test::Bytes bytes = test::encode(masked(1), "ok \xFF and much more");
    assembling.feed({bytes.begin(), bytes.begin() + 9});
    CHECK_FALSE(assembling.error);
    assembling.feed({bytes.begin() + 9, bytes.begin() + 10});
    CHECK(assembling.error == Error::invalid_utf8);
}

TEST_CASE("C13 text is refused where it goes wrong, in bytes that were placed") {
    Assembling assembling;
    std::string payload(100'000, 'x');
    payload[50'000] = '\xC0';
    for (const auto& piece : test::in_pieces_of(test::encode(masked(1), payload), 20'000)) {
        if (!assembling.error) assembling.feed(piece);
    }
    CHECK(assembling.placed > 0);
    CHECK(assembling.error == Error::invalid_utf8);
}

TEST_CASE("a violation in a header is found with its last byte at the latest") {
    Assembling assembling;
    assembling.feed(test::bytes_of({0x82, 0x05}));
    CHECK(assembling.error == Error::unmasked_frame);
    Assembling reserved;
    reserved.feed(test::bytes_of({0x83, 0xFF}));
    CHECK(reserved.error == Error::reserved_opcode);
}
