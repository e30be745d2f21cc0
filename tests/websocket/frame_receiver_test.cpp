#include <hawser/websocket/frame_receiver.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace hawser;
using namespace std::chrono_literals;
using websocket::FrameReceiver;
using Found = FrameReceiver::Found;

namespace {

constexpr MessageLimits limits{};

test::Bytes masked(unsigned opcode, std::string_view payload, bool fin = true) {
    return test::encode({.opcode = opcode, .fin = fin, .key = test::some_key}, payload);
}

/// Gives bytes until all are taken or something is found.
FrameReceiver::Step feed(FrameReceiver& receiver, test::Bytes& bytes, TimePoint now) {
    FrameReceiver::Step step;
    for (MutableBytes left{bytes}; !left.empty() && step.found == Found::nothing;) {
        step = receiver.receive(left, now);
        left = left.subspan(step.consumed);
    }
    return step;
}

}  // namespace

TEST_CASE("a whole frame is one step, and what follows it is left alone") {
    FrameReceiver receiver{Role::server, limits};
    test::Bytes bytes = test::joined({masked(1, "hello"), masked(2, "next")});
    const test::Bytes next{bytes.begin() + 11, bytes.end()};
    const auto step = receiver.receive(bytes, test::start);
    CHECK(step.found == Found::message);
    CHECK(step.consumed == 11);
    CHECK(receiver.has_message());
    const Message message = receiver.take_message();
    CHECK(message == Message::text("hello"));
    CHECK(message.utf8() == Message::Utf8::valid);
    CHECK_FALSE(receiver.has_message());
    CHECK(test::Bytes(bytes.begin() + 11, bytes.end()) == next);
}

TEST_CASE("control frames are told apart, whole or in pieces, with their bytes") {
    struct {
        unsigned opcode;
        Found found;
    } const kinds[] = {{8, Found::close}, {9, Found::ping}, {10, Found::pong}};
    for (const auto [opcode, found] : kinds) {
        CAPTURE(opcode);
        for (const std::size_t size : {1U, 3U, 7U, 100U}) {
            FrameReceiver receiver{Role::server, limits};
            FrameReceiver::Step step;
            auto pieces = test::in_pieces_of(masked(opcode, "\x03\xE8"), size);
            for (auto& piece : pieces) {
                CHECK(step.found == Found::nothing);
                step = feed(receiver, piece, test::start);
            }
            CHECK(step.found == found);
            CHECK(as_characters(step.payload) == "\x03\xE8");
        }
    }
}

TEST_CASE("the deadline of a message runs from its first byte to its last") {
    FrameReceiver receiver{Role::server, limits};
    CHECK(receiver.deadline(10s) == never);
    test::Bytes first = masked(1, "a", false);
    feed(receiver, first, test::start);
    CHECK(receiver.deadline(10s) == test::start + 10s);
    test::Bytes ping = masked(9, "");
    feed(receiver, ping, test::start + 5s);
    CHECK(receiver.deadline(10s) == test::start + 10s);
    receiver.restart_clock(test::start + 8s);
    CHECK(receiver.deadline(10s) == test::start + 18s);
    test::Bytes last = masked(0, "b");
    CHECK(feed(receiver, last, test::start + 9s).found == Found::message);
    CHECK(receiver.take_message() == Message::text("ab"));
    CHECK(receiver.deadline(10s) == never);
}

TEST_CASE("a control frame that came in pieces leaves no deadline behind") {
    FrameReceiver receiver{Role::server, limits};
    test::Bytes ping = masked(9, "p");
    test::Bytes begin{ping.begin(), ping.begin() + 1};
    feed(receiver, begin, test::start);
    CHECK(receiver.deadline(10s) == test::start + 10s);
    test::Bytes end{ping.begin() + 1, ping.end()};
    feed(receiver, end, test::start);
    CHECK(receiver.deadline(10s) == never);
    test::Bytes next = masked(1, "a", false);
    feed(receiver, next, test::start + 7s);
    CHECK(receiver.deadline(10s) == test::start + 17s);
}

TEST_CASE("what is incomplete can be forgotten") {
    FrameReceiver receiver{Role::server, limits};
    test::Bytes first = masked(1, "a", false);
    feed(receiver, first, test::start);
    receiver.discard();
    CHECK(receiver.deadline(10s) == never);
    CHECK(receiver.prepare().empty());
}

TEST_CASE("a whole frame breaks the same rules as one in pieces") {
    const std::pair<test::Bytes, Error> bad[] = {
        {test::encode({.opcode = 1}, "x"), Error::unmasked_frame},
        {test::encode({.opcode = 3, .key = test::some_key}), Error::reserved_opcode},
        {test::encode({.reserved = 1, .key = test::some_key}), Error::reserved_bits},
        {masked(0, "x"), Error::unexpected_continuation},
        {masked(1, "\xFF"), Error::invalid_utf8},
        {masked(1, "\xE2\x82"), Error::invalid_utf8},
    };
    for (const auto& [bytes, error] : bad) {
        for (const std::size_t size : {std::size_t{1}, bytes.size()}) {
            FrameReceiver receiver{Role::server, limits};
            FrameReceiver::Step step;
            for (auto& piece : test::in_pieces_of(bytes, size)) {
                if (!step.error) step = feed(receiver, piece, test::start);
            }
            CHECK(step.found == Found::violation);
            CHECK(step.error == error);
        }
    }
}
