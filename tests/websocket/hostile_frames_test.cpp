#include <hawser/websocket/connection.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace hawser;
using test::Bytes;
using test::Driven;
using test::encode;
using test::Frame;
using Events = std::vector<std::string>;

namespace {

/// A frame from a client, masked as it must be.
Bytes masked(unsigned opcode, std::string_view payload = {}) {
    return encode({.opcode = opcode, .key = test::some_key}, payload);
}
Bytes masked(Frame frame, std::string_view payload = {}) {
    frame.key = test::some_key;
    return encode(frame, payload);
}

struct Outcome {
    Events events;
    std::string last_frame;
    bool finished = false;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// What comes of `bytes`, which must be the same however they are split.
Outcome outcome_of(Role role, const Bytes& bytes,
                   const websocket::ConnectionOptions& options = {}) {
    test::Random random;
    CAPTURE(random.seed());
    std::vector<Outcome> outcomes;
    for (const auto& pieces : test::all_splits(bytes, random)) {
        Driven side{role, options};
        side.places = random.one_in(2);
        side.open();
        for (const auto& piece : pieces)
            side.receive(piece);
        CHECK(side.unread() == 0);
        outcomes.push_back({side.events, side.last_frame(), side.connection.finished()});
        REQUIRE(outcomes.back() == outcomes.front());
    }
    return outcomes.front();
}

/// Checks that `bytes` break a rule: the connection tells so in a close frame with `code`, and
/// ends.
void check_refused(Role role, const Bytes& bytes, unsigned code, Error error,
                   const websocket::ConnectionOptions& options = {}) {
    const Outcome outcome = outcome_of(role, bytes, options);
    CHECK(outcome.events.back() == test::violation(code, error));
    CHECK(outcome.last_frame == test::close_frame(code, make_error_code(error).message()));
    CHECK(outcome.finished);
}

void check_refused(const Bytes& bytes, unsigned code, Error error) {
    check_refused(Role::server, bytes, code, error);
    // The same behind a good message, and in the middle of a fragmented one.
    check_refused(Role::server, test::joined({masked(2, "good"), bytes}), code, error);
}

websocket::ConnectionOptions limited(std::size_t bytes, std::size_t fragments = 65536) {
    websocket::ConnectionOptions options;
    options.message = {.bytes = bytes, .fragments = fragments};
    return options;
}

}  // namespace

TEST_CASE("C01 a server refuses an unmasked frame, a client a masked one") {
    for (const unsigned opcode : {1U, 2U, 8U, 9U, 10U}) {
        CAPTURE(opcode);
        check_refused(encode({.opcode = opcode}, "ab"), 1002, Error::unmasked_frame);
        check_refused(encode({.opcode = opcode}), 1002, Error::unmasked_frame);
        check_refused(Role::client, masked(opcode, "ab"), 1002, Error::masked_frame);
    }
}

TEST_CASE("C02 reserved bits and opcodes are refused") {
    for (unsigned reserved = 1; reserved != 8; ++reserved) {
        CAPTURE(reserved);
        check_refused(masked({.opcode = 1, .reserved = reserved}, "x"), 1002, Error::reserved_bits);
        check_refused(masked({.opcode = 9, .reserved = reserved}), 1002, Error::reserved_bits);
    }
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        CAPTURE(opcode);
        check_refused(masked(opcode, "x"), 1002, Error::reserved_opcode);
        check_refused(masked({.opcode = opcode, .fin = false}), 1002, Error::reserved_opcode);
    }
}

TEST_CASE("C03 lengths beyond the limit are refused by the header alone") {
    constexpr auto top = std::uint64_t{1} << 63;
    check_refused(masked({.announced = top}), 1002, Error::bad_frame_length);
    check_refused(masked({.announced = ~std::uint64_t{0}}), 1002, Error::bad_frame_length);
    check_refused(masked({.announced = top - 1}), 1009, Error::message_too_big);
    check_refused(masked({.announced = std::uint64_t{1} << 32}), 1009, Error::message_too_big);
    check_refused(masked({.announced = (std::uint64_t{1} << 32) - 1}), 1009,
                  Error::message_too_big);
    check_refused(masked({.announced = (1U << 20) + 1}), 1009, Error::message_too_big);
}

TEST_CASE("C03 a continuation cannot overflow the size of its message") {
    const Bytes first = masked({.opcode = 2, .fin = false}, "some");
    for (const std::uint64_t length :
         {(std::uint64_t{1} << 63) - 1, (std::uint64_t{1} << 20) - 3}) {
        check_refused(Role::server,
                      test::joined({first, masked({.opcode = 0, .announced = length})}), 1009,
                      Error::message_too_big);
    }
}

