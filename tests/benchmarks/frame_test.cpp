#include "../benchmarks/ruler/frame.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using bench::FrameReader;
using bench::Opcode;
using bench::WrongEcho;

/// Writes down what a reader says.
struct Notes {
    void payload(std::string_view bytes) { message += bytes; }
    void end_of_message(Opcode opcode) {
        kinds.push_back(opcode);
        messages.push_back(std::exchange(message, {}));
    }
    void control(Opcode opcode, std::string_view bytes) {
        kinds.push_back(opcode);
        controls.emplace_back(bytes);
    }

    std::string message;
    std::vector<std::string> messages;
    std::vector<std::string> controls;
    std::vector<Opcode> kinds;
};

Notes read_in_pieces(std::string_view bytes, std::size_t size) {
    Notes notes;
    FrameReader reader;
    for (std::size_t at = 0; at < bytes.size(); at += size)
        reader.read(bytes.substr(at, size), notes);
    return notes;
}

/// A text in two fragments with a ping between them, an empty binary message, one of 256 bytes and
/// one of 65,536 bytes.
std::string frames() {
    std::string bytes{"\x01\x03Hel\x89\x02hi\x80\x02lo\x82\x00\x82\x7E\x01\x00", 19};
    bytes += std::string(256, 'a');
    bytes += std::string_view{"\x82\x7F\0\0\0\0\0\1\0\0", 10};
    return bytes + std::string(65536, 'b');
}

}  // namespace

TEST_CASE("a reader finds the same messages however the bytes are split") {
    const std::string bytes = frames();
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                                   std::size_t{1000}, bytes.size()}) {
        CAPTURE(size);
        const Notes notes = read_in_pieces(bytes, size);
        REQUIRE(notes.messages.size() == 4);
        CHECK(notes.messages[0] == "Hello");
        CHECK(notes.messages[1].empty());
        CHECK(notes.messages[2] == std::string(256, 'a'));
        CHECK(notes.messages[3] == std::string(65536, 'b'));
        CHECK(notes.controls == std::vector<std::string>{"hi"});
        CHECK(notes.kinds == std::vector{Opcode::ping, Opcode::text, Opcode::binary, Opcode::binary,
                                         Opcode::binary});
    }
}

TEST_CASE("a reader refuses what a server must not send") {
    const auto read = [](std::string_view bytes) {
        Notes notes;
        FrameReader{}.read(bytes, notes);
    };
    CHECK_THROWS_AS(read({"\x82\x81\0\0\0\0a", 7}), WrongEcho);  // masked
    CHECK_THROWS_AS(read("\xC2\x01z"), WrongEcho);               // a reserved bit
    CHECK_THROWS_AS(read("\x80\x01z"), WrongEcho);               // continues nothing
    CHECK_THROWS_AS(read("\x01\x01z\x81\x01z"), WrongEcho);      // begins within a message
    CHECK_THROWS_AS(read("\x09\x01z"), WrongEcho);               // a ping in fragments
}

TEST_CASE("a client's header has the size in the shortest form, and the mask key") {
    using namespace std::string_view_literals;
    const auto header = [](std::size_t size) {
        return bench::client_frame_header(Opcode::binary, size);
    };
    CHECK(header(125) == "\x82\xFD\x5A\xC3\x91\x0E"sv);
    CHECK(header(126) == "\x82\xFE\0\x7E\x5A\xC3\x91\x0E"sv);
    CHECK(header(65535) == "\x82\xFE\xFF\xFF\x5A\xC3\x91\x0E"sv);
    CHECK(header(65536) == "\x82\xFF\0\0\0\0\0\1\0\0\x5A\xC3\x91\x0E"sv);
    CHECK(bench::client_frame_header(Opcode::text, 0).front() == '\x81');
}

TEST_CASE("masking twice gives back the bytes, whatever the position") {
    const std::string plain = "any bytes at all";
    std::string bytes = plain;
    bench::mask(bytes.data(), 5);
    bench::mask(bytes.data() + 5, bytes.size() - 5, 5);
    std::string at_once = plain;
    bench::mask(at_once.data(), at_once.size());
    CHECK(bytes == at_once);
    bench::mask(bytes.data(), bytes.size());
    CHECK(bytes == plain);
}
