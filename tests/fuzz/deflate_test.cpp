#include <fuzz/target.hpp>

#include <hawser/websocket/deflate.hpp>

#include <doctest/doctest.h>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using namespace hawser;
using namespace hawser::websocket;
using test::Input;
using test::Random;

// The first bytes say what was negotiated; the rest are compressed messages of a peer that means no
// good, and messages of our own.

namespace {

/// Both ends of what was negotiated.
struct Ends {
    std::unique_ptr<MessageCodec> client;
    std::unique_ptr<MessageCodec> server;

    explicit Ends(const DeflateOptions& options) {
        const auto compression = deflate(options);
        const DeflateDirection all{.context_takeover = true};
        const auto others = deflate({.send = all, .receive = all, .threshold = 1});
        auto accepted = compression->accept(others->offer());
        REQUIRE(accepted);
        server = std::move(accepted->codec);
        auto agreed = others->agree(accepted->field);
        REQUIRE(agreed);
        client = *std::move(agreed);
    }
};

struct Inflated {
    std::error_code error;
    std::string text;

    friend bool operator==(const Inflated&, const Inflated&) = default;
};

Inflated inflate(MessageCodec& codec, const std::vector<Input>& pieces, std::size_t limit) {
    MessageBuilder builder;
    std::error_code error;
    for (const Input& piece : pieces) {
        if (!error) error = codec.inflate(piece, builder, limit);
        REQUIRE(builder.size() <= limit);
        REQUIRE(builder.capacity() <= limit);
    }
    if (!error) error = codec.finish_inflating(builder, limit);
    REQUIRE(builder.size() <= limit);
    return {error, std::string{as_characters(builder.bytes())}};
}

/// zlib as it is used plainly: the whole message at once, into as much room as the limit allows.
class PlainInflater {
public:
    explicit PlainInflater(int window_bits) {
        REQUIRE(inflateInit2(&stream_, -window_bits) == Z_OK);
    }
    PlainInflater(const PlainInflater&) = delete;
    PlainInflater& operator=(const PlainInflater&) = delete;
    ~PlainInflater() { inflateEnd(&stream_); }

    Inflated inflate(Input bytes, std::size_t limit) {
        for (const unsigned end : {0x00U, 0x00U, 0xFFU, 0xFFU}) bytes.push_back(std::byte(end));
        std::string text(limit + 1, '\0');
        stream_.next_in = reinterpret_cast<Bytef*>(bytes.data());
        stream_.avail_in = static_cast<uInt>(bytes.size());
        stream_.next_out = reinterpret_cast<Bytef*>(text.data());
        stream_.avail_out = static_cast<uInt>(text.size());
        std::error_code error;
        while (!error && stream_.avail_in != 0 && stream_.avail_out != 0) {
            const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
            if (result == Z_STREAM_END) inflateReset(&stream_);
            else if (result != Z_OK && result != Z_BUF_ERROR) error = Error::bad_compressed_bytes;
        }
        text.resize(text.size() - stream_.avail_out);
        if (text.size() > limit) return {Error::message_too_big, text.substr(0, limit)};
        const bool between_blocks = (static_cast<unsigned>(stream_.data_type) & 128U) != 0;
        if (!error && !between_blocks) error = Error::bad_compressed_bytes;
        return {error, text};
    }

private:
    z_stream stream_{};
};

/// Inflates what the input has, whole, in pieces and plainly.
void check_inflating(Random& random, const DeflateOptions& options, ByteView input) {
    Ends whole{options};
    Ends cut{options};
    Random cuts = test::random_of(input);
    std::optional<PlainInflater> plain;
    while (!random.is_exhausted()) {
        const Input bytes = random.bytes(random.below(256));
        const std::size_t limit = random.one_in(2) ? 1'000'000 : random.below(2'000);
        if (!plain || !options.receive.context_takeover) plain.emplace(options.receive.window_bits);
        const Inflated inflated = inflate(*whole.server, {bytes}, limit);
        CHECK(inflate(*cut.server, test::cut_at_random(bytes, cuts), limit) == inflated);
        const Inflated expected = plain->inflate(bytes, limit);
        CHECK(inflated.error == expected.error);
        CHECK(inflated.text == expected.text);
        if (inflated.error) return;
    }
}

/// Messages come back as they were, and cost no more than zlib promises.
void check_round_trip(Random& random, const DeflateOptions& options) {
    Ends ends{options};
    while (!random.is_exhausted()) {
        const Input piece = random.bytes(1 + random.below(100));
        Input bytes;
        for (auto times = 1 + random.below(40); times != 0; --times) {
            bytes.insert(bytes.end(), piece.begin(), piece.end());
        }
        MessageCodec& from = random.one_in(2) ? *ends.client : *ends.server;
        MessageCodec& to = &from == ends.client.get() ? *ends.server : *ends.client;
        const auto compressed = from.compress(Message::binary(bytes));
        if (!compressed) continue;
        CHECK(compressed->size() <= bytes.size() + bytes.size() / 100 + 64);
        const Input arrived(compressed->bytes().begin(), compressed->bytes().end());
        const Inflated inflated = inflate(to, test::cut_at_random(arrived, random), bytes.size());
        REQUIRE(!inflated.error);
        REQUIRE(inflated.text == as_characters(ByteView{bytes}));
    }
}

void fuzz(ByteView input) {
    Random random{input};
    const auto direction = [&] {
        return DeflateDirection{static_cast<int>(9 + random.below(7)), random.one_in(2)};
    };
    DeflateOptions options{.send = direction(), .receive = direction(), .threshold = 1};
    options.level = static_cast<int>(1 + random.below(9));
    options.memory_level = static_cast<int>(1 + random.below(9));
    if (random.one_in(4)) return check_round_trip(random, options);
    check_inflating(random, options, input);
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any compressed bytes inflate as zlib says, in any pieces, and never beyond the limit") {
    CHECK(offered);
    test::replay("deflate", fuzz);
    test::try_at_random("deflate", fuzz, 300);
}
