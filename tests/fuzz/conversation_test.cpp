#include <fuzz/target.hpp>

#include <websocket/conversation.hpp>

#if defined(HAWSER_DEFLATE)
#include <hawser/websocket/deflate.hpp>
#endif

#include <doctest/doctest.h>

#include <memory>

using namespace hawser;

// Two WebSocket connections and a path between them: what they do with slow consumers, whether they
// compress, sends, closes, pauses, stalled writes, passing time, and how much of what has been sent
// arrives next, are what the input says.

namespace {

websocket::ConnectionOptions options_of(test::Random& random) {
    websocket::ConnectionOptions options = test::patient();
    options.backlog.slow_consumer = static_cast<SlowConsumer>(random.below(4));
    options.backlog.conflation_key = [](const Message& message) {
        return test::conflation_key(message.view());
    };
    if (options.backlog.slow_consumer != SlowConsumer::close) {
        options.backlog.limits = {.high = 1'000, .low = 100, .hard = 3'000, .messages = 3};
    }
    return options;
}

std::shared_ptr<const websocket::Compression> compression_of(test::Random& random) {
#if defined(HAWSER_DEFLATE)
    const auto direction = [&] {
        return websocket::DeflateDirection{.window_bits = static_cast<int>(9 + random.below(7)),
                                           .context_takeover = random.one_in(2)};
    };
    if (random.one_in(2)) {
        return deflate({.send = direction(), .receive = direction(), .threshold = 1});
    }
#endif
    return nullptr;
}

void fuzz(ByteView input) {
    test::Random random{input};
    const bool breaks = random.one_in(4);
    const auto compression = compression_of(random);
    const auto options = options_of(random);
    test::Conversation talk{random, options, compression};
    const auto has_overflowed = [&] { return talk.client.overflowed || talk.server.overflowed; };
    while (!talk.random.is_exhausted() && !has_overflowed()) {
        talk.step();
        talk.check_beginnings();
    }
    if (breaks || has_overflowed()) return talk.break_and_check();
    talk.close_and_check(30);
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("whatever two connections do, what a policy does not drop arrives once and in order") {
    CHECK(offered);
    test::replay("conversation", fuzz);
    test::try_at_random("conversation", fuzz, 200);
}
