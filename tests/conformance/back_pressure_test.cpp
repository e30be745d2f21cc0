#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

using hawser::CloseCode;
using hawser::Error;
using hawser::Message;
using hawser::SlowConsumer;

namespace {

constexpr std::size_t piece = 60'000;
constexpr std::size_t low = 64 * 1024;
constexpr std::size_t high = 256 * 1024;

/// More than the two ends and the sockets between them can hold.
constexpr std::size_t too_many = (std::size_t{64} << 20) / piece;

Message large_message(std::size_t index) {
    std::string text = std::to_string(index) + ' ';
    text.resize(piece, 'x');
    return Message::text(text);
}

/// Tries to send until the backlog is full; returns how many messages were taken.
std::size_t fill(test::World& world, hawser::AnyChannel& channel) {
    for (std::size_t taken = 0; taken != too_many; ++taken) {
        const std::error_code error = channel.try_send(large_message(taken));
        if (error == Error::backlog_full) {
            world.run_ready();  // the sockets may take more
            if (channel.try_send(large_message(taken)) == Error::backlog_full) return taken;
            continue;
        }
        REQUIRE_FALSE(error);
    }
    FAIL("the backlog has no end");
    return 0;
}

test::Terms with_policy(SlowConsumer policy) {
    test::Terms terms;
    terms.near.backlog.slow_consumer = policy;
    return terms;
}

}  // namespace

HAWSER_TEST_EACH("a sender waits for a peer that does not receive, and goes on when it does", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const test::Source source{ends.near, too_many, large_message};
    std::size_t sent_before = 0;
    do {
        sent_before = source.sent();
        world.run_ready();
        CHECK(ends.near.backlog().bytes <= high + piece + 16);
    } while (source.sent() != sent_before);
    REQUIRE_FALSE(source.is_done());
    CHECK_FALSE(ends.near.backlog().is_at_most_low);
    CHECK(ends.far.counters().received == 0);

    const test::Sink sink{ends.far, sent_before + 20, large_message};
    world.run_until("what was held back", [&] { return sink.is_done(); });
    CHECK(sink.received() == sent_before + 20);
    world.run_until("a sender that goes on", [&] { return source.sent() > sent_before; });
}

HAWSER_TEST_EACH("a full backlog refuses, and tells when it is drained", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    unsigned drained = 0;
    ends.near.run({.drained = [&] {
        ++drained;
        CHECK(ends.near.backlog().is_at_most_low);
        CHECK(ends.near.backlog().bytes <= low);
    }});
    const std::size_t taken = fill(world, ends.near);
    CHECK(ends.near.backlog().bytes <= hawser::BacklogLimits{}.hard);
    CHECK(ends.near.backlog().messages > 0);
    drained = 0;  // the sockets have taken some meanwhile

    const test::Sink sink{ends.far, taken, large_message};
    world.run_until("a drained backlog", [&] { return drained != 0 && sink.is_done(); });
    CHECK(sink.received() == taken);
    CHECK(drained == 1);
    CHECK_FALSE(ends.near.try_send(large_message(taken)));
}

HAWSER_TEST_EACH("any number of sends may wait at a time", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const std::size_t taken = fill(world, ends.near);
    const test::Sink sink{ends.far, taken + 3, large_message};
    std::vector<test::Done> sends;
    world.run_until("room for more", [&] {
        return ends.near.backlog().bytes + 3 * piece < hawser::BacklogLimits{}.hard - 100;
    });
    for (std::size_t i = 0; i != 3; ++i) {
        sends.push_back(test::start_send(ends.near, large_message(taken + i)));
    }
    for (const auto& send : sends) {
        world.run_until("a send that waited", send);
        CHECK_FALSE(send.error());
    }
    world.run_until("all messages", [&] { return sink.is_done(); });
    CHECK(sink.received() == taken + 3);
}

HAWSER_TEST_EACH("a slow consumer is closed", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_policy(SlowConsumer::close));
    const std::size_t taken = fill(world, ends.near);
    CHECK(test::send(world, ends.near, large_message(taken)) == Error::slow_consumer);
    const auto near = test::reason_of(world, ends.near);
    CHECK(near.error == Error::slow_consumer);
    CHECK(near.code == static_cast<unsigned>(CloseCode::policy_violation));
    CHECK(near.by == hawser::Party::peer);
    CHECK(test::send(world, ends.near, Message{}) == Error::closed);
    // What it is told when it receives at last: what was on its way, then the end.
    std::size_t received = 0;
    while (!test::receive(world, ends.far).error()) ++received;
    CHECK(received < taken);
}

HAWSER_TEST_EACH("of what a slow consumer does not take, the newest is dropped", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_policy(SlowConsumer::drop_newest));
    const std::size_t taken = fill(world, ends.near);
    const auto dropped = test::start_send(ends.near, large_message(too_many));
    CHECK(ends.near.sender().send(large_message(too_many)));
    world.run_ready();
    CHECK(ends.near.counters().dropped == 2);

    const test::Sink sink{ends.far, taken, large_message};
    world.run_until("all that was taken", [&] { return sink.is_done(); });
    CHECK(sink.received() == taken);
    world.run_until("a send", dropped);
    CHECK_FALSE(dropped.error());
    CHECK_FALSE(test::send(world, ends.near, Message::text("last")));
    CHECK(test::receive(world, ends.far).message().view() == "last");
}

HAWSER_TEST_EACH("of what a slow consumer does not take, the oldest are dropped", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_policy(SlowConsumer::drop_oldest));
    const std::size_t taken = fill(world, ends.near);
    const auto sent = test::start_send(ends.near, Message::text("last"));
    static_cast<void>(test::start_send(ends.near, large_message(too_many)));
    world.run_ready();
    const auto dropped = ends.near.counters().dropped;
    CHECK(dropped > 0);

    std::size_t received = 0;
    while (test::receive(world, ends.far).message().view() != "last") ++received;
    CHECK(received + dropped == taken);
    world.run_until("a send", sent);
}

HAWSER_TEST_EACH("of messages with one key only the newest waits", end, HAWSER_TEST_ENDS) {
    test::World world;
    test::Terms terms = with_policy(SlowConsumer::conflate);
    terms.near.backlog.conflation_key = [](const Message& message) {
        return message.size() < 10 ? std::string{message.view().substr(0, 1)} : std::string{};
    };
    auto ends = end.connect(world, terms);
    std::size_t large = 0;
    while (ends.near.backlog().bytes < high) {  // so that what follows waits
        REQUIRE_FALSE(ends.near.try_send(large_message(large++)));
        world.run_ready();
    }
    for (const char* text : {"a1", "b1", "a2", "b2", "a3"}) {
        REQUIRE_FALSE(ends.near.try_send(Message::text(text)));
    }
    CHECK(ends.near.counters().dropped == 3);
    const test::Sink sink{ends.far, large, large_message};
    world.run_until("what was before", [&] { return sink.is_done(); });
    CHECK(test::receive(world, ends.far).message().view() == "a3");
    CHECK(test::receive(world, ends.far).message().view() == "b2");
}
