#include <hawser/websocket/connection.hpp>

#include <hawser/websocket/deflate.hpp>

#include <websocket/compressed_frames.hpp>

#include <support/allocated_bytes.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Compressed messages of peers that mean no good, and of some that do, to a server that has agreed
// on permessage-deflate. The codec's own tests have more ways to be malformed.

using namespace hawser;
using namespace hawser::websocket;
using test::Bytes;
using test::bytes_of;
using test::Driven;
using test::frame;
using test::rsv1;
using Events = std::vector<std::string>;

namespace {

constexpr DeflateDirection kept{.context_takeover = true};

http::RequestHead offering_head(std::string_view offer) {
    auto head = test::upgrade_head();
    head.fields.add("Sec-WebSocket-Extensions", offer);
    return head;
}

/// A server that has agreed on what was offered, and keeps windows if it may.
struct Server {
    std::shared_ptr<const Compression> compression =
        deflate({.send = kept, .receive = kept, .threshold = 1});
    Driven driven;

    explicit Server(const ConnectionOptions& options = {},
                    std::string_view offer = "permessage-deflate")
        : driven{Role::server, options, test::upgrade(offering_head(offer), compression.get())} {
        driven.open();
    }
};

/// A text message of one compressed frame.
Bytes packed(std::initializer_list<unsigned> bytes) {
    return frame(1, rsv1, bytes_of(bytes));
}

Bytes compressed(std::string_view text) {
    const auto accepted = deflate({.level = 9, .threshold = 1})->accept("permessage-deflate");
    const auto form = accepted->codec->compress(Message::text(text));
    // What did not become shorter would go as it is: as a block without compression, then.
    if (form) return {form->bytes().begin(), form->bytes().end()};
    const auto size = static_cast<unsigned>(text.size());
    const Bytes head = bytes_of({0x00, size, 0x00, ~size & 0xFF, 0xff});
    return test::joined({head, bytes_of(text), bytes_of({0x00})});
}

Events outcome_of(const Bytes& bytes, const ConnectionOptions& options = {}) {
    return test::outcome_of<Server>(bytes, options);
}

}  // namespace

