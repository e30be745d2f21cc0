#include <hawser/core/output.hpp>

#include <doctest/doctest.h>

#include <support/random.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using hawser::ByteView;
using hawser::Message;
using hawser::Output;
using hawser::as_bytes;

static_assert(std::is_nothrow_move_constructible_v<Output>);
static_assert(std::is_nothrow_move_assignable_v<Output>);

namespace {

using Bytes = std::vector<std::byte>;

std::string text_of(const Output& output) {
    const Bytes bytes = output.flatten();
    return std::string{hawser::as_characters(bytes)};
}

/// A message whose frame has `size` bytes.
Message message_with_frame(std::size_t size, char fill = 'x') {
    const std::size_t header = size <= 127 ? 2 : 4;
    return Message::text(std::string(size - header, fill));
}

/// Checks what `gather` promises, for every small number of places.
void check_gather(const Output& output, const Bytes& all) {
    std::array<ByteView, 6> places;
    for (std::size_t count = 0; count <= places.size(); ++count) {
        const std::size_t used = output.gather(std::span{places}.first(count));
        REQUIRE(used <= count);
        std::size_t at = 0;
        for (const ByteView piece : std::span{places}.first(used)) {
            REQUIRE(!piece.empty());
            REQUIRE(piece.size() <= all.size() - at);
            REQUIRE(std::equal(piece.begin(), piece.end(), all.begin() + std::ptrdiff_t(at)));
            at += piece.size();
        }
        // Places are left only where nothing is left.
        if (used < count) REQUIRE(at == all.size());
    }
}

/// An output and the bytes it is to hold.
struct Pair {
    Output output;
    Bytes model;

    void append(test::Random& random) {
        if (random.one_in(4)) {
            const Message message = Message::binary(random.bytes(3000 + random.below(2500)));
            output.append_frame(message);
            model.insert(model.end(), message.frame().begin(), message.frame().end());
            return;
        }
        if (random.one_in(4)) {
            const Bytes head = random.bytes(random.below(14));
            const Message message = Message::binary(random.bytes(3000 + random.below(2500)));
            output.append_with_head(head, message);
            model.insert(model.end(), head.begin(), head.end());
            model.insert(model.end(), message.bytes().begin(), message.bytes().end());
            return;
        }
        const Bytes bytes = random.bytes(random.below(random.one_in(10) ? 5000 : 50));
        if (random.one_in(2)) {
            output.append(bytes);
        } else {
            std::ranges::copy(bytes, output.extend(bytes.size()).begin());
        }
        model.insert(model.end(), bytes.begin(), bytes.end());
    }

    void consume(test::Random& random) {
        const std::size_t most = random.one_in(2) ? 100 : model.size();
        const std::size_t size = random.below(std::min(most, model.size()) + 1);
        output.consume(size);
        model.erase(model.begin(), model.begin() + std::ptrdiff_t(size));
    }

    void append(Pair other) {
        output.append(std::move(other.output));
        model.insert(model.end(), other.model.begin(), other.model.end());
        REQUIRE(other.output.empty());
        REQUIRE(other.output.flatten().empty());
    }

    void check() const {
        REQUIRE(output.size() == model.size());
        REQUIRE(output.empty() == model.empty());
        REQUIRE(output.flatten() == model);
        check_gather(output, model);
    }
};

/// An output with some content, of which some may have been consumed already.
Pair make_pair(test::Random& random) {
    Pair pair;
    for (std::size_t parts = random.below(5); parts != 0; --parts) pair.append(random);
    if (random.one_in(2)) pair.consume(random);
    return pair;
}

}  // namespace

TEST_CASE("an output does what a vector of bytes does") {
    test::Random random;
    CAPTURE(random.seed());
    for (int round = 0; round != 60; ++round) {
        Pair pair;
        for (int step = 0; step != 60; ++step) {
            switch (random.below(8)) {
            case 0: pair.append(make_pair(random)); break;
            case 1: pair = Pair{std::move(pair)}; break;
            case 2: pair = Pair{pair}; break;
            case 3:
            case 4:
            case 5: pair.consume(random); break;
            default: pair.append(random); break;
            }
            pair.check();
        }
        pair.output.clear();
        pair.model.clear();
        pair.check();
    }
}

TEST_CASE("a frame is shared from the documented size on, else copied") {
    for (const std::size_t size : {Output::share_from - 1, Output::share_from}) {
        const Message message = message_with_frame(size);
        REQUIRE(message.frame().size() == size);
        Output output;
        output.append_frame(message);
        std::array<ByteView, 2> places;
        REQUIRE(output.gather(places) == 1);
        CHECK(places[0].size() == size);
        CHECK((places[0].data() == message.frame().data()) == (size == Output::share_from));
    }
}

