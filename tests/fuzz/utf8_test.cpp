#include <fuzz/target.hpp>

#include <framing/plain_utf8.hpp>

#include <hawser/framing/utf8.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hawser;
using framing::Utf8Validator;

namespace {

/// Whether some continuation makes `text` valid. What is missing are at most three bytes; the ends
/// of the ranges that a byte may be in are enough.
bool can_become_valid(const std::string& text, int missing = 3) {
    if (test::is_utf8_plainly(text)) return true;
    if (missing == 0) return false;
    for (const char next : {'\x80', '\x90', '\xA0', '\xBF'}) {
        if (can_become_valid(text + next, missing - 1)) return true;
    }
    return false;
}

/// Text whole, in pieces and byte by byte is judged as by decoding it, and refused at the first
/// byte that cannot be right.
void fuzz(ByteView input) {
    const std::string text{as_characters(input)};
    const bool valid = test::is_utf8_plainly(text);
    CHECK(framing::is_utf8(input) == valid);
    CHECK(framing::check_text(Message::text(text)) == valid);

    test::Random cuts = test::random_of(input);
    Utf8Validator in_pieces;
    bool good = true;
    for (const auto& piece : test::cut_at_random(input, cuts)) {
        good = in_pieces.feed(piece) && good;
        CHECK((good || !in_pieces.complete()));
    }
    CHECK((good && in_pieces.complete()) == valid);

    Utf8Validator bytewise;
    std::size_t size = 0;
    while (size != input.size() && bytewise.feed(input.subspan(size, 1))) ++size;
    // Only the end of the text matters for what may follow, and only so much of it.
    const std::size_t begin = size < 4 ? 0 : size - 4;
    const auto ends_well = [&](std::size_t end) {
        for (std::size_t at = begin; at != end + 1; ++at) {
            if (test::is_utf8_plainly(text.substr(0, at)) &&
                can_become_valid(text.substr(at, end - at))) {
                return true;
            }
        }
        return false;
    };
    CHECK(ends_well(size));
    if (size != input.size()) CHECK(!ends_well(size + 1));
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any bytes are judged as UTF-8 as by decoding them, and no later than they can be") {
    CHECK(offered);
    test::replay("utf8", fuzz);
    test::try_at_random("utf8", fuzz, 1000);
}
