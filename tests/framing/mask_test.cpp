#include <hawser/framing/mask.hpp>

#include <framing/frames.hpp>
#include <support/random.hpp>

#include <doctest/doctest.h>

#include <cstddef>

using namespace hawser;
using framing::MaskKey;

namespace {

/// RFC 6455 §5.3, letter by letter.
test::Bytes masked_plainly(ByteView bytes, MaskKey key, std::size_t offset) {
    test::Bytes result;
    for (std::size_t i = 0; i != bytes.size(); ++i) {
        result.push_back(bytes[i] ^ key[(i + offset) % 4]);
    }
    return result;
}

}  // namespace

TEST_CASE("masking is the plain algorithm, at every length, alignment and offset") {
    test::Random random;
    CAPTURE(random.seed());
    const test::Bytes source = random.bytes(200);
    for (std::size_t alignment = 0; alignment != 16; ++alignment) {
        for (std::size_t size = 0; size != 150; ++size) {
            const std::size_t offset = random.below(1000);
            const ByteView from = ByteView{source}.subspan(alignment, size);
            test::Bytes target(200, std::byte{0xEE});
            framing::mask_copy(from, MutableBytes{target}.subspan(8, size), test::some_key, offset);
            const ByteView written = ByteView{target}.subspan(8, size);
            REQUIRE(test::Bytes(written.begin(), written.end()) ==
                    masked_plainly(from, test::some_key, offset));
            REQUIRE(target[7] == std::byte{0xEE});
            REQUIRE(target[8 + size] == std::byte{0xEE});
        }
    }
}

TEST_CASE("masking in place equals masking a copy, and masking twice undoes it") {
    test::Random random;
    CAPTURE(random.seed());
    for (const std::size_t size : {0U, 1U, 3U, 7U, 8U, 31U, 32U, 33U, 1000U, 65537U}) {
        const test::Bytes original = random.bytes(size);
        test::Bytes bytes = original;
        framing::mask(bytes, test::some_key, 5);
        CHECK(bytes == masked_plainly(original, test::some_key, 5));
        framing::mask(bytes, test::some_key, 5);
        CHECK(bytes == original);
    }
}

TEST_CASE("bytes masked in pieces are the bytes masked at once") {
    test::Random random;
    CAPTURE(random.seed());
    const test::Bytes original = random.bytes(500);
    test::Bytes bytes = original;
    for (std::size_t at = 0; at != bytes.size();) {
        const std::size_t size = 1 + random.below(bytes.size() - at);
        framing::mask(MutableBytes{bytes}.subspan(at, size), test::some_key, at);
        at += size;
    }
    CHECK(bytes == masked_plainly(original, test::some_key, 0));
}

TEST_CASE("the masked hello of the RFC is unmasked") {
    test::Bytes bytes = test::bytes_of({0x7f, 0x9f, 0x4d, 0x51, 0x58});
    framing::mask(bytes, test::some_key);
    CHECK(as_characters(bytes) == "Hello");
}