TEST_CASE("C04 a length that is not in its shortest form is refused") {
    check_refused(masked({.length_bits = 16}, "short"), 1002, Error::bad_frame_length);
    check_refused(masked({.length_bits = 64}, std::string(200, 'x')), 1002,
                  Error::bad_frame_length);
}

TEST_CASE("C06 control frames that are fragmented or too long are refused") {
    for (const unsigned opcode : {8U, 9U, 10U}) {
        CAPTURE(opcode);
        check_refused(masked({.opcode = opcode, .fin = false}, "xx"), 1002,
                      Error::fragmented_control_frame);
        check_refused(masked(opcode, std::string(126, 'x')), 1002, Error::long_control_frame);
    }
}

TEST_CASE("C07 fragments must follow each other") {
    check_refused(masked(0, "x"), 1002, Error::unexpected_continuation);
    check_refused(masked({.opcode = 0, .fin = false}, "x"), 1002, Error::unexpected_continuation);
    const Bytes first = masked({.opcode = 1, .fin = false}, "x");
    check_refused(test::joined({first, masked(1, "y")}), 1002, Error::expected_continuation);
    check_refused(test::joined({first, masked(2, "y")}), 1002, Error::expected_continuation);
    check_refused(test::joined({first, masked(0, "y"), masked(0, "z")}), 1002,
                  Error::unexpected_continuation);
}

TEST_CASE("C08 a ping between fragments is answered at once") {
    test::Random random;
    CAPTURE(random.seed());
    const Bytes bytes = test::joined({masked({.opcode = 1, .fin = false}, "a"), masked(9, "ping")});
    for (const auto& pieces : test::all_splits(bytes, random)) {
        Driven server{Role::server};
        server.open();
        for (const auto& piece : pieces)
            server.receive(piece);
        CHECK(server.frames() == Events{"pong ping"});
        server.receive(masked(0, "b"));
        CHECK(server.events == Events{"opened", "text ab"});
    }
}

TEST_CASE("C09 the sum of fragments is limited") {
    const auto options = limited(10);
    const Bytes first = masked({.opcode = 2, .fin = false}, "12345");
    CHECK(outcome_of(Role::server, test::joined({first, masked(0, "67890")}), options)
              .events.back() == "binary 1234567890");
    check_refused(Role::server, test::joined({first, masked(0, "678901")}), 1009,
                  Error::message_too_big, options);
}

TEST_CASE("C09 the number of fragments is limited, and so are empty ones for ever") {
    const auto options = limited(1000, 20);
    Bytes bytes = masked({.opcode = 2, .fin = false});
    for (int i = 0; i != 19; ++i)
        test::append(bytes, masked({.opcode = 0, .fin = false}));
    CHECK(outcome_of(Role::server, bytes, options).events.back() == "opened");
    check_refused(Role::server, test::joined({bytes, masked(0)}), 1009, Error::too_many_fragments,
                  options);
}

TEST_CASE("C09 131,000 fragments of one byte are refused at the default limit") {
    Driven server{Role::server};
    server.open();
    server.receive(masked({.opcode = 2, .fin = false}, "x"));
    Bytes bytes;
    for (int i = 0; i != 1000; ++i)
        test::append(bytes, masked({.opcode = 0, .fin = false}, "x"));
    for (int i = 0; i != 131; ++i)
        server.receive(bytes);
    CHECK(server.last_event() == test::violation(1009, Error::too_many_fragments));
}

TEST_CASE("C10 of 100,000 pings whose pongs are not read, a few are kept, and the latest") {
    for (const Role role : {Role::server, Role::client}) {
        const auto ping = [role](std::string_view payload) {
            return role == Role::server ? masked(9, payload) : encode({.opcode = 9}, payload);
        };
        Driven side{role};
        side.open().stall(true);
        Bytes bytes;
        for (int i = 0; i != 1000; ++i)
            test::append(bytes, ping(std::to_string(i)));
        for (int i = 0; i != 100; ++i)
            side.receive(bytes);
        side.receive(ping("the last"));
        side.stall(false);
        CHECK(side.frames().size() == websocket::FrameSender::most_pongs);
        CHECK(side.last_frame() == "pong the last");
        CHECK(side.events == Events{"opened"});
    }
}

TEST_CASE("C10 a flood of pongs that nobody asked for is ignored") {
    Driven server{Role::server};
    server.open();
    Bytes bytes;
    for (int i = 0; i != 1000; ++i)
        test::append(bytes, masked(10, "unsolicited"));
    for (int i = 0; i != 10; ++i)
        server.receive(bytes);
    CHECK(server.sent.empty());
    CHECK(server.events == Events{"opened"});
}

