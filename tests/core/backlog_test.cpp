#include <hawser/core/backlog.hpp>

#include <doctest/doctest.h>

#include <support/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using hawser::Backlog;
using hawser::BacklogLimits;
using hawser::BacklogOptions;
using hawser::Message;
using hawser::SlowConsumer;
using Push = Backlog::Push;

static_assert(sizeof(Backlog) <= 72, "every idle channel has one");
static_assert(std::is_nothrow_move_constructible_v<Backlog>);
static_assert(std::is_nothrow_move_assignable_v<Backlog>);

namespace {

/// The key of a message is what stands before its colon.
std::string key_of(const Message& message) {
    const std::string_view text = message.view();
    const std::size_t colon = text.find(':');
    return std::string{text.substr(0, colon == text.npos ? 0 : colon)};
}

/// Messages of ten bytes make frames of twelve.
Message ten(std::string text) {
    text.resize(10, '.');
    return Message::text(text);
}

BacklogOptions options_for(SlowConsumer policy, BacklogLimits limits) {
    return {.limits = limits, .slow_consumer = policy, .conflation_key = &key_of};
}

constexpr SlowConsumer policies[] = {SlowConsumer::close, SlowConsumer::drop_newest,
                                     SlowConsumer::drop_oldest, SlowConsumer::conflate};

/// The rules of a backlog, told in the simplest way.
struct Model {
    const BacklogOptions& options;
    std::deque<Message> waiting = {};
    std::size_t elsewhere = 0;
    std::size_t dropped = 0;

    std::size_t bytes() const {
        std::size_t sum = elsewhere;
        for (const Message& message : waiting) sum += message.frame().size();
        return sum;
    }

    bool fits() const {
        return bytes() <= options.limits.hard && waiting.size() <= options.limits.messages;
    }

    /// Puts the message where it belongs, then looks whether that is too much.
    Push push(const Message& message, bool may_drop) {
        const std::deque<Message> before = waiting;
        if (options.slow_consumer == SlowConsumer::conflate && conflate(message)) {
            if (fits()) {
                ++dropped;
                return Push::accepted;
            }
            waiting = before;
            return Push::overflow;
        }
        waiting.push_back(message);
        if (fits()) return Push::accepted;
        const bool evicts = may_drop && options.slow_consumer == SlowConsumer::drop_oldest;
        while (evicts && waiting.size() > 1 && !fits()) waiting.pop_front();
        if (fits()) {
            dropped += before.size() + 1 - waiting.size();
            return Push::accepted;
        }
        waiting = before;
        if (!may_drop || options.slow_consumer == SlowConsumer::close ||
            options.slow_consumer == SlowConsumer::conflate) {
            return Push::overflow;
        }
        ++dropped;
        return Push::dropped;
    }

    bool conflate(const Message& message) {
        const std::string key = key_of(message);
        if (key.empty()) return false;
        const auto same = [&](const Message& other) { return key_of(other) == key; };
        const auto older = std::ranges::find_if(waiting, same);
        if (older == waiting.end()) return false;
        *older = message;
        return true;
    }
};

void check_same(const Backlog& backlog, const Model& model) {
    const BacklogLimits& limits = model.options.limits;
    const std::size_t messages = model.waiting.size();
    REQUIRE(backlog.messages() == messages);
    REQUIRE(backlog.empty() == model.waiting.empty());
    REQUIRE(backlog.bytes() == model.bytes());
    REQUIRE(backlog.dropped() == model.dropped);
    REQUIRE(backlog.above_high() ==
            (model.bytes() > limits.high || messages > limits.messages / 2));
    REQUIRE(backlog.at_most_low() ==
            (model.bytes() <= limits.low && messages <= limits.messages / 4));
    if (messages != 0) REQUIRE(backlog.front() == model.waiting.front());
}

/// A message with one of a few keys or none; short, or of up to 200 bytes.
Message random_message(test::Random& random) {
    const std::string_view keys[] = {"", ":", "a:", "b:", "c:", "a long key that needs memory:"};
    std::string text{keys[random.below(std::size(keys))]};
    return Message::text(text + random.text(random.below(random.one_in(5) ? 200 : 20)));
}

void step(Backlog& backlog, Model& model, test::Random& random) {
    switch (random.below(random.one_in(50) ? 6 : 4)) {
    case 0:
    case 1: {
        const Message message = random_message(random);
        REQUIRE(backlog.push(Message{message}) == model.push(message, true));
        break;
    }
    case 2: {
        const Message message = random_message(random);
        const bool fits = model.push(message, false) == Push::accepted;
        REQUIRE(backlog.try_push(Message{message}) == fits);
        break;
    }
    case 3:
        if (model.waiting.empty()) break;
        REQUIRE(backlog.pop() == model.waiting.front());
        model.waiting.pop_front();
        break;
    case 4:
        model.elsewhere = random.below(400);
        backlog.set_elsewhere(model.elsewhere);
        break;
    default:
        backlog.clear();
        model.waiting.clear();
    }
}

}  // namespace