TEST_CASE("B09 whatever is offered, the handshake succeeds, with compression or without") {
    const auto compression = deflate();
    for (const std::string_view offer :
         {"x-unknown; a=1", "permessage-deflate; x; x", "permessage-deflate; foo",
          "permessage-deflate; server_max_window_bits=7",
          "permessage-deflate; server_max_window_bits=8",
          "permessage-deflate; server_max_window_bits=16",
          "permessage-deflate; server_max_window_bits=\"\"",
          "permessage-deflate; server_max_window_bits=abc",
          "permessage-deflate; server_max_window_bits=-1",
          "permessage-deflate; server_max_window_bits=1000000000000000000000000000000", ";;;"}) {
        CAPTURE(offer);
        const auto upgrade = test::upgrade(offering_head(offer), compression.get());
        CHECK_FALSE(upgrade.response.fields.contains("Sec-WebSocket-Extensions"));
        CHECK_FALSE(upgrade.codec);
    }
    const auto twice = test::upgrade(
        offering_head("permessage-deflate, permessage-deflate; client_max_window_bits"),
        compression.get());
    CHECK(twice.response.fields.find("Sec-WebSocket-Extensions") ==
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    CHECK(twice.codec);
}

TEST_CASE("C02 C15 RSV1 stands on the first frame of a message, and on no other") {
    const Bytes begun = frame(1, rsv1, bytes_of({0xf2, 0x48}), false);
    for (const Bytes& bad : {
             test::joined({begun, frame(0, rsv1, bytes_of({0xcd, 0xc9, 0xc9, 0x07, 0x00}))}),
             frame(9, rsv1, as_bytes("ping")),
             frame(8, rsv1, {}),
             frame(0, rsv1, {}),
         }) {
        CHECK(outcome_of(bad).back() == test::violation(1002, Error::reserved_bits));
    }
}

TEST_CASE("messages may be compressed or not, whole or in fragments with pings between them") {
    const Bytes bytes = test::joined({
        packed({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}),
        frame(1, 0, as_bytes("plain")),
        frame(1, rsv1, bytes_of({0xf2}), false),
        frame(0, 0, {}, false),
        frame(9, 0, as_bytes("ping")),
        frame(0, 0, bytes_of({0x00, 0x11, 0x00, 0x00})),
        packed({0x00}),
    });
    CHECK(outcome_of(bytes) ==
          Events{"opened", "text Hello", "text plain", "text Hello", "text "});
}

TEST_CASE("C13 text goes wrong in the middle of a compressed frame, not at its end") {
    const Bytes bad = compressed("begin \xC0" + std::string(1000, 'x'));
    CHECK(outcome_of(frame(1, rsv1, bad)).back() == test::violation(1007, Error::invalid_utf8));
    Server server;
    server.driven.receive(test::encode(
        {.opcode = 1, .reserved = rsv1, .key = test::some_key, .announced = 100}, bad));
    CHECK(server.driven.last_event() == test::violation(1007, Error::invalid_utf8));
    CHECK(outcome_of(frame(1, rsv1, compressed("\xE2\x82"))).back() ==
          test::violation(1007, Error::invalid_utf8));
}

TEST_CASE("C14 a bomb is stopped at the limit, and costs no more than it") {
    const Bytes bomb = compressed(std::string(10 << 20, '\0'));
    REQUIRE(bomb.size() < 11'000);
    ConnectionOptions options;
    options.message.bytes = 100'000;
    CHECK(outcome_of(frame(2, rsv1, bomb), options).back() ==
          test::violation(1009, Error::message_too_big));

    Bytes fragments = frame(2, rsv1, bomb, false);
    for (int i = 0; i != 10; ++i)
        test::append(fragments, frame(0, 0, bomb, false));
    Server server{options};
    server.driven.receive(frame(2, rsv1, compressed("to be at work"), true));
    const std::size_t before = test::allocated_bytes();
    auto bytes = fragments;
    std::size_t taken = 0;
    while (taken != bytes.size() && server.driven.connection.read_limit() != 0) {
        const auto piece = MutableBytes{bytes}.subspan(taken);
        taken += server.driven.connection.receive(piece.first(std::min<std::size_t>(
                                                      piece.size(), 500)),
                                                  server.driven.now);
        REQUIRE(test::allocated_bytes() - before < fragments.size() + 100'000 + 60'000);
    }
    server.driven.receive(ByteView{});
    CHECK(server.driven.last_event() == test::violation(1009, Error::message_too_big));
}

TEST_CASE("C14 exactly the limit is no bomb") {
    ConnectionOptions options;
    options.message.bytes = 100'000;
    const std::string text(100'000, 'x');
    CHECK(outcome_of(frame(1, rsv1, compressed(text)), options).back() == "text " + text);
    CHECK(outcome_of(frame(1, rsv1, compressed(text + 'x')), options).back() ==
          test::violation(1009, Error::message_too_big));
}

TEST_CASE("C14 blocks of nothing may be longer than the limit, but are too big without end") {
    ConnectionOptions options;
    options.message.bytes = 1000;
    Bytes nothing;
    for (int i = 0; i != 200; ++i)
        test::append(nothing, bytes_of({0x00, 0x00, 0x00, 0xff, 0xff}));
    Bytes bytes = frame(2, rsv1, nothing, false);
    const Bytes end = frame(0, 0, bytes_of({0x00}));
    CHECK(outcome_of(test::joined({bytes, frame(0, 0, nothing, false), end}), options).back() ==
          "binary ");
    for (int i = 0; i != 3; ++i)
        test::append(bytes, frame(0, 0, nothing, false));
    CHECK(outcome_of(bytes, options).back() == test::violation(1009, Error::message_too_big));
}

TEST_CASE("C15 malformed compressed bytes end the connection with 1002") {
    for (const Bytes& bad : {
             packed({0xFF}),
             packed({0xf2, 0x00, 0x11, 0x00, 0x00}),
             packed({0xf2, 0x48, 0xcd}),
             frame(2, rsv1, bytes_of({0x00, 0x00, 0xff, 0xff})),
             packed({}),
         }) {
        CHECK(outcome_of(bad).back() == test::violation(1002, Error::bad_compressed_bytes));
    }
}

TEST_CASE("C15 without context takeover a message that refers to one before is refused") {
    Server server{{}, "permessage-deflate; client_no_context_takeover"};
    server.driven.receive(packed({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}));
    CHECK(server.driven.last_event() == "text Hello");
    server.driven.receive(packed({0xf2, 0x00, 0x11, 0x00, 0x00}));
    CHECK(server.driven.last_event() == test::violation(1002, Error::bad_compressed_bytes));
}

TEST_CASE("C16 flipped bits and cuts never do more than close") {
    test::Random random;
    CAPTURE(random.seed());
    const Bytes good = test::joined({frame(1, rsv1, compressed(random.text(300))),
                                     packed({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}),
                                     frame(1, 0, as_bytes("plain"))});
    for (int i = 0; i != 1000; ++i) {
        Bytes bytes = good;
        bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1U << random.below(8));
        bytes.resize(1 + random.below(bytes.size()));
        Server server;
        for (const auto& piece : test::in_pieces_of(bytes, 1 + random.below(100)))
            server.driven.receive(piece);
        server.driven.receive_eof();
        REQUIRE(server.driven.last_event().starts_with("closed "));
    }
}
