// What the containers of core do with memory: how much they keep, and what is left of them when
// there is no more.

#include <hawser/core/backlog.hpp>
#include <hawser/core/base64.hpp>
#include <hawser/core/message_builder.hpp>
#include <hawser/core/output.hpp>
#include <hawser/core/queue.hpp>

#include <doctest/doctest.h>

#include <support/allocated_bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

using hawser::Backlog;
using hawser::BacklogOptions;
using hawser::ByteView;
using hawser::Message;
using hawser::MessageBuilder;
using hawser::Output;
using hawser::Queue;
using hawser::SlowConsumer;

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
thread_local std::size_t allocations_left = unlimited;
thread_local std::size_t allocations_made = 0;

}  // namespace

// Never inlined, as a compiler that sees `free` where it knows of a `new` warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
    void* const memory = allocations_left == 0 ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc{};
    if (allocations_left != unlimited) --allocations_left;
    ++allocations_made;
    return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// A sanitizer ends the program where `malloc` cannot give as much as it is asked for, unless told.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

namespace {

/// How many times `operate` takes memory.
template <class Operate>
std::size_t allocations_of(Operate operate) {
    const std::size_t before = allocations_made;
    operate();
    return allocations_made - before;
}

/// Whether `operate` succeeds if only so many allocations do.
template <class Operate>
bool succeeds_with(std::size_t allocations, Operate operate) {
    allocations_left = allocations;
    try {
        operate();
    } catch (const std::bad_alloc&) {
        allocations_left = unlimited;
        return false;
    }
    allocations_left = unlimited;
    return true;
}

/// Lets `change` of what `make` gives fail at its first allocation, its second, and so on until it
/// succeeds. `check(subject)` is to hold after each failure.
template <class Make, class Change, class Check>
void fail_each_allocation(Make make, Change change, Check check) {
    std::size_t allocations = 0;
    for (bool succeeded = false; !succeeded; ++allocations) {
        CAPTURE(allocations);
        auto subject = make();
        succeeded = succeeds_with(allocations, [&] { change(subject); });
        if (!succeeded) check(subject);
    }
    CHECK(allocations > 1);
}

const std::string long_key(100, 'k');

/// The key of each message is long enough to need memory.
BacklogOptions options_for(SlowConsumer policy) {
    return {.limits = {.hard = 400},
            .slow_consumer = policy,
            .conflation_key = [](const Message& m) { return long_key + std::string{m.view()}; }};
}

/// Copied bytes, a long frame and copied bytes again, of which some have been consumed.
Output make_output() {
    Output output;
    output.append("0123");
    output.append_frame(Message::text(std::string(5000, 'x')));
    output.append("4567");
    output.consume(3);
    return output;
}

}  // namespace

TEST_CASE("a queue to which memory is denied is as it was") {
    for (const int size : {0, 1, 4, 16}) {
        for (const int popped : {0, 1, 8, 15}) {
            const auto make = [&] {
                Queue<int> queue;
                for (int i = 0; i != size; ++i) queue.push(i);
                for (int i = 0; i != popped && !queue.empty(); ++i) queue.pop();
                return queue;
            };
            const auto expected = make();
            const auto make_room = [](auto& queue) { queue.make_room(20); };
            fail_each_allocation(make, make_room, [&](const auto& queue) {
                REQUIRE(queue.size() == expected.size());
                for (std::size_t i = 0; i != queue.size(); ++i) CHECK(queue[i] == expected[i]);
            });
        }
    }
}

TEST_CASE("an output to which memory is denied is as it was") {
    const auto expected = make_output().flatten();
    const auto is_unchanged = [&](const Output& output) {
        CHECK(output.size() == expected.size());
        CHECK(output.flatten() == expected);
    };
    const std::string piece(1000, 'p');
    const Message message = Message::text(std::string(5000, 'y'));
    fail_each_allocation(make_output, [&](Output& o) { o.append(piece); }, is_unchanged);
    fail_each_allocation(
        make_output, [&](Output& o) { static_cast<void>(o.extend(1000)); }, is_unchanged);
    fail_each_allocation(make_output, [&](Output& o) { o.append_frame(message); }, is_unchanged);
    fail_each_allocation(
        make_output, [&](Output& o) { o.append_with_head(message.frame().first(3), message); },
        is_unchanged);
}

TEST_CASE("when an output cannot be appended to another, both are as they were") {
    const auto expected = make_output().flatten();
    const auto make = [] { return std::pair{make_output(), make_output()}; };
    const auto change = [](auto& outputs) { outputs.first.append(std::move(outputs.second)); };
    fail_each_allocation(make, change, [&](const auto& outputs) {
        CHECK(outputs.first.flatten() == expected);
        CHECK(outputs.second.flatten() == expected);
    });
}