TEST_CASE("a backlog keeps its rules, whatever the policy") {
    test::Random random;
    CAPTURE(random.seed());
    for (const SlowConsumer policy : policies) {
        CAPTURE(static_cast<int>(policy));
        for (int round = 0; round != 30; ++round) {
            const BacklogLimits limits{
                .high = 200, .low = 50, .hard = 100 + random.below(500), .messages = 12};
            const BacklogOptions options = options_for(policy, limits);
            Backlog backlog{options};
            Model model{options};
            for (int i = 0; i != 500; ++i) {
                step(backlog, model, random);
                check_same(backlog, model);
            }
        }
    }
}

TEST_CASE("messages leave a backlog in the order in which they came") {
    const BacklogOptions options;
    Backlog backlog{options};
    CHECK(backlog.empty());
    CHECK(backlog.push(Message::text("one")) == Push::accepted);
    CHECK(backlog.try_push(Message::text("two")));
    CHECK(backlog.messages() == 2);
    CHECK(backlog.bytes() == 10);
    CHECK(backlog.front() == Message::text("one"));
    CHECK(backlog.pop() == Message::text("one"));
    CHECK(backlog.pop() == Message::text("two"));
    CHECK(backlog.bytes() == 0);
}

TEST_CASE("a backlog may be filled to the last byte of its hard limit, not beyond") {
    for (const SlowConsumer policy : policies) {
        const BacklogOptions options = options_for(policy, {.hard = 24});
        Backlog backlog{options};
        CHECK(backlog.try_push(ten("a")));
        CHECK(backlog.try_push(ten("b")));
        CHECK(!backlog.try_push(Message::text("")));
        CHECK(backlog.bytes() == 24);
        CHECK(backlog.messages() == 2);
        CHECK(backlog.dropped() == 0);
    }
}

TEST_CASE("what has left but is not gone counts") {
    const BacklogOptions options = options_for(SlowConsumer::close, {.hard = 24});
    Backlog backlog{options};
    backlog.set_elsewhere(13);
    CHECK(backlog.bytes() == 13);
    CHECK(backlog.push(ten("a")) == Push::overflow);
    backlog.set_elsewhere(12);
    CHECK(backlog.push(ten("a")) == Push::accepted);
    CHECK(backlog.bytes() == 24);
    // More may have left than the limit allows, as it may have been set later.
    backlog.set_elsewhere(1000);
    CHECK(backlog.push(Message::text("")) == Push::overflow);
}

TEST_CASE("the number of messages is limited too, however short they are") {
    const BacklogOptions options = options_for(SlowConsumer::close, {.messages = 4});
    Backlog backlog{options};
    for (std::size_t count = 0; count != 4; ++count) {
        CHECK(backlog.at_most_low() == (count <= 1));
        CHECK(backlog.above_high() == (count > 2));
        CHECK(backlog.push(Message::text("")) == Push::accepted);
    }
    CHECK(backlog.push(Message::text("")) == Push::overflow);
    static_cast<void>(backlog.pop());
    CHECK(backlog.push(Message::text("")) == Push::accepted);
}

TEST_CASE("senders are to wait above the high mark, until the low one") {
    const BacklogOptions options =
        options_for(SlowConsumer::close, {.high = 24, .low = 12, .hard = 100});
    Backlog backlog{options};
    for (int i = 0; i != 2; ++i) CHECK(backlog.try_push(ten("x")));
    CHECK(!backlog.above_high());
    CHECK(!backlog.at_most_low());
    CHECK(backlog.try_push(Message::text("")));
    CHECK(backlog.above_high());
    static_cast<void>(backlog.pop());
    static_cast<void>(backlog.pop());
    CHECK(backlog.at_most_low());
}

TEST_CASE("by default overflow closes the channel and takes nothing") {
    BacklogOptions options;
    options.limits.hard = 12;
    Backlog backlog{options};
    CHECK(backlog.push(ten("a")) == Push::accepted);
    CHECK(backlog.push(ten("b")) == Push::overflow);
    CHECK(backlog.messages() == 1);
    CHECK(backlog.dropped() == 0);
}

TEST_CASE("the newest is dropped where the policy says so") {
    const BacklogOptions options = options_for(SlowConsumer::drop_newest, {.hard = 12});
    Backlog backlog{options};
    CHECK(backlog.push(ten("a")) == Push::accepted);
    CHECK(backlog.push(ten("b")) == Push::dropped);
    CHECK(backlog.dropped() == 1);
    CHECK(backlog.pop() == ten("a"));
}

TEST_CASE("the oldest are dropped where the policy says so, no more than needed") {
    const BacklogOptions options = options_for(SlowConsumer::drop_oldest, {.hard = 36});
    Backlog backlog{options};
    for (const char* const text : {"a", "b", "c"}) CHECK(backlog.push(ten(text)) == Push::accepted);
    const Message longer = Message::text("fourteen bytes");
    CHECK(backlog.push(Message{longer}) == Push::accepted);
    CHECK(backlog.dropped() == 2);
    CHECK(backlog.pop() == ten("c"));
    CHECK(backlog.pop() == longer);
}

