#include <hawser/core/message_builder.hpp>

#include <doctest/doctest.h>

#include <support/random.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using hawser::ByteView;
using hawser::Message;
using hawser::MessageBuilder;
using hawser::MutableBytes;

static_assert(sizeof(MessageBuilder) == 24, "an idle connection has one");
static_assert(std::is_nothrow_move_constructible_v<MessageBuilder>);
static_assert(std::is_nothrow_move_assignable_v<MessageBuilder>);
static_assert(!std::is_copy_constructible_v<MessageBuilder>);

namespace {

std::vector<std::byte> vector_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// What the documentation promises.
void check_bound(const MessageBuilder& builder) {
    const std::size_t size = builder.size();
    REQUIRE(builder.capacity() >= size);
    REQUIRE(builder.capacity() <= std::max(2 * size, size + MessageBuilder::first_room));
}

Message finish(MessageBuilder& builder) {
    return builder.finish(Message::Kind::binary, Message::Utf8::unchecked);
}

}  // namespace

TEST_CASE("a message is what was appended, byte for byte") {
    constexpr std::size_t sizes[] = {0, 1, 45, 46, 47, 48, 125, 126, 65535, 65536, 200'000};
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        test::Random random;
        const auto bytes = random.bytes(size);
        MessageBuilder builder;
        builder.append(bytes);
        CHECK(builder.size() == size);
        CHECK(builder.empty() == (size == 0));
        CHECK(vector_of(builder.bytes()) == bytes);
        CHECK(finish(builder) == Message::binary(bytes));
        CHECK(builder.empty());
        CHECK(builder.capacity() == 0);
    }
}

TEST_CASE("a message is finished with its kind and what is known of its encoding") {
    constexpr std::size_t sizes[] = {3, 300};
    for (const std::size_t size : sizes) {
        MessageBuilder builder;
        builder.append(std::vector<std::byte>(size, std::byte{'x'}));
        const Message text = builder.finish(Message::Kind::text, Message::Utf8::valid);
        CHECK(text.is_text());
        CHECK(text.utf8() == Message::Utf8::valid);
        CHECK(text.frame()[0] == std::byte{0x81});
    }
}

