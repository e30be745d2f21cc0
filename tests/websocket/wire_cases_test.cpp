#include <hawser/websocket/connection.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

// What a conformance suite for RFC 6455 asks of an echo, in both roles: sizes, pings, fragments,
// UTF-8 and close codes.

using namespace hawser;
using test::Bytes;
using test::Driven;
using Frames = std::vector<std::string>;

namespace {

constexpr Role roles[] = {Role::server, Role::client};
constexpr std::size_t sizes[] = {0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20};

Bytes from_peer(Role role, test::Frame frame, std::string_view payload = {}) {
    if (role == Role::server) frame.key = test::some_key;
    return test::encode(frame, payload);
}

/// Receives `bytes` in pieces of `size` and sends every message back.
Frames echoed(Role role, const Bytes& bytes, std::size_t size) {
    Driven side{role};
    side.open();
    std::size_t answered = 1;
    for (const auto& piece : test::in_pieces_of(bytes, size)) {
        side.receive(piece);
        for (; answered != side.events.size(); ++answered) {
            const std::string& event = side.events[answered];
            REQUIRE(event.starts_with("text "));
            side.send(std::string_view{event}.substr(5));
        }
    }
    return side.frames();
}

}  // namespace

TEST_CASE("text of every size comes back, in every piece size") {
    for (const Role role : roles) {
        for (const std::size_t size : sizes) {
            CAPTURE(size);
            const std::string text(size, '*');
            const Bytes bytes = from_peer(role, {.opcode = 1}, text);
            CHECK(echoed(role, bytes, test::any_budget) == Frames{"text " + text});
            CHECK(echoed(role, bytes, 997) == Frames{"text " + text});
            if (size < 1000) CHECK(echoed(role, bytes, 1) == Frames{"text " + text});
        }
    }
}

TEST_CASE("pings of every size are answered, also byte by byte") {
    for (const Role role : roles) {
        for (const std::size_t size : {0U, 1U, 124U, 125U}) {
            const std::string payload(size, '\xFE');
            const Bytes bytes = from_peer(role, {.opcode = 9}, payload);
            CHECK(echoed(role, bytes, test::any_budget) == Frames{"pong " + payload});
            CHECK(echoed(role, bytes, 1) == Frames{"pong " + payload});
        }
    }
}

TEST_CASE("ten pings are all answered, one by one or all at once") {
    Bytes bytes;
    Frames expected;
    for (int i = 0; i != 10; ++i) {
        test::append(bytes, from_peer(Role::server, {.opcode = 9}, std::to_string(i)));
        expected.push_back("pong " + std::to_string(i));
    }
    CHECK(echoed(Role::server, bytes, 7) == expected);
    CHECK(echoed(Role::server, bytes, test::any_budget) == expected);
}

TEST_CASE("a message in fragments, with control frames between them, comes back in one frame") {
    for (const Role role : roles) {
        const auto fragment = [role](unsigned opcode, bool fin, std::string_view payload) {
            return from_peer(role, {.opcode = opcode, .fin = fin}, payload);
        };
        const Bytes bytes = test::joined({fragment(1, false, "frag"), fragment(9, true, "one"),
                                          fragment(0, false, ""), fragment(10, true, "pong"),
                                          fragment(0, false, "men"), fragment(9, true, "two"),
                                          fragment(0, true, "t"), fragment(1, true, "next")});
        const Frames expected{"pong one", "pong two", "text fragment", "text next"};
        CHECK(echoed(role, bytes, 1) == expected);
        CHECK(echoed(role, bytes, 5) == expected);
        CHECK(echoed(role, bytes, test::any_budget) == expected);
    }
}

TEST_CASE("a long message in fragments of every size comes back whole") {
    const std::string text(65'536, '*');
    for (const std::size_t size : {64U, 256U, 1024U, 4096U, 16'384U, 65'536U}) {
        CAPTURE(size);
        Bytes bytes;
        for (std::size_t at = 0; at != text.size(); at += size) {
            test::append(bytes,
                         from_peer(Role::server,
                                   {.opcode = at == 0 ? 1U : 0U, .fin = at + size == text.size()},
                                   std::string_view{text}.substr(at, size)));
        }
        CHECK(echoed(Role::server, bytes, 4001) == Frames{"text " + text});
    }
}

TEST_CASE("valid UTF-8 comes back, with characters cut at every place") {
    for (const std::string_view text :
         {"Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!",
          "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF",
          "\xEE\x80\x80", "\xED\x9F\xBF", "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xC2\x80", "\x7F",
          "\xEF\xB7\x90", "\xEF\xBB\xBF"}) {
        CAPTURE(text);
        for (std::size_t at = 0; at <= text.size(); ++at) {
            const Bytes bytes = test::joined(
                {from_peer(Role::server, {.opcode = 1, .fin = false}, text.substr(0, at)),
                 from_peer(Role::server, {.opcode = 0}, text.substr(at))});
            REQUIRE(echoed(Role::server, bytes, 1) == Frames{"text " + std::string{text}});
        }
    }
}

TEST_CASE("every close code that may be sent is echoed") {
    for (const Role role : roles) {
        for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U,
                                    3000U, 3999U, 4000U, 4999U}) {
            const char payload[] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
            Driven side{role};
            side.open().receive(from_peer(role, {.opcode = 8}, std::string_view{payload, 2}));
            CHECK(side.frames() == Frames{test::close_frame(code)});
            CHECK(side.reason.code == code);
            CHECK(side.reason.error == Error::closed);
        }
    }
}

TEST_CASE("a reason of 123 bytes is taken") {
    const std::string text(123, 'r');
    Driven server{Role::server};
    server.open().receive(from_peer(Role::server, {.opcode = 8}, "\x03\xE8" + text));
    CHECK(server.reason.text == text);
}
