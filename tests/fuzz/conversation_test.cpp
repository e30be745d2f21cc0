#include <fuzz/target.hpp>

#include <websocket/conversation.hpp>

#include <doctest/doctest.h>

using namespace hawser;

// Two WebSocket connections and a path between them: sends, closes, pauses, stalled writes, passing
// time, and how much of what has been sent arrives next, are what the input says.

namespace {

void fuzz(ByteView input) {
    test::Random random{input};
    const bool breaks = random.one_in(2);
    test::Conversation talk{random, test::patient()};
    while (!talk.random.is_exhausted()) {
        talk.step();
        talk.check_beginnings();
    }
    if (breaks) return talk.break_and_check();
    talk.close_and_check(30);
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("whatever two connections do, messages arrive once and in order until each has its end") {
    CHECK(offered);
    test::replay("conversation", fuzz);
    test::try_at_random("conversation", fuzz, 200);
}
