#include <hawser/core/message.hpp>

#include <doctest/doctest.h>

#include <support/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using hawser::ByteView;
using hawser::Message;
using Kind = Message::Kind;
using Utf8 = Message::Utf8;

static_assert(sizeof(Message) == 64);
static_assert(std::is_nothrow_copy_constructible_v<Message>);
static_assert(std::is_nothrow_move_constructible_v<Message>);
static_assert(std::is_nothrow_move_assignable_v<Message>);

namespace {

/// Around each border: of the object, and of the three forms of a frame's length.
constexpr std::size_t sizes[] = {0, 1, 45, 46, 47, 125, 126, 127, 65535, 65536, 65537};

std::vector<std::byte> vector_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// RFC 6455 §5.2, written once more.
std::vector<std::byte> encode(Kind kind, ByteView payload) {
    std::vector<std::byte> frame;
    const auto put = [&](std::size_t byte) { frame.push_back(static_cast<std::byte>(byte)); };
    const std::size_t size = payload.size();
    put(kind == Kind::text ? 0x80 + 0x1 : 0x80 + 0x2);
    if (size < 126) {
        put(size);
    } else if (size < 65536) {
        put(126);
        put(size / 256);
        put(size % 256);
    } else {
        put(127);
        for (int shift = 56; shift >= 0; shift -= 8) put(size >> shift & 0xFF);
    }
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
}

bool lies_in(const Message& message, const std::byte* byte) {
    const auto* const begin = reinterpret_cast<const std::byte*>(&message);
    return begin <= byte && byte < begin + sizeof(Message);
}

}  // namespace

TEST_CASE("a message gives back its kind and its bytes, and the frame that carries them") {
    test::Random random;
    CAPTURE(random.seed());
    for (const std::size_t size : sizes) {
        for (const Kind kind : {Kind::text, Kind::binary}) {
            CAPTURE(size);
            const auto bytes = random.bytes(size);
            const Message message = Message::make(kind, bytes);
            CHECK(message.kind() == kind);
            CHECK(message.is_text() == (kind == Kind::text));
            CHECK(message.size() == size);
            CHECK(message.empty() == (size == 0));
            CHECK(vector_of(message.bytes()) == bytes);
            CHECK(message.view() == hawser::as_characters(bytes));
            CHECK(vector_of(message.frame()) == encode(kind, bytes));
        }
    }
}

TEST_CASE("a new message is empty and binary") {
    const Message message;
    CHECK(message.kind() == Kind::binary);
    CHECK(message.empty());
    CHECK(message.utf8() == Utf8::unchecked);
    CHECK(vector_of(message.frame()) == encode(Kind::binary, {}));
}

TEST_CASE("text and binary name their kind") {
    CHECK(Message::text("ahoy").is_text());
    CHECK(Message::text("ahoy").view() == "ahoy");
    CHECK(!Message::binary(hawser::as_bytes("ahoy")).is_text());
    CHECK(Message::binary(hawser::as_bytes("ahoy")).view() == "ahoy");
}

TEST_CASE("messages are equal when kind and bytes are") {
    CHECK(Message::text("a") == Message::text("a"));
    CHECK(Message::text("a") != Message::text("b"));
    CHECK(Message::text("a") != Message::text("aa"));
    CHECK(Message::text("a") != Message::binary(hawser::as_bytes("a")));
    const std::string text(1000, 'x');
    CHECK(Message::text(text) == Message::text(text));
    CHECK(Message::text(text) != Message::text(text + "y"));
}

TEST_CASE("a short message keeps its bytes in the object, a long one shares them with its copies") {
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        const bool is_short = size <= Message::inline_capacity;
        const Message original = Message::text(std::string(size, 'x'));
        const Message copy = original;
        CHECK(copy == original);
        CHECK(lies_in(original, original.frame().data()) == is_short);
        CHECK(lies_in(copy, copy.frame().data()) == is_short);
        CHECK((original.bytes().data() == copy.bytes().data()) == !is_short);
    }
}

TEST_CASE("a copy outlives what it was copied from") {
    for (const std::size_t size : sizes) {
        const std::string text(size, 'x');
        Message copy;
        {
            const Message original = Message::text(text);
            copy = original;
        }
        CHECK(copy.view() == text);
    }
}

TEST_CASE("a message that is moved leaves an empty one of its kind behind") {
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        const std::string text(size, 'x');
        Message from = Message::text(text);
        const Message to = std::move(from);
        CHECK(to == Message::text(text));
        CHECK(from == Message::text(""));
        CHECK(vector_of(from.frame()) == encode(Kind::text, {}));
        from = Message::text("again");
        CHECK(from.view() == "again");
    }
}

TEST_CASE("every message can be assigned to every other, copied or moved") {
    for (const std::size_t from_size : sizes) {
        for (const std::size_t to_size : sizes) {
            const Message from = Message::text(std::string(from_size, 'f'));
            Message to = Message::binary(hawser::as_bytes(std::string(to_size, 't')));
            to = from;
            CHECK(to == from);
            Message source = from;
            to = Message{};
            to = std::move(source);
            CHECK(to == from);
            CHECK(source.empty());
            CHECK(vector_of(to.frame()) == vector_of(from.frame()));
        }
    }
}