TEST_CASE("appending and preparing in any order collects the bytes, within the bound") {
    test::Random random;
    CAPTURE(random.seed());
    for (int round = 0; round != 100; ++round) {
        MessageBuilder builder;
        std::vector<std::byte> model;
        for (std::size_t steps = random.below(30); steps != 0; --steps) {
            const auto bytes = random.bytes(random.below(random.one_in(5) ? 100'000 : 200));
            if (random.one_in(2)) {
                builder.append(bytes);
                model.insert(model.end(), bytes.begin(), bytes.end());
            } else {
                const std::size_t expected = 1 + random.below(100'000);
                const MutableBytes room = builder.prepare(expected);
                REQUIRE(!room.empty());
                REQUIRE(room.size() <= expected);
                check_bound(builder);
                const std::size_t written = std::min(bytes.size(), room.size());
                std::copy_n(bytes.begin(), written, room.begin());
                builder.commit(written);
                model.insert(model.end(), bytes.begin(), bytes.begin() + std::ptrdiff_t(written));
            }
            check_bound(builder);
            REQUIRE(builder.size() == model.size());
        }
        REQUIRE(vector_of(builder.bytes()) == model);
        REQUIRE(finish(builder) == Message::binary(model));
    }
}

TEST_CASE("bytes that are at hand may be written in their place") {
    MessageBuilder builder;
    CHECK(builder.extend(0).empty());
    builder.append(hawser::as_bytes("one "));
    const MutableBytes place = builder.extend(3);
    REQUIRE(place.size() == 3);
    hawser::copy_bytes(hawser::as_bytes("two"), place);
    CHECK(builder.size() == 7);
    CHECK(builder.extend(MessageBuilder::first_room * 2).size() == MessageBuilder::first_room * 2);
    check_bound(builder);
    CHECK(hawser::as_characters(builder.bytes().first(7)) == "one two");
}

TEST_CASE("a message that has a limit gets no room beyond it") {
    constexpr std::size_t limit = 10'000;
    const std::vector<std::byte> bytes(1000);
    MessageBuilder builder;
    std::size_t most = 0;
    while (builder.size() != limit) {
        builder.append(bytes, limit);
        REQUIRE(builder.capacity() <= limit);
        most += builder.capacity() == limit ? 1U : 0U;
    }
    CHECK(most > 1);  // it grew in steps, and not beyond
    CHECK(finish(builder).size() == limit);
}

TEST_CASE("bytes may be taken away from the end") {
    for (const std::size_t size : {10U, 100U}) {
        MessageBuilder builder;
        builder.append(std::vector<std::byte>(size - 3, std::byte{'x'}));
        builder.append(hawser::as_bytes("end"));
        builder.shorten(3);
        CHECK(builder.size() == size - 3);
        CHECK(finish(builder).view() == std::string(size - 3, 'x'));
    }
}

TEST_CASE("an announcement alone costs no more than the first room") {
    MessageBuilder builder;
    const auto room = builder.prepare(std::numeric_limits<std::size_t>::max());
    CHECK(room.size() == MessageBuilder::first_room);
    CHECK(builder.capacity() == MessageBuilder::first_room);
    CHECK(builder.empty());
}

TEST_CASE("a message of known length that comes at once gets exactly its room") {
    MessageBuilder builder;
    CHECK(builder.prepare(1000).size() == 1000);
    CHECK(builder.capacity() == 1000);
}

TEST_CASE("a long message fills the room in steps that at most double it") {
    MessageBuilder builder;
    std::size_t expected = std::size_t{1} << 20;
    std::size_t steps = 0;
    while (expected != 0) {
        const auto room = builder.prepare(expected);
        CHECK(room.size() <= std::max(builder.size(), MessageBuilder::first_room));
        std::ranges::fill(room, std::byte{7});
        builder.commit(room.size());
        expected -= room.size();
        ++steps;
    }
    CHECK(steps == 5);
    CHECK(finish(builder).size() == std::size_t{1} << 20);
}

TEST_CASE("what was prepared and not committed is no part of the message") {
    MessageBuilder builder;
    builder.append(hawser::as_bytes("ab"));
    const auto room = builder.prepare(100);
    std::ranges::fill(room, std::byte{'x'});
    builder.commit(1);
    CHECK(finish(builder) == Message::binary(hawser::as_bytes("abx")));
}

TEST_CASE("the tail of what was collected can be changed in place") {
    MessageBuilder builder;
    CHECK(builder.tail(0).empty());
    builder.append(hawser::as_bytes("abcd"));
    CHECK(builder.tail(4).empty());
    for (std::byte& byte : builder.tail(2)) byte ^= std::byte{0x20};
    CHECK(finish(builder) == Message::binary(hawser::as_bytes("abCD")));
}

TEST_CASE("a builder can be used again after it was finished or cleared") {
    MessageBuilder builder;
    builder.append(std::vector<std::byte>(100, std::byte{'x'}));
    const Message first = finish(builder);
    builder.append(hawser::as_bytes("forgotten"));
    builder.clear();
    CHECK(builder.empty());
    CHECK(builder.capacity() == 0);
    builder.append(hawser::as_bytes("second"));
    CHECK(finish(builder) == Message::binary(hawser::as_bytes("second")));
    CHECK(first == Message::binary(std::vector<std::byte>(100, std::byte{'x'})));
}

TEST_CASE("a builder that was moved is empty") {
    MessageBuilder from;
    from.append(hawser::as_bytes("abc"));
    MessageBuilder to = std::move(from);
    CHECK(from.empty());
    CHECK(from.capacity() == 0);
    CHECK(to.size() == 3);
    from.append(hawser::as_bytes("new"));
    to = std::move(from);
    CHECK(from.empty());
    CHECK(finish(to) == Message::binary(hawser::as_bytes("new")));
}
