#include "server/hostile.hpp"

#include "support/allocated_bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

// Hostile frames over a real socket; the engine's tests have the same and more.

using namespace std::string_literals;
using namespace std::chrono_literals;
using namespace test::whole;

namespace {

/// Writes `frames` on a WebSocket of its own, and checks that it is closed with `code`.
void check_closed_with(test::Town& town, std::string_view frames, unsigned code) {
    test::RawClient client = town.connect_websocket();
    client.write(frames);
    const std::string answer = client.read_to_end();
    REQUIRE(answer.size() >= 4);
    CHECK(static_cast<unsigned char>(answer[0]) == close_frame);
    CHECK(answer.substr(2, 2) == test::close_payload(code));
}

}  // namespace

TEST_CASE("C01 an unmasked frame closes with 1002") {
    test::Town town;
    check_closed_with(town, test::plain_frame(text, "hello"), 1002);
}

TEST_CASE("C03 a length beyond the limit closes at once, and costs nothing") {
    test::Town town;
    const std::size_t before = test::allocated_bytes();
    for (const std::uint64_t length : {std::uint64_t{1} << 63, (std::uint64_t{1} << 63) - 1,
                                       std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
        CAPTURE(length);
        test::RawClient client = town.connect_websocket();
        client.write(test::frame_header(0x82, true, length) + "key!x");
        const std::string answer = client.read_to_end();
        const bool is_impossible = (length >> 63) != 0;
        CHECK(answer.substr(2, 2) == test::close_payload(is_impossible ? 1002 : 1009));
    }
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
    CHECK(test::allocated_bytes() < before + (1 << 20));
}

TEST_CASE("C05 memory grows with the bytes received, not with those announced") {
    hawser::WebSocketOptions options;
    options.connection.message.bytes = 16 << 20;
    options.connection.backlog.limits.hard = 64 << 20;
    test::Town town{{}, options};
    constexpr std::size_t count = 1000;
    std::vector<test::RawClient> clients;
    clients.reserve(count);
    for (std::size_t i = 0; i != count; ++i) clients.push_back(town.connect_websocket());
    const std::size_t before = test::allocated_bytes();
    for (auto& client : clients) {
        client.write(test::frame_header(binary, true, 16 << 20) + "key!x");
    }
    town.world.run_ready();
    CHECK(test::allocated_bytes() < before + count * 4096);
}

TEST_CASE("C06 control frames are whole and short") {
    test::Town town;
    check_closed_with(town, test::masked_frame(0x09, "half a ping"), 1002);
    check_closed_with(town, test::masked_frame(0x89, std::string(126, 'x')), 1002);
    test::RawClient client = town.connect_websocket();
    client.write(test::masked_frame(0x89, std::string(125, 'x')));
    CHECK(client.read(127) == test::plain_frame(0x8a, std::string(125, 'x')));
}

TEST_CASE("C08 a ping between the fragments of a message is answered at once") {
    test::Town town;
    test::RawClient client = town.connect_websocket();
    client.write(test::masked_frame(0x01, "one ") + test::masked_frame(0x89, "now"));
    CHECK(client.read(5) == test::plain_frame(0x8a, "now"));
    client.write(test::masked_frame(0x80, "message"));
    CHECK(client.read(13) == test::plain_frame(text, "one message"));
}

TEST_CASE("C09 a flood of fragments ends with 1009") {
    hawser::WebSocketOptions options;
    options.connection.message = {.bytes = 10'000, .fragments = 1000};
    test::Town town{{}, options};
    std::string flood = test::masked_frame(0x02, "x");
    SUBCASE("of one byte each") {
        for (int i = 0; i != 2000; ++i) flood += test::masked_frame(0x00, "x");
        check_closed_with(town, flood, 1009);
    }
    SUBCASE("of nothing") {
        for (int i = 0; i != 2000; ++i) flood += test::masked_frame(0x00, "");
        check_closed_with(town, flood, 1009);
    }
    SUBCASE("that are too long together") {
        for (int i = 0; i != 11; ++i) flood += test::masked_frame(0x00, std::string(1000, 'x'));
        check_closed_with(town, flood, 1009);
    }
}

TEST_CASE("C12 a close that is never followed by the end of the connection is bounded") {
    hawser::WebSocketOptions options;
    options.connection.close_timeout = 20ms;
    test::Town town{{}, options};
    SUBCASE("a close, then silence") {
        test::RawClient client = town.connect_websocket();
        client.write(test::masked_frame(close_frame, test::close_payload(1000)) +
                     test::masked_frame(text, "after"));
        CHECK(client.read_to_end() == test::plain_frame(close_frame, test::close_payload(1000)));
    }
    SUBCASE("half closed without a close frame") {
        test::RawClient client = town.connect_websocket();
        client.end_output();
        CHECK(client.read_to_end().empty());
    }
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
}

TEST_CASE("C02 reserved bits and opcodes close with 1002") {
    test::Town town;
    for (const unsigned first_byte : {0xa1U, 0x91U, 0xf1U, 0xa9U, 0x83U, 0x87U, 0x8bU, 0x8fU}) {
        CAPTURE(first_byte);
        check_closed_with(town, test::masked_frame(first_byte, "x"), 1002);
    }
}

TEST_CASE("C04 a length that is longer written than need be closes with 1002") {
    test::Town town;
    check_closed_with(town, "\x82\xfe\x00\x7d"s + "key!" + std::string(125, 'x'), 1002);
    check_closed_with(town, "\x82\xff\0\0\0\0\0\0\xff\xff"s + "key!x", 1002);
}

TEST_CASE("C07 fragments follow each other, else the connection closes with 1002") {
    test::Town town;
    check_closed_with(town, test::masked_frame(0x80, "of nothing"), 1002);
    check_closed_with(town, test::masked_frame(0x01, "a") + test::masked_frame(text, "b"), 1002);
}

TEST_CASE("C10 a flood of pings whose pongs are not read costs next to nothing") {
    test::Town town;
    test::RawClient client = town.connect_websocket();
    std::string flood;
    for (int i = 0; i != 1000; ++i) flood += test::masked_frame(ping, std::string(125, 'x'));
    const std::size_t before = test::allocated_bytes();
    for (int i = 0; i != 100; ++i) client.write(flood);
    town.world.run_ready();
    // The last has many before it that come in one read with it.
    client.write(flood.substr(0, flood.size() / 20) + test::masked_frame(ping, "the last"));
    town.world.run_ready();
    CHECK(test::allocated_bytes() < before + 500'000);
    const std::string last = test::plain_frame(pong, "the last");
    CHECK(client.read_until(last).ends_with(last));
}

TEST_CASE("C10 a flood of pongs that nobody asked for is ignored") {
    test::Town town;
    test::RawClient client = town.connect_websocket();
    std::string flood;
    for (int i = 0; i != 1000; ++i) flood += test::masked_frame(pong, "unsolicited");
    for (int i = 0; i != 100; ++i) client.write(flood);
    client.write(test::masked_frame(text, "hello"));
    CHECK(client.read(7) == test::plain_frame(text, "hello"));
}

TEST_CASE("C11 bad close frames are refused, good ones are answered with their code") {
    test::Town town;
    const auto closed_by = [&](std::string_view payload, unsigned code) {
        check_closed_with(town, test::masked_frame(close_frame, payload), code);
    };
    closed_by("\x03", 1002);
    for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U}) {
        CAPTURE(code);
        closed_by(test::close_payload(code), 1002);
    }
    closed_by(test::close_payload(1000, "\xff"), 1007);
    closed_by(test::close_payload(1000, std::string(124, 'x')), 1002);
    for (const unsigned code : {1000U, 1001U, 1003U, 1014U, 3000U, 4999U}) {
        CAPTURE(code);
        closed_by(test::close_payload(code, std::string(123, 'x')), code);
    }
}

TEST_CASE("C13 text goes wrong at once, wherever frames and reads cut it") {
    test::Town town;
    check_closed_with(town, test::frame_header(text, true, 1000) + "\0\0\0\0begins \xc0"s, 1007);
    check_closed_with(town, test::masked_frame(0x01, "\xf4") + test::masked_frame(0x80, "\x90"),
                      1007);
    check_closed_with(town, test::masked_frame(text, "ends \xe2\x82"), 1007);
    test::RawClient client = town.connect_websocket();
    client.write(test::masked_frame(0x01, "\xe2") + test::masked_frame(0x00, "\x82"));
    client.write(test::masked_frame(0x80, "\xac"));
    CHECK(client.read(5) == test::plain_frame(text, "\xe2\x82\xac"));
}

TEST_CASE("C16 a session that comes byte by byte is the same session") {
    test::Town town;
    test::RawClient client = town.connect_websocket();
    client.socket().set_option(asio::ip::tcp::no_delay{true});
    const std::string long_message(300, 'x');
    for (const char byte : test::masked_frame(0x01, "one ") + test::masked_frame(ping, "now") +
                               test::masked_frame(0x80, "message") +
                               test::masked_frame(binary, long_message) +
                               test::masked_frame(close_frame, test::close_payload(1000))) {
        client.write({&byte, 1});
        town.world.run_ready();
    }
    CHECK(client.read_to_end() ==
          test::plain_frame(pong, "now") + test::plain_frame(text, "one message") +
              test::plain_frame(binary, long_message) +
              test::plain_frame(close_frame, test::close_payload(1000)));
}

TEST_CASE("C18 a pong and a close hold what the peer sent, and nothing else") {
    test::Town town;
    test::RawClient client = town.connect_websocket();
    for (const std::string& payload : {std::string(125, 'x'), "ab"s, ""s}) {
        client.write(test::masked_frame(ping, payload));
        CHECK(client.read(2 + payload.size()) == test::plain_frame(pong, payload));
    }
    client.write(test::masked_frame(close_frame, ""));
    CHECK(client.read_to_end() == test::plain_frame(close_frame, ""));
}
