#include <hawser/websocket/deflate.hpp>

#include <support/allocated_bytes.hpp>
#include <support/random.hpp>

#include <framing/frames.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using namespace hawser;
using namespace hawser::websocket;
using test::Bytes;
using test::bytes_of;

namespace {

constexpr std::size_t any_limit = 1 << 30;
constexpr DeflateDirection kept{.context_takeover = true};

/// Both ends of one direction: what compresses, and what inflates it.
struct Pair {
    std::unique_ptr<MessageCodec> client;
    std::unique_ptr<MessageCodec> server;

    explicit Pair(const DeflateOptions& options = {.threshold = 1}) {
        // As both keep to what this side says of itself, the peer may agree to anything.
        const auto ours = deflate(options);
        const auto theirs = deflate({.send = kept, .receive = kept, .threshold = 1});
        auto accepted = ours->accept(theirs->offer());
        REQUIRE(accepted);
        server = std::move(accepted->codec);
        auto agreed = theirs->agree(accepted->field);
        REQUIRE(agreed);
        client = *std::move(agreed);
    }
};

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

Bytes compressed(MessageCodec& codec, std::string_view text) {
    const auto message = codec.compress(Message::text(text));
    REQUIRE(message);
    return copy_of(message->bytes());
}

/// A text, or the error's.
std::string inflated(MessageCodec& codec, ByteView bytes, std::size_t limit = any_limit,
                     std::size_t piece = any_limit) {
    MessageBuilder builder;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(piece, bytes.size()))) {
        const auto next = bytes.first(std::min(piece, bytes.size()));
        if (const auto error = codec.inflate(next, builder, limit)) return error.message();
        REQUIRE(builder.capacity() <= limit);
    }
    if (const auto error = codec.finish_inflating(builder, limit)) return error.message();
    return std::string{as_characters(builder.bytes())};
}

std::string message_of(Error error) { return make_error_code(error).message(); }

/// Text that can be compressed, and differs from line to line.
std::string sample(std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i != lines; ++i)
        text += R"({"kind":"tick","number":)" + std::to_string(i * 7919) + "}\n";
    return text;
}

}  // namespace

TEST_CASE("the examples of RFC 7692 §7.2.3 inflate to what they say") {
    Pair pair{{.send = kept, .receive = kept}};
    const auto inflate = [&](std::initializer_list<unsigned> bytes) {
        return inflated(*pair.server, bytes_of(bytes));
    };
    const auto hello = {0xf2U, 0x48U, 0xcdU, 0xc9U, 0xc9U, 0x07U, 0x00U};
    CHECK(inflate(hello) == "Hello");
    CHECK(inflate({0xf2, 0x00, 0x11, 0x00, 0x00}) == "Hello");  // from the window
    CHECK(inflate(hello) == "Hello");
    // A block without compression; one with BFINAL set; two blocks.
    CHECK(inflate({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00}) == "Hello");
    CHECK(inflate({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}) == "Hello");
    CHECK(inflate({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07,
                   0x00}) == "Hello");
    CHECK(inflate({0x00}) == "");
}

TEST_CASE("a message is compressed as the RFC's example, and again into less") {
    Pair pair{{.send = kept, .threshold = 1}};
    const auto first = compressed(*pair.server, "Hello");
    const auto second = compressed(*pair.server, "Hello");
    CHECK(first == bytes_of({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}));
    CHECK(second == bytes_of({0xf2, 0x00, 0x11, 0x00, 0x00}));
    CHECK(inflated(*pair.client, first) == "Hello");
    CHECK(inflated(*pair.client, second) == "Hello");
}

