#include <fuzz/target.hpp>

#include <websocket/driven.hpp>
#include <websocket/plain_reader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;
using test::Driven;
using test::Input;
using test::Random;

// A WebSocket connection in either role: frames that are well-formed, or wrong in what the input
// says, and bytes that are none; whole, in pieces and read plainly; and among them everything else
// that a connection may be told.

namespace {

websocket::ConnectionOptions options_of(Random& random) {
    websocket::ConnectionOptions options;
    options.message = {.bytes = random.one_in(2) ? 300U : 100'000U,
                       .fragments = random.one_in(2) ? 3U : 1000U};
    options.backlog.limits = {.high = 1'000, .low = 100, .hard = 300'000, .messages = 100};
    return options;
}

std::string payload_of(Random& random, unsigned opcode) {
    // Few are so long that they are received where they belong.
    std::string payload = random.one_in(16)  ? std::string(40'000 + random.below(40'000), 'x')
                          : random.one_in(8) ? std::string(120 + random.below(400), 'y')
                                             : std::string(random.below(40), 'z');
    const auto bytes = random.bytes(random.below(5));
    if (random.one_in(3)) payload.insert(0, as_characters(bytes));
    if (random.one_in(8)) payload += "\xF0\x9F\x98\x80";
    if (opcode != 8 || random.one_in(8)) return payload;
    constexpr unsigned codes[] = {1000, 1001, 1002, 1005, 1006, 1015, 3000, 4999, 5000, 0};
    const unsigned code = codes[random.below(10)];
    return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF), 'b', 'y', 'e'};
}

/// A frame to a peer with the role `to`, or something like it.
Input some_frame(Random& random, Role to) {
    if (random.one_in(24)) return random.bytes(1 + random.below(20));
    constexpr unsigned opcodes[] = {0, 0, 1, 1, 2, 2, 8, 9, 9, 10};
    test::Frame frame;
    frame.opcode = random.one_in(32) ? static_cast<unsigned>(random.below(16))
                                     : opcodes[random.below(10)];
    frame.fin = frame.opcode >= 8 ? !random.one_in(16) : !random.one_in(2);
    if (random.one_in(32)) frame.reserved = static_cast<unsigned>(random.below(8));
    if ((to == Role::server) != random.one_in(64)) frame.key = test::some_key;
    if (random.one_in(16)) frame.length_bits = random.one_in(2) ? 16 : 64;
    if (random.one_in(64)) frame.announced = random.below(~std::size_t{0});
    return test::encode(frame, payload_of(random, frame.opcode));
}

/// What came of it: the events, and the close frame if one was sent.
struct Outcome {
    std::vector<std::string> events;
    std::vector<std::string> closes;
};

Outcome outcome_of(Driven& driven) {
    auto closes = driven.frames();
    std::erase_if(closes, [](const std::string& frame) { return !frame.starts_with("close"); });
    CHECK(closes.size() <= 1);
    return {driven.events, closes};
}

void check_splits(Random random, Role role, ByteView input) {
    const auto options = options_of(random);
    Input bytes;
    while (!random.is_exhausted() && bytes.size() < 400'000) {
        test::append(bytes, some_frame(random, role));
    }
    Driven whole{role, options};
    whole.open().receive(bytes);
    whole.receive_eof();
    REQUIRE(whole.connection.finished());
    REQUIRE(whole.last_event().starts_with("closed "));

    Random cuts = test::random_of(input);
    Driven pieces{role, options};
    pieces.places = cuts.one_in(2);
    pieces.open();
    for (const Input& piece : test::cut_at_random(bytes, cuts)) pieces.receive(piece);
    pieces.receive_eof();
    CHECK(outcome_of(pieces).events == outcome_of(whole).events);
    CHECK(outcome_of(pieces).closes == outcome_of(whole).closes);

    const test::PlainReader plain{role, options.message, as_characters(bytes)};
    auto expected = plain.messages;
    expected.insert(expected.begin(), "opened");
    expected.push_back(whole.last_event());
    CHECK(whole.events == expected);
    CHECK(whole.reason.code == plain.code);
}

/// Anything that a link or an application may do.
void act(Driven& driven, Random& random, Role role) {
    switch (random.below(16)) {
    case 0:
    case 1: {
        const auto sent = driven.connection.send(
            Message::binary(as_bytes(std::string(random.below(2000), 's'))), driven.now);
        CHECK((sent == Backlog::Push::accepted || sent == Backlog::Push::overflow ||
               sent == Backlog::Push::dropped));
        return driven.stall(random.one_in(2));
    }
    case 2: (void)driven.connection.try_send(Message::text("t")); return driven.stall(false);
    case 3: return driven.stall(random.one_in(2));
    case 4: return driven.pause();
    case 5: return driven.resume();
    case 6: return driven.pass(std::chrono::milliseconds{random.below(30'000)});
    case 7:
        if (random.one_in(4)) driven.close(random.one_in(2) ? 1000 : 4999, "bye");
        return;
    case 8:
        if (random.one_in(8)) driven.receive_eof();
        return;
    case 9:
        if (random.one_in(8)) {
            driven.receive_error(make_error_code(std::errc::connection_reset));
        }
        return;
    default: {
        const Input frame = some_frame(random, role);
        const std::size_t size = random.one_in(3) ? random.below(frame.size() + 1) : frame.size();
        driven.receive(ByteView{frame}.first(size));
        if (random.one_in(4)) driven.stall(random.one_in(2));
        driven.receive(ByteView{frame}.subspan(size));
    }
    }
}

void operate(Random random, Role role) {
    Driven driven{role, options_of(random)};
    if (!random.one_in(8)) driven.open();
    while (!random.is_exhausted()) {
        act(driven, random, role);
        CHECK(driven.connection.backlog().bytes() <= driven.options.backlog.limits.hard);
    }
    // Nobody says anything any more: every state has a deadline, and the last of them is the end.
    driven.stall(false);
    driven.resume();
    driven.pass(1h);
    REQUIRE(driven.connection.finished());
    REQUIRE(driven.last_event().starts_with("closed "));
}

void fuzz(ByteView input) {
    Random random{input};
    const Role role = random.one_in(2) ? Role::server : Role::client;
    if (random.one_in(2)) return check_splits(std::move(random), role, input);
    operate(std::move(random), role);
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any frames in any pieces, and any commands among them, are taken by the rules") {
    CHECK(offered);
    test::replay("frames", fuzz);
    test::try_at_random("frames", fuzz, 500);
}