TEST_CASE("a backlog to which memory is denied is as it was") {
    for (const SlowConsumer policy : {SlowConsumer::close, SlowConsumer::drop_newest,
                                      SlowConsumer::drop_oldest, SlowConsumer::conflate}) {
        CAPTURE(static_cast<int>(policy));
        const BacklogOptions options = options_for(policy);
        const auto make = [&] {
            Backlog backlog{options};
            for (const char* text : {"a", "b", "c", "d"}) {
                REQUIRE(backlog.push(Message::text(text)) == Backlog::Push::accepted);
            }
            return backlog;
        };
        const bool drops = policy == SlowConsumer::drop_oldest;
        const Message fifth = drops ? Message::text(std::string(390, 'e')) : Message::text("e");
        const auto push = [&](Backlog& backlog) {
            static_cast<void>(backlog.push(Message{fifth}));
        };
        fail_each_allocation(make, push, [&](Backlog& backlog) {
            REQUIRE(backlog.messages() == 4);
            CHECK(backlog.bytes() == 12);
            CHECK(backlog.dropped() == 0);
            for (const char* text : {"a", "b", "c"}) CHECK(backlog.pop().view() == text);
            CHECK(backlog.push(Message{fifth}) == Backlog::Push::accepted);
            CHECK(backlog.pop().view() == "d");
            CHECK(backlog.pop() == fifth);
        });
    }
}

TEST_CASE("a message too long for the memory throws, and the builder is as it was") {
    const std::byte byte{'x'};
    const volatile std::size_t huge = std::numeric_limits<std::size_t>::max() / 4;
    const ByteView view{&byte, huge};
    CHECK_THROWS_AS(static_cast<void>(Message::binary(view)), std::bad_alloc);
    MessageBuilder builder;
    CHECK_THROWS_AS(builder.append(view), std::bad_alloc);
    CHECK(builder.empty());
    builder.append(hawser::as_bytes("abc"));
    CHECK_THROWS_AS(builder.append(view), std::bad_alloc);
    CHECK(hawser::as_characters(builder.bytes()) == "abc");
}

TEST_CASE("a finished message keeps little more than its bytes") {
    const std::size_t before = test::allocated_bytes();
    MessageBuilder builder;
    static_cast<void>(builder.prepare(60'000));
    builder.append(std::vector<std::byte>(100));
    const Message message = builder.finish(Message::Kind::binary, Message::Utf8::unchecked);
    CHECK(test::allocated_bytes() - before < 200);
    CHECK(message.size() == 100);
}

TEST_CASE("an output lets go of a frame that was written") {
    const std::size_t before = test::allocated_bytes();
    Output output;
    output.append_frame(Message::binary(std::vector<std::byte>(1'000'000)));
    output.append("rest");
    CHECK(test::allocated_bytes() - before > 1'000'000);
    output.consume(output.size() - 1);
    CHECK(test::allocated_bytes() - before < 10'000);
}

TEST_CASE("an output that never runs empty does not grow") {
    const std::size_t before = test::allocated_bytes();
    const std::vector<std::byte> frame(5000);
    Output output;
    output.append("so that something is left");
    for (int i = 0; i != 10'000; ++i) {
        output.append(ByteView{frame}.first(100));
        output.append_frame(Message::binary(frame));
        output.consume(100 + 5004);
    }
    CHECK(test::allocated_bytes() - before < 20'000);
}

TEST_CASE("an output that has become empty keeps a small buffer, not a large one") {
    Output output;
    output.append(std::string(Output::kept, 'x'));
    output.consume(Output::kept);
    CHECK(allocations_of([&] { static_cast<void>(output.extend(Output::kept)); }) == 0);
    const std::size_t before = test::allocated_bytes();
    static_cast<void>(output.extend(1));
    output.consume(output.size());
    CHECK(test::allocated_bytes() < before);
    CHECK(allocations_of([&] { output.append("x"); }) == 1);
}

TEST_CASE("an output that grows byte by byte takes memory a few times only") {
    Output output;
    CHECK(allocations_of([&] {
              for (int i = 0; i != 100'000; ++i) output.append("x");
          }) < 20);
}

TEST_CASE("one message at a time passes through all containers without taking memory") {
    const BacklogOptions options;
    Backlog backlog{options};
    Output output;
    const auto pass = [&] {
        static_cast<void>(backlog.push(Message::text("a small message")));
        output.append_frame(backlog.pop());
        output.consume(output.size());
    };
    pass();
    CHECK(allocations_of([&] {
              for (int i = 0; i != 1000; ++i) pass();
          }) == 0);
}

TEST_CASE("a backlog takes memory for its first batch of messages only, until it rests") {
    const BacklogOptions options;
    Backlog backlog{options};
    const auto pass = [&] {
        for (std::size_t i = 0; i != Backlog::kept; ++i) REQUIRE(backlog.try_push(Message{}));
        while (!backlog.empty()) static_cast<void>(backlog.pop());
    };
    pass();
    CHECK(allocations_of([&] {
              for (int i = 0; i != 100; ++i) pass();
          }) == 0);
    const std::size_t before = test::allocated_bytes();
    backlog.rest();
    CHECK(before - test::allocated_bytes() >= Backlog::kept * sizeof(Message));
}

TEST_CASE("base64url is decoded without memory of its own") {
    std::array<std::byte, 27> into{};
    bool decoded = false;
    CHECK(allocations_of([&] {
              decoded = hawser::decode_base64url("BwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka", into);
          }) == 0);
    CHECK(decoded);
}