TEST_CASE("messages come back as they were, however they were agreed on and cut") {
    test::Random random;
    CAPTURE(random.seed());
    for (const int bits : {9, 10, 12, 15}) {
        for (const bool takeover : {false, true}) {
            Pair pair{{.send = {bits, takeover},
                       .receive = {bits, takeover},
                       .level = static_cast<int>(1 + random.below(9)),
                       .memory_level = static_cast<int>(1 + random.below(9)),
                       .threshold = 1}};
            for (int i = 0; i != 10; ++i) {
                const std::string text = random.one_in(3) ? random.text(1 + random.below(50'000))
                                                          : sample(1 + random.below(3000));
                auto [from, to] = std::pair{pair.client.get(), pair.server.get()};
                if (random.one_in(2)) std::swap(from, to);
                const auto message = from->compress(Message::text(text));
                if (!message) continue;  // it would not have become shorter
                REQUIRE(inflated(*to, message->bytes(), text.size(), 1 + random.below(5000)) ==
                        text);
            }
        }
    }
}

TEST_CASE("a short message, and one that would not become shorter, goes as it is") {
    Pair pair{{.threshold = 100}};
    CHECK_FALSE(pair.server->compress(Message::text(std::string(99, 'x'))));
    CHECK(pair.server->compress(Message::text(std::string(100, 'x'))));
    test::Random random;
    CAPTURE(random.seed());
    CHECK_FALSE(pair.server->compress(Message::binary(random.bytes(1000))));
    Pair all{{.send = kept, .threshold = 0}};
    CHECK_FALSE(all.server->compress(Message::text("")));
    CHECK(all.server->compress(Message::text("x")));
}

TEST_CASE("with a window kept, what does not become shorter is compressed all the same") {
    // Else the two windows would differ.
    Pair pair{{.send = kept, .threshold = 1}};
    test::Random random;
    CAPTURE(random.seed());
    const Message noise = Message::binary(random.bytes(1000));
    for (int i = 0; i != 3; ++i) {
        const auto message = pair.server->compress(noise);
        REQUIRE(message);
        CHECK(message->size() < (i == 0 ? 1100U : 50U));
        CHECK(inflated(*pair.client, message->bytes()) == noise.view());
    }
}

TEST_CASE("without a window kept each message stands alone, and refers to none before") {
    Pair pair;
    const auto first = compressed(*pair.server, sample(10));
    CHECK(compressed(*pair.server, sample(10)) == first);
    CHECK(inflated(*pair.client, first) == sample(10));
    CHECK(inflated(*pair.client, first) == sample(10));
    // The second "Hello" of the RFC's example.
    const Bytes hello = bytes_of({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00});
    CHECK(inflated(*pair.server, hello) == "Hello");
    CHECK(inflated(*pair.server, bytes_of({0xf2, 0x00, 0x11, 0x00, 0x00})) ==
          message_of(Error::bad_compressed_bytes));
}

TEST_CASE("a message for many is compressed once for all who agreed on the same window") {
    const auto compression = deflate({.threshold = 1});
    const Message message = Message::text(sample(100));
    const auto form_for = [&](std::string_view offer) {
        auto accepted = compression->accept(offer);
        REQUIRE(accepted);
        const auto form = accepted->codec->compress(message);
        REQUIRE(form);
        return form->bytes().data();
    };
    const auto* const first = form_for("permessage-deflate");
    const auto* const small = form_for("permessage-deflate; server_max_window_bits=10");
    CHECK(small != first);
    for (int i = 0; i != 1000; ++i) {
        CHECK(form_for("permessage-deflate; server_no_context_takeover") == first);
        CHECK(form_for("permessage-deflate; server_max_window_bits=10") == small);
    }
    const auto other_level = deflate({.level = 1, .threshold = 1})->accept("permessage-deflate");
    CHECK(other_level->codec->compress(message)->bytes().data() != first);
}

TEST_CASE("that a message for many does not become shorter is found out once") {
    const auto compression = deflate({.threshold = 1});
    test::Random random;
    const Message noise = Message::binary(random.bytes(1000));
    const auto before = test::allocated_bytes();
    for (int i = 0; i != 100; ++i)
        CHECK_FALSE(compression->accept("permessage-deflate")->codec->compress(noise));
    CHECK(noise.form(15 << 8 | 6 << 4 | 8) != nullptr);
    CHECK(test::allocated_bytes() < before + 1000);
}

TEST_CASE("what was compressed and did not leave is not referred to") {
    Pair pair{{.send = kept, .threshold = 1}};
    CHECK(inflated(*pair.client, compressed(*pair.server, "Hello")) == "Hello");
    static_cast<void>(compressed(*pair.server, "lost, lost, lost"));
    pair.server->forget_compressed();
    CHECK(inflated(*pair.client, compressed(*pair.server, "lost, lost, lost")) ==
          "lost, lost, lost");
}

TEST_CASE("a client that may use no window that zlib has compresses nothing") {
    auto codec = deflate({.threshold = 1})
                     ->agree("permessage-deflate; server_no_context_takeover; "
                             "client_max_window_bits=8");
    REQUIRE(codec);
    CHECK_FALSE((*codec)->compress(Message::text(sample(10))));
    CHECK(inflated(**codec, bytes_of({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00})) == "Hello");
}

TEST_CASE("C14 inflation stops at the limit, and costs no more than it") {
    Pair pair;
    const std::string text(1 << 20, 'x');
    const Bytes bomb = compressed(*pair.client, text);
    CHECK(bomb.size() < 2000);
    CHECK(inflated(*pair.server, bomb, text.size()) == text);
    for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{4095},
                                    std::size_t{4096}, std::size_t{4097}, text.size() - 1}) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, any_limit}) {
            Pair fresh;
            MessageBuilder builder;
            std::error_code error;
            for (ByteView left = bomb; !left.empty() && !error;) {
                const auto next = left.first(std::min(piece, left.size()));
                error = fresh.server->inflate(next, builder, limit);
                left = left.subspan(next.size());
            }
            if (!error) error = fresh.server->finish_inflating(builder, limit);
            CHECK(error == Error::message_too_big);
            CHECK(builder.size() == limit);
            CHECK(builder.capacity() <= limit);
        }
    }
}

