#include <hawser/session/outbox.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hawser;
using session::Delivery;
using session::Outbox;

namespace {

std::string characters(const Output& output) {
    const auto bytes = output.flatten();
    return std::string{as_characters(bytes)};
}

/// The frame of a short text message.
std::string frame(std::string_view text) {
    return std::string{as_characters(Message::text(text).frame())};
}

struct Fixture {
    BacklogOptions options;
    Outbox outbox{options};

    void push(std::string_view text) {
        REQUIRE(outbox.push(Message::text(text)) == Backlog::Push::accepted);
    }
    std::string take(Outbox::TakeLimits limits = {.bytes = 1000}) {
        Output output;
        taken = outbox.take(output, limits);
        return characters(output);
    }
    Outbox::Taken taken{};
};

std::vector<std::byte> last_frame() { return {std::byte{0x88}, std::byte{0}}; }
const std::string last{"\x88\0", 2};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a message gets its number when it is first taken") {
    push("a");
    CHECK(outbox.last_number() == 0);
    CHECK(take() == frame("a"));
    CHECK(taken.first == 1);
    CHECK(taken.count == 1);
    CHECK(outbox.last_number() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is not acknowledged is taken again, in order, with the new") {
    push("a");
    push("b");
    CHECK(take() == frame("a") + frame("b"));
    push("c");
    CHECK(take() == frame("a") + frame("b") + frame("c"));
    CHECK(taken.first == 1);
    CHECK(outbox.retransmitted() == 2);
}

TEST_CASE_FIXTURE(Fixture, "what is acknowledged is never taken again") {
    push("a");
    push("b");
    push("c");
    CHECK(take() == frame("a") + frame("b") + frame("c"));
    outbox.release(2);
    CHECK(outbox.acknowledged() == 2);
    CHECK(take() == frame("c"));
    CHECK(taken.first == 3);
    outbox.release(3);
    CHECK(take() == "");
    CHECK(taken.count == 0);
    CHECK(outbox.empty());
}

TEST_CASE_FIXTURE(Fixture, "an older acknowledgement changes nothing") {
    push("a");
    push("b");
    (void)take();
    outbox.release(2);
    outbox.release(1);
    CHECK(outbox.acknowledged() == 2);
    CHECK(outbox.empty());
}

TEST_CASE_FIXTURE(Fixture, "what has no number yet cannot be acknowledged") {
    push("a");
    outbox.release(1);
    CHECK(outbox.acknowledged() == 0);
    CHECK(take() == frame("a"));
}

TEST_CASE_FIXTURE(Fixture, "frames are taken while they fit, but always one") {
    push("a");
    push("b");
    push("c");
    CHECK(take({.bytes = 6}) == frame("a") + frame("b"));
    CHECK(outbox.last_number() == 2);
    CHECK(take({.bytes = 5}) == frame("a"));
    CHECK(take({.bytes = 0}) == frame("a"));
    CHECK(take({.bytes = 9}) == frame("a") + frame("b") + frame("c"));
}

TEST_CASE_FIXTURE(Fixture, "no more messages are taken than asked for, but always one") {
    push("a");
    push("b");
    CHECK(take({.bytes = 1000, .messages = 1}) == frame("a"));
    CHECK(take({.bytes = 1000, .messages = 0}) == frame("a"));
    CHECK(outbox.last_number() == 1);
}

TEST_CASE_FIXTURE(Fixture, "the last frame comes behind everything and takes a number") {
    push("a");
    outbox.finish(last_frame());
    CHECK(outbox.is_finished());
    CHECK(take({.bytes = 3}) == frame("a"));
    CHECK(take() == frame("a") + last);
    CHECK(outbox.last_number() == 2);
    CHECK(outbox.retransmitted() == 1);
    CHECK(take() == frame("a") + last);
    CHECK(outbox.last_number() == 2);
}

TEST_CASE_FIXTURE(Fixture, "the last frame is taken again until it is acknowledged") {
    push("a");
    outbox.finish(last_frame());
    (void)take();
    outbox.release(1);
    CHECK_FALSE(outbox.is_delivered());
    CHECK_FALSE(outbox.empty());
    CHECK(take() == last);
    CHECK(taken.first == 2);
    outbox.release(2);
    CHECK(outbox.is_delivered());
    CHECK(outbox.empty());
    CHECK(take() == "");
}

TEST_CASE_FIXTURE(Fixture, "only the first last frame counts") {
    outbox.finish(last_frame());
    outbox.finish({std::byte{0x88}, std::byte{0x01}, std::byte{0}});
    CHECK(take() == last);
}

TEST_CASE_FIXTURE(Fixture, "an outbox without a last frame is never delivered to the end") {
    CHECK_FALSE(outbox.is_delivered());
    CHECK(outbox.empty());
}

TEST_CASE_FIXTURE(Fixture, "what is unacknowledged counts as backlog") {
    push("a");
    push("b");
    (void)take({.bytes = 3});
    CHECK(outbox.bytes() == 6);
    CHECK(outbox.messages() == 2);
    outbox.release(1);
    CHECK(outbox.bytes() == 3);
    CHECK(outbox.messages() == 1);
}

TEST_CASE("D12 unacknowledged messages leave less room for new ones, and are never dropped") {
    BacklogOptions options{.limits = {.high = 3, .low = 0, .hard = 9},
                           .slow_consumer = SlowConsumer::drop_oldest};
    Outbox outbox{options};
    Output output;
    for (const char* text : {"a", "b"}) (void)outbox.push(Message::text(text));
    (void)outbox.take(output, {.bytes = 6});
    for (const char* text : {"c", "d", "e"}) {
        CHECK(outbox.push(Message::text(text)) == Backlog::Push::accepted);
    }
    CHECK_FALSE(outbox.try_push(Message::text("f")));
    CHECK(outbox.backlog().dropped() == 2);
    output.clear();
    (void)outbox.take(output, {.bytes = 100});
    CHECK(characters(output) == frame("a") + frame("b") + frame("e"));
}

TEST_CASE_FIXTURE(Fixture, "what waits can be discarded, what has a number not") {
    push("a");
    (void)take();
    push("b");
    outbox.discard_waiting();
    CHECK(take() == frame("a"));
    CHECK(outbox.last_number() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a cleared outbox holds nothing and still knows its numbers") {
    push("a");
    push("b");
    push("c");
    (void)take({.bytes = 6});
    outbox.release(1);
    outbox.clear();
    CHECK(outbox.empty());
    CHECK(outbox.bytes() == 0);
    CHECK(outbox.delivery() == Delivery{.acknowledged = 1, .not_sent_from = 3});
}

TEST_CASE_FIXTURE(Fixture, "long messages are shared, not copied") {
    const auto message = Message::text(std::string(100'000, 'x'));
    (void)outbox.push(message);
    Output output;
    (void)outbox.take(output, {.bytes = 1});
    std::array<ByteView, 2> views;
    REQUIRE(output.gather(views) == 1);
    CHECK(views[0].data() == message.frame().data());
}