TEST_CASE("a message that can never fit does not cost the others their place") {
    const BacklogOptions options = options_for(SlowConsumer::drop_oldest, {.hard = 36});
    Backlog backlog{options};
    CHECK(backlog.push(ten("a")) == Push::accepted);
    CHECK(backlog.push(Message::text(std::string(40, 'x'))) == Push::dropped);
    CHECK(backlog.dropped() == 1);
    CHECK(backlog.pop() == ten("a"));

    CHECK(backlog.push(ten("b")) == Push::accepted);
    backlog.set_elsewhere(25);
    CHECK(backlog.push(ten("c")) == Push::dropped);
    CHECK(backlog.pop() == ten("b"));
}

TEST_CASE("trying to push drops nothing") {
    for (const SlowConsumer policy : {SlowConsumer::drop_newest, SlowConsumer::drop_oldest}) {
        const BacklogOptions options = options_for(policy, {.hard = 12});
        Backlog backlog{options};
        CHECK(backlog.try_push(ten("a")));
        CHECK(!backlog.try_push(ten("b")));
        CHECK(backlog.dropped() == 0);
        CHECK(backlog.pop() == ten("a"));
    }
}

TEST_CASE("a newer message takes the place of the waiting one with its key") {
    const BacklogOptions options = options_for(SlowConsumer::conflate, {});
    Backlog backlog{options};
    for (const char* const text : {"a:1", "b:1", "plain", "a:2", "b:2", "a:3", "plain"}) {
        CHECK(backlog.push(Message::text(text)) == Push::accepted);
    }
    CHECK(backlog.dropped() == 3);
    for (const char* const text : {"a:3", "b:2", "plain", "plain"}) {
        CHECK(backlog.pop() == Message::text(text));
    }
    CHECK(backlog.bytes() == 0);
}

TEST_CASE("a key is free again when its message has left, or the backlog was cleared") {
    const BacklogOptions options = options_for(SlowConsumer::conflate, {});
    Backlog backlog{options};
    CHECK(backlog.push(Message::text("a:1")) == Push::accepted);
    CHECK(backlog.push(Message::text("b:1")) == Push::accepted);
    CHECK(backlog.pop() == Message::text("a:1"));
    CHECK(backlog.push(Message::text("a:2")) == Push::accepted);
    CHECK(backlog.messages() == 2);
    backlog.clear();
    CHECK(backlog.empty());
    CHECK(backlog.push(Message::text("c:1")) == Push::accepted);
    CHECK(backlog.push(Message::text("b:2")) == Push::accepted);
    CHECK(backlog.pop() == Message::text("c:1"));
    CHECK(backlog.pop() == Message::text("b:2"));
    CHECK(backlog.dropped() == 0);
}

TEST_CASE("a full backlog still conflates what fits in its place, and closes on the rest") {
    const BacklogOptions options = options_for(SlowConsumer::conflate, {.hard = 24});
    Backlog backlog{options};
    CHECK(backlog.push(ten("a:1")) == Push::accepted);
    CHECK(backlog.push(ten("b:1")) == Push::accepted);
    CHECK(backlog.push(ten("a:2")) == Push::accepted);
    CHECK(backlog.try_push(ten("a:3")));
    CHECK(backlog.push(Message::text("a:too long to fit")) == Push::overflow);
    CHECK(backlog.push(ten("c:1")) == Push::overflow);
    CHECK(backlog.pop() == ten("a:3"));
    CHECK(backlog.pop() == ten("b:1"));
}

TEST_CASE("conflating without a way to tell keys conflates nothing") {
    BacklogOptions options;
    options.slow_consumer = SlowConsumer::conflate;
    Backlog backlog{options};
    CHECK(backlog.push(Message::text("a:1")) == Push::accepted);
    CHECK(backlog.push(Message::text("a:1")) == Push::accepted);
    CHECK(backlog.messages() == 2);
}

TEST_CASE("a key is asked for once, so that one who answers otherwise each time does no harm") {
    int asked = 0;
    BacklogOptions options = options_for(SlowConsumer::conflate, {});
    options.conflation_key = [&](const Message&) { return std::to_string(asked++ % 3); };
    Backlog backlog{options};
    for (int i = 0; i != 100; ++i) {
        CHECK(backlog.push(Message::text("x")) == Push::accepted);
        if (i % 2 == 0) static_cast<void>(backlog.pop());
    }
    CHECK(asked == 100);
    while (!backlog.empty()) static_cast<void>(backlog.pop());
    CHECK(backlog.bytes() == 0);
}

TEST_CASE("a backlog that was moved is empty") {
    for (const SlowConsumer policy : policies) {
        const BacklogOptions options = options_for(policy, {.hard = 100});
        Backlog from{options};
        CHECK(from.push(ten("a:1")) == Push::accepted);
        from.set_elsewhere(5);
        Backlog to = std::move(from);
        CHECK(to.bytes() == 17);
        CHECK(from.empty());
        CHECK(from.bytes() == 0);
        CHECK(from.push(ten("a:2")) == Push::accepted);
        CHECK(to.pop() == ten("a:1"));
        to = std::move(from);
        CHECK(to.pop() == ten("a:2"));
    }
}