TEST_CASE("C11 bad close frames are refused") {
    check_refused(masked(8, "\x03"), 1002, Error::bad_close_payload);
    check_refused(masked(8, "\x03\xE8\xFF"), 1007, Error::invalid_utf8);
    check_refused(masked(8, "\x03\xE8" + std::string(124, 'x')), 1002, Error::long_control_frame);
    for (const unsigned code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
        CAPTURE(code);
        const char bytes[] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
        check_refused(masked(8, std::string_view{bytes, 2}), 1002, Error::bad_close_code);
    }
}

TEST_CASE("C11 a bad close frame after our own is no clean close") {
    Driven server{Role::server};
    server.open();
    server.close();
    server.receive(masked(8, "\x03"));
    CHECK(server.last_event() == test::violation(1002, Error::bad_close_payload));
    CHECK(server.connection.finished());
    CHECK(server.frames() == Events{test::close_frame(1000)});
}

TEST_CASE("a violation before our close frame has left takes its place") {
    Driven server{Role::server};
    server.open().stall(true);
    server.send("queued");
    server.close();
    server.receive(encode({}, "unmasked"));
    server.stall(false);
    const std::string why = make_error_code(Error::unmasked_frame).message();
    CHECK(server.frames() == Events{"text queued", test::close_frame(1002, why)});
    CHECK(server.last_event() == test::violation(1002, Error::unmasked_frame));
}

TEST_CASE("what was sent before a violation came leaves before the close frame") {
    Driven server{Role::server};
    server.open().receive(masked(1, "question"));
    server.stall(true);
    server.send("answer");
    server.receive(masked(9, "ping"));
    server.receive(masked(Frame{.opcode = 1, .reserved = 2}, "bad"));
    CHECK(server.last_event() == test::violation(1002, Error::reserved_bits));
    server.stall(false);
    const std::string why = make_error_code(Error::reserved_bits).message();
    CHECK(server.frames() == Events{"pong ping", "text answer", test::close_frame(1002, why)});
    CHECK(server.connection.finished());
}

TEST_CASE("C13 text that is not UTF-8 is refused, wherever it is cut") {
    for (const std::string_view bad :
         {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "a\x80z",
          "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80\x65\x64\x69\x74\x65\x64"}) {
        CAPTURE(bad);
        check_refused(masked(1, bad), 1007, Error::invalid_utf8);
        const Bytes halves =
            test::joined({masked({.opcode = 1, .fin = false}, bad.substr(0, bad.size() / 2)),
                          masked(0, bad.substr(bad.size() / 2))});
        check_refused(halves, 1007, Error::invalid_utf8);
    }
}

TEST_CASE("C13 characters may be cut by fragments, and bytes in binary messages are free") {
    const std::string_view text = "\xF0\x9F\xA6\x80";
    Bytes bytes = masked({.opcode = 1, .fin = false});
    for (const char c : text)
        test::append(bytes, masked({.opcode = 0, .fin = false}, {&c, 1}));
    test::append(bytes, masked(0));
    test::append(bytes, masked(2, "\xFF"));
    CHECK(outcome_of(Role::server, bytes).events ==
          Events{"opened", "text " + std::string{text}, "binary \xFF"});
}

TEST_CASE("C13 text goes wrong in the middle of a frame, not at its end") {
    Driven server{Role::server};
    const Bytes bytes = masked({.opcode = 1, .announced = 1000}, "begin \xC0");
    server.open().receive(ByteView{bytes}.first(bytes.size() - 1));
    CHECK(server.events == Events{"opened"});
    server.receive(ByteView{bytes}.last(1));
    CHECK(server.last_event() == test::violation(1007, Error::invalid_utf8));
}

TEST_CASE("C18 a pong and an echoed close hold exactly what the peer sent") {
    Driven server{Role::server};
    server.open().receive(masked(9, std::string(125, 'x')));
    server.receive(masked(9, ""));
    server.receive(masked(9, "ab"));
    CHECK(server.frames() == Events{"pong " + std::string(125, 'x'), "pong ", "pong ab"});
    server.sent.clear();
    server.receive(masked(8, "\x03\xE8"));
    CHECK(server.sent == encode({.opcode = 8}, "\x03\xE8"));
}

TEST_CASE("after a violation nothing more is read") {
    Driven server{Role::server};
    server.open().stall(true);
    server.receive(test::joined({encode({}, "unmasked"), masked(1, "late"), masked(9, "late")}));
    CHECK(server.events.size() == 2);
    CHECK(server.connection.read_limit() == 0);
    CHECK(server.unread() == 0);
    CHECK(server.connection.deadline() == server.now + server.options.close_timeout);
    server.pass(server.options.close_timeout);
    CHECK(server.connection.finished());
}