TEST_CASE("C14 what would be 10 GiB is stopped at once") {
    // 10 MiB of bytes, each block of which stands for a thousand times as much; the first is
    // enough.
    Pair maker;
    const Bytes block = compressed(*maker.client, std::string(10 << 20, '\0'));
    Pair pair;
    MessageBuilder builder;
    const std::size_t before = test::allocated_bytes();
    std::error_code error;
    int blocks = 0;
    for (; blocks != 1024 && !error; ++blocks)
        error = pair.server->inflate(block, builder, 1 << 20);
    CHECK(error == Error::message_too_big);
    CHECK(blocks == 1);
    CHECK(test::allocated_bytes() - before < (1 << 20) + 100'000);
}

TEST_CASE("C15 malformed bytes are refused, and so is a message that ends in the middle") {
    const std::string bad = message_of(Error::bad_compressed_bytes);
    for (const Bytes& bytes : {
             bytes_of({0xFF}),                                      // a reserved kind of block
             bytes_of({0x00, 0x05, 0x00, 0x00, 0x00}),              // a length that is not repeated
             bytes_of({0xf2, 0x00, 0x11, 0x00, 0x00}),              // before the window
             bytes_of({0xf2, 0x48, 0xcd}),                          // in the middle of a block
             bytes_of({0x00, 0x00, 0xff, 0xff}),                    // a length and three bytes
             bytes_of({0x00, 0x06, 0x00, 0xf9, 0xff, 0x48}),        // one byte of six
             bytes_of({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}),  // no block behind BFINAL
             Bytes{},                                               // not even a block's header
         }) {
        for (const std::size_t piece : {std::size_t{1}, any_limit}) {
            Pair pair{{.receive = kept}};
            CHECK(inflated(*pair.server, bytes, any_limit, piece) == bad);
        }
    }
}

TEST_CASE("C15 behind a block with BFINAL set nothing before it is referred to") {
    Pair pair{{.receive = kept}};
    const Bytes final_hello = bytes_of({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00});
    CHECK(inflated(*pair.server, final_hello) == "Hello");
    CHECK(inflated(*pair.server, bytes_of({0xf2, 0x00, 0x11, 0x00, 0x00})) ==
          message_of(Error::bad_compressed_bytes));

    Bytes many;
    for (int i = 0; i != 1000; ++i)
        test::append(many, bytes_of({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}));
    many.push_back(std::byte{0});
    Pair another;
    CHECK(inflated(*another.server, many, 5000).size() == 5000);
}

TEST_CASE("C15 random bytes never do more than fail") {
    test::Random random;
    CAPTURE(random.seed());
    Pair source;
    const Bytes good = compressed(*source.client, sample(50));
    for (int i = 0; i != 2000; ++i) {
        Pair pair{{.receive = kept}};
        Bytes bytes = random.one_in(2) ? random.bytes(1 + random.below(100)) : good;
        bytes[random.below(bytes.size())] = static_cast<std::byte>(random.below(256));
        bytes.resize(1 + random.below(bytes.size()));
        static_cast<void>(inflated(*pair.server, bytes, 10'000, 1 + random.below(20)));
    }
}

TEST_CASE("between messages a connection keeps state only for a window that is kept") {
    const auto kept_by = [](const DeflateOptions& options) {
        Pair pair{options};
        const std::size_t before = test::allocated_bytes();
        const auto sent = pair.server->compress(Message::text(sample(100)));
        REQUIRE(sent);
        const Bytes received = compressed(*pair.client, sample(100));
        const std::size_t peer = test::allocated_bytes();
        CHECK(inflated(*pair.server, received) == sample(100));
        return std::pair{peer - before, test::allocated_bytes() - peer};
    };
    static_cast<void>(kept_by({.threshold = 1}));  // malloc keeps some for the next
    const auto none = kept_by({.threshold = 1});
    CHECK(none.first < 2'000);
    CHECK(none.second < 2'000);
    const auto both = kept_by({.send = kept, .receive = kept, .threshold = 1});
    CHECK(both.first > 200'000);
    CHECK(both.second > 32'000);
    CHECK(both.second < 50'000);
}

TEST_CASE("options that zlib cannot do are refused at once") {
    CHECK_THROWS_AS(static_cast<void>(deflate({.level = 0})), std::system_error);
    CHECK_THROWS_AS(static_cast<void>(hawser::deflate({.send = {.window_bits = 8}})),
                    std::system_error);
}