TEST_CASE("a message may be assigned to itself") {
    for (const std::size_t size : sizes) {
        const Message copy = Message::text(std::string(size, 'x'));
        Message message = copy;
        Message& same = message;
        message = same;
        CHECK(message == copy);
        message = std::move(same);
        CHECK(message == copy);
    }
}

TEST_CASE("two messages may be swapped") {
    Message a = Message::text("short");
    Message b = Message::binary(hawser::as_bytes(std::string(100, 'x')));
    std::swap(a, b);
    CHECK(a == Message::binary(hawser::as_bytes(std::string(100, 'x'))));
    CHECK(b == Message::text("short"));
}

TEST_CASE("what is known of the encoding when a message is made stays with it") {
    for (const std::size_t size : sizes) {
        const auto bytes = std::vector<std::byte>(size, std::byte{'x'});
        const Message message = Message::make(Kind::text, bytes, Utf8::valid);
        const Message copy = message;
        Message assigned;
        assigned = message;
        CHECK(message.utf8() == Utf8::valid);
        CHECK(copy.utf8() == Utf8::valid);
        CHECK(assigned.utf8() == Utf8::valid);
        CHECK(Message::make(Kind::text, bytes).utf8() == Utf8::unchecked);
        CHECK(Message::make(Kind::text, bytes, Utf8::invalid).utf8() == Utf8::invalid);
    }
}

TEST_CASE("a message may be filled in its place, with what is found of its encoding") {
    test::Random random;
    CAPTURE(random.seed());
    for (const std::size_t size : sizes) {
        const auto bytes = random.bytes(size);
        const std::byte* filled = nullptr;
        const Message message = Message::filled(Kind::text, size, [&](hawser::MutableBytes place) {
            REQUIRE(place.size() == size);
            std::ranges::copy(bytes, place.begin());
            filled = place.data();
            return Utf8::invalid;
        });
        CHECK(vector_of(message.bytes()) == bytes);
        CHECK(vector_of(message.frame()) == encode(Kind::text, bytes));
        CHECK(message.utf8() == Utf8::invalid);
        if (size > Message::inline_capacity) CHECK(message.bytes().data() == filled);
    }
}

TEST_CASE("the copies of a long message remember the check of its encoding together") {
    const Message message = Message::text(std::string(47, 'x'));
    const Message copy = message;
    copy.remember_utf8(Utf8::valid);
    CHECK(message.utf8() == Utf8::valid);

    const Message little = Message::text(std::string(46, 'x'));
    little.remember_utf8(Utf8::valid);
    CHECK(little.utf8() == Utf8::unchecked);
}

TEST_CASE("what a long message was made into stays with it, by the way it was made") {
    const Message message = Message::text(std::string(47, 'x'));
    const Message copy = message;
    const Message form = Message::binary(std::vector<std::byte>(100));
    CHECK(message.form(1) == nullptr);
    message.remember_form(1, form);
    copy.remember_form(2, Message{});
    REQUIRE(copy.form(1) != nullptr);
    CHECK(copy.form(1)->bytes().data() == form.bytes().data());
    REQUIRE(message.form(2) != nullptr);
    CHECK(message.form(2)->empty());
    CHECK(message.form(3) == nullptr);

    const Message little = Message::text(std::string(46, 'x'));
    little.remember_form(1, form);
    CHECK(little.form(1) == nullptr);
}

TEST_CASE("the forms of a message may be made and found by different threads") {
    const Message message = Message::text(std::string(100, 'x'));
    const auto make_forms = [copy = message] {
        for (std::uint32_t key = 0; key != 100; ++key) {
            if (copy.form(key) == nullptr) {
                copy.remember_form(key, Message::text(std::string(50 + key, 'y')));
            }
            if (copy.form(key)->size() != 50 + key) std::abort();
        }
    };
    std::thread other{make_forms};
    make_forms();
    other.join();
    CHECK(message.form(99)->size() == 149);
}

TEST_CASE("the copies of a message may be used from different threads") {
    const std::string text(100, 'x');
    Message mine = Message::text(text);
    std::latch both_run{2};
    std::thread other{[theirs = mine, &text, &both_run] {
        both_run.arrive_and_wait();
        for (int i = 0; i != 100'000; ++i) {
            const Message copy = theirs;
            copy.remember_utf8(Utf8::valid);
            if (copy.view() != text) std::abort();
        }
    }};
    both_run.arrive_and_wait();
    for (int i = 0; i != 100'000; ++i) {
        const Message copy = mine;
        if (i % 2 == 0) mine = copy;
        static_cast<void>(copy.utf8());
    }
    const Message last = std::exchange(mine, Message{});
    other.join();
    CHECK(last.utf8() == Utf8::valid);
    CHECK(last.view() == text);
}

TEST_CASE("the last copy of a message may be dropped by any thread") {
    for (int i = 0; i != 200; ++i) {
        Message mine = Message::text(std::string(100, 'x'));
        std::thread other{[theirs = mine] { CHECK(theirs.bytes().back() == std::byte{'x'}); }};
        CHECK(mine.bytes().front() == std::byte{'x'});
        mine = Message{};
        other.join();
    }
}
