#include <fuzz/target.hpp>

#include <framing/plain_utf8.hpp>

#include <hawser/framing/utf8.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace hawser;
using framing::Utf8Validator;

namespace {

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
    CHECK(test::begins_utf8_plainly(std::string_view{text}.substr(0, size)));
    if (size == input.size()) return;
    CHECK(!test::begins_utf8_plainly(std::string_view{text}.substr(0, size + 1)));
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any bytes are judged as UTF-8 as by decoding them, and no later than they can be") {
    CHECK(offered);
    test::replay("utf8", fuzz);
    test::try_at_random("utf8", fuzz, 1000);
}