TEST_CASE("bytes with another head are shared from the documented size on, else copied") {
    for (const std::size_t size : {Output::share_from - 1, Output::share_from}) {
        const Message message = Message::text(std::string(size - 4, 'x'));
        Output output;
        output.append("before ");
        output.append_with_head(as_bytes("head"), message);
        CHECK(text_of(output) == "before head" + std::string(size - 4, 'x'));
        std::array<ByteView, 3> pieces;
        const bool is_shared = output.gather(pieces) == 2 &&
                               pieces[1].data() == message.bytes().data();
        CHECK(is_shared == (size == Output::share_from));
    }
}

TEST_CASE("short pieces are copied together into one") {
    Output output;
    output.append("GET ");
    output.append(as_bytes("/ HTTP/1.1"));
    output.append_frame(Message::text("hi"));
    std::array<ByteView, 4> places;
    REQUIRE(output.gather(places) == 1);
    CHECK(hawser::as_characters(places[0]) == "GET / HTTP/1.1\x81\x02hi");
}

TEST_CASE("a shared frame keeps its place between copied bytes") {
    const Message message = message_with_frame(5000);
    Output output;
    output.append("before");
    output.append_frame(message);
    output.append_frame(message);
    output.append("after");
    std::array<ByteView, 5> places;
    REQUIRE(output.gather(places) == 4);
    CHECK(hawser::as_characters(places[0]) == "before");
    CHECK(places[1].data() == message.frame().data());
    CHECK(places[2].data() == message.frame().data());
    CHECK(hawser::as_characters(places[3]) == "after");
    CHECK(output.size() == 6 + 5000 + 5000 + 5);
}

TEST_CASE("consuming stops anywhere, also within a shared frame") {
    const Message message = message_with_frame(5000);
    const Bytes frame{message.frame().begin(), message.frame().end()};
    Output whole;
    whole.append("ab");
    whole.append_frame(message);
    whole.append("cd");
    Bytes all = whole.flatten();
    constexpr std::size_t sizes[] = {1, 2, 3, 5001, 5002, 5003, 5004};
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        Output output = whole;
        output.consume(size);
        CHECK(output.flatten() == Bytes(all.begin() + std::ptrdiff_t(size), all.end()));
    }
}

TEST_CASE("appending an output shares what it shares, whole or begun") {
    const Message message = message_with_frame(5000);
    constexpr std::size_t starts[] = {0, 3, 4999};
    for (const std::size_t consumed : starts) {
        CAPTURE(consumed);
        Output source;
        source.append_frame(message);
        source.append("tail");
        source.consume(consumed);
        Output output;
        output.append("head");
        output.append(std::move(source));
        std::array<ByteView, 4> places;
        REQUIRE(output.gather(places) == 3);
        CHECK(hawser::as_characters(places[0]) == "head");
        CHECK(places[1].data() == message.frame().data() + consumed);
        CHECK(hawser::as_characters(places[2]) == "tail");
    }
}

TEST_CASE("appending an output to itself changes nothing") {
    Output output;
    output.append("abc");
    Output& same = output;
    output.append(std::move(same));
    CHECK(text_of(output) == "abc");
}

TEST_CASE("appending an output to an empty one, or an empty one, is moving it or nothing") {
    Output output;
    output.append("used");
    output.consume(4);
    Output source;
    source.append("0123");
    source.consume(2);
    output.append(std::move(source));
    CHECK(text_of(output) == "23");
    CHECK(source.empty());
    output.append(Output{});
    output.append("");
    CHECK(text_of(output) == "23");
    source.append("again");
    CHECK(text_of(source) == "again");
}

TEST_CASE("an output that was moved is empty and can be used again") {
    Output from;
    from.append("copied");
    from.append_frame(message_with_frame(5000));
    from.consume(1);
    Output to = std::move(from);
    CHECK(to.size() == 5005);
    CHECK(from.empty());
    CHECK(from.size() == 0);
    CHECK(from.flatten().empty());
    from.append("again");
    CHECK(text_of(from) == "again");
    from = std::move(to);
    CHECK(from.size() == 5005);
    CHECK(to.empty());
}

TEST_CASE("a copy of an output goes its own way") {
    Output output;
    output.append("abc");
    Output copy = output;
    copy.consume(1);
    copy.append("d");
    CHECK(text_of(output) == "abc");
    CHECK(text_of(copy) == "bcd");
}

TEST_CASE("room at the end may be nothing") {
    Output output;
    CHECK(output.extend(0).empty());
    CHECK(output.empty());
    std::array<ByteView, 1> places;
    CHECK(output.gather(places) == 0);
    output.consume(0);
    CHECK(output.empty());
}
