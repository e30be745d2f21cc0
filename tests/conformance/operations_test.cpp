#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using hawser::AnyChannel;
using hawser::CloseReason;
using hawser::Error;
using hawser::Message;
using namespace std::chrono_literals;

namespace {

/// As many messages as a peer that does not receive has the sender wait for.
void send_until_waiting(test::World& world, AnyChannel& channel) {
    const Message large = Message::binary(std::vector<std::byte>(60'000));
    for (unsigned count = 0; count != 1000; ++count) {
        if (channel.backlog().is_above_high) world.run_ready();  // the sockets may take more
        if (channel.backlog().is_above_high) return;
        REQUIRE_FALSE(channel.try_send(large));
    }
    FAIL("the backlog has no end");
}

struct Thrown : std::runtime_error {
    Thrown() : runtime_error{"thrown by a handler"} {}
};

/// Runs until `done`, and counts what the handlers have thrown meanwhile.
template <class Condition>
unsigned run_counting_exceptions(test::World& world, Condition done) {
    unsigned thrown = 0;
    while (!done()) {
        try {
            world.run_until("the end of the test", done);
        } catch (const Thrown&) {
            ++thrown;
        }
    }
    return thrown;
}

}  // namespace

HAWSER_TEST_EACH("one receive may be outstanding", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const auto first = test::start_receive(ends.near);
    CHECK(test::receive(world, ends.near).error() == Error::receive_pending);
    CHECK_FALSE(first.has_come());
    REQUIRE_FALSE(test::send(world, ends.far, Message::text("for the first")));
    world.run_until("a message", first);
    CHECK(first.message().view() == "for the first");
}

HAWSER_TEST_EACH("nothing completes inside the call that starts it", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    REQUIRE_FALSE(test::send(world, ends.far, Message::text("one")));
    REQUIRE_FALSE(test::send(world, ends.far, Message::text("two")));
    REQUIRE(test::receive(world, ends.near).message().view() == "one");
    world.run_ready();  // "two" waits in the inbox, or is on its way
    const auto receive = test::start_receive(ends.near);
    const auto send = test::start_send(ends.near, Message::text("three"));
    const auto refused = test::start_send(ends.near, Message::text("\xff"));
    CHECK_FALSE(receive.has_come());
    CHECK_FALSE(send.has_come());
    CHECK_FALSE(refused.has_come());
    world.run_until("a message", receive);
    CHECK(receive.message().view() == "two");
    const auto close = test::start_close(ends.near);
    CHECK_FALSE(close.has_come());
    CHECK_FALSE(ends.near.is_closed());
    world.run_until("a close", close);
    CHECK(close.times() == 1);
}

HAWSER_TEST_EACH("a receive is cancelled at any moment, and no message is lost", end,
                 HAWSER_TEST_ENDS) {
    constexpr std::size_t moments = 40;
    test::World world;
    auto ends = end.connect(world);
    for (std::size_t moment = 0; moment != moments; ++moment) {
        CAPTURE(moment);
        asio::cancellation_signal signal;
        const test::Received cancelled;
        ends.near.async_receive(asio::bind_cancellation_slot(signal.slot(), cancelled.handler()));
        REQUIRE_FALSE(ends.far.try_send(test::numbered_message(moment)));
        for (std::size_t step = 0; step != moment; ++step) world.io().poll_one();
        signal.emit(asio::cancellation_type::all);
        world.run_until("a cancelled receive", cancelled);
        CHECK(cancelled.times() == 1);
        const bool was_late = !cancelled.error();
        if (!was_late) CHECK(cancelled.error() == asio::error::operation_aborted);
        const auto received = was_late ? cancelled : test::receive(world, ends.near);
        CHECK((received.message() == test::numbered_message(moment)));
    }
}

HAWSER_TEST_EACH("a cancelled send has been taken all the same", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    send_until_waiting(world, ends.near);
    asio::cancellation_signal signal;
    const test::Done cancelled;
    const auto other = test::start_send(ends.near, Message::text("other"));
    ends.near.async_send(Message::text("last"),
                         asio::bind_cancellation_slot(signal.slot(), cancelled.handler()));
    world.run_ready();
    CHECK_FALSE(cancelled.has_come());
    signal.emit(asio::cancellation_type::terminal);
    CHECK_FALSE(cancelled.has_come());  // not from inside the call
    world.run_until("a cancelled send", cancelled);
    CHECK(cancelled.error() == asio::error::operation_aborted);
    CHECK_FALSE(other.has_come());
    while (test::receive(world, ends.far).message().view() != "last") {}
    world.run_until("the other send", other);
    CHECK_FALSE(other.error());
}

HAWSER_TEST_EACH("operations that are outstanding when a channel is destroyed complete", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, {.close_timeout = 50ms});
    send_until_waiting(world, ends.near);
    const auto send = test::start_send(ends.near, Message::text("taken"));
    const auto receive = test::start_receive(ends.near);
    const auto close = test::start_close(ends.near);
    ends.near = {};
    CHECK_FALSE(send.has_come());
    CHECK_FALSE(receive.has_come());
    world.run_until("a send", send);
    world.run_until("a receive", receive);
    world.run_until("a close", close);
    CHECK(send.error() == Error::channel_gone);
    CHECK(receive.error() == Error::channel_gone);
}

HAWSER_TEST_EACH("a world may end with operations outstanding", end, HAWSER_TEST_ENDS) {
    test::Received receive;
    test::Done send;
    {
        test::World world;
        auto ends = end.connect(world);
        send_until_waiting(world, ends.near);
        receive = test::start_receive(ends.near);
        send = test::start_send(ends.near, Message::text("taken"));
        static_cast<void>(test::start_receive(ends.far));
        world.run_ready();
    }
    CHECK(receive.times() == 0);  // destroyed uncalled
    CHECK(send.times() == 0);
}

HAWSER_TEST_EACH("handlers get every message, then the end", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    constexpr std::size_t count = 300;
    std::size_t received = 0;
    std::optional<CloseReason> told;
    ends.near.run({.message =
                       [&](const Message& message) {
                           CHECK_FALSE(told);
                           CHECK((message == test::numbered_message(received)));
                           ++received;
                       },
                   .closed = [&](const CloseReason& reason) { told = reason; }});
    const test::Source source{ends.far, count};
    world.run_until("all messages", [&] { return received == count && source.is_done(); });
    REQUIRE_FALSE(test::close(world, ends.far, {.code = 4001}));
    world.run_until("the end", [&] { return told.has_value(); });
    CHECK(told->code == 4001);
    CHECK(told->by == hawser::Party::peer);
    CHECK(test::receive(world, ends.near).error() == Error::closed);
}

HAWSER_TEST_EACH("a handler may send, and more messages come", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    ends.near.run({.message = [&](const Message& message) {
        CHECK_FALSE(ends.near.try_send(message));
        static_cast<void>(test::start_send(ends.near, message));
    }});
    const test::Source source{ends.far, 50};
    for (std::size_t i = 0; i != 50; ++i) {
        CHECK((test::receive(world, ends.far).message() == test::numbered_message(i)));
        CHECK((test::receive(world, ends.far).message() == test::numbered_message(i)));
    }
    world.run_until("all sends", [&] { return source.is_done(); });
}

HAWSER_TEST_EACH("a handler may destroy its channel", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    unsigned messages = 0;
    const auto kept = std::make_shared<int>(7);  // dies with the handler
    ends.near.run({.message = [&messages, &ends, kept](const Message&) {
        ++messages;
        ends.near = {};
        CHECK(*kept == 7);
    }});
    REQUIRE_FALSE(ends.far.try_send(Message::text("one")));
    REQUIRE_FALSE(ends.far.try_send(Message::text("two")));
    CHECK(test::receive(world, ends.far).error() == Error::closed);
    CHECK(messages == 1);
    CHECK(test::reason_of(world, ends.far).by == hawser::Party::peer);
}

HAWSER_TEST_EACH("a handler may close or abort its channel", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, {.close_timeout = 50ms, .patience = 200ms});
    test::Done closed;
    unsigned ended = 0;
    SUBCASE("close") {
        ends.near.run({.message = [&](const Message&) { ends.near.async_close(closed.handler()); },
                       .closed = [&](const CloseReason&) { ++ended; }});
    }
    SUBCASE("abort") {
        ends.near.run({.message =
                           [&](const Message&) {
                               ends.near.abort();
                               ends.near.async_close(closed.handler());
                           },
                       .closed = [&](const CloseReason&) { ++ended; }});
    }
    REQUIRE_FALSE(ends.far.try_send(Message::text("one")));
    world.run_until("a close", closed);
    test::reason_of(world, ends.far);
    world.run_ready();
    CHECK(ended == 1);
}

HAWSER_TEST_EACH("the last handler may destroy its channel", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    bool ended = false;
    ends.near.run({.closed = [&](const CloseReason& reason) {
        ends.near = {};
        ended = reason.code == 4002;
    }});
    static_cast<void>(test::start_close(ends.far, {.code = 4002}));
    world.run_until("the end", [&] { return ended; });
    test::reason_of(world, ends.far);
}

HAWSER_TEST_EACH("what a handler throws harms neither its channel nor others", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    auto others = end.connect(world);
    std::size_t received = 0;
    bool ended = false;
    ends.near.run({.message =
                       [&](const Message& message) {
                           CHECK((message == test::numbered_message(received)));
                           if (++received % 3 == 0) throw Thrown{};
                       },
                   .closed =
                       [&](const CloseReason&) {
                           ended = true;
                           throw Thrown{};
                       }});
    const test::Source source{ends.far, 90};
    const test::Source other_source{others.far, 90};
    const test::Sink other_sink{others.near, 90};
    CHECK(run_counting_exceptions(world, [&] {
              return received == 90 && source.is_done() && other_sink.is_done();
          }) == 30);
    CHECK(other_sink.received() == 90);
    static_cast<void>(test::start_close(ends.far));
    CHECK(run_counting_exceptions(world, [&] { return ended && ends.far.is_closed(); }) == 1);
}

HAWSER_TEST_EACH("what a completion handler throws loses no message", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const test::Source source{ends.far, 30};
    std::size_t received = 0;
    unsigned thrown = 0;
    while (received != 30) {
        ends.near.async_receive([&](std::error_code error, const Message& message) {
            CHECK_FALSE(error);
            CHECK((message == test::numbered_message(received)));
            ++received;
            throw Thrown{};
        });
        const std::size_t before = received;
        thrown += run_counting_exceptions(world, [&] { return received != before; });
    }
    CHECK(thrown == 30);
}

HAWSER_TEST_EACH("a completion handler may receive again, destroy and send", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    std::string story;
    ends.near.async_receive([&](std::error_code, const Message& first) {
        story += first.view();
        ends.near.async_receive([&](std::error_code, const Message& second) {
            story += second.view();
            CHECK_FALSE(ends.near.try_send(Message::text("c")));
            ends.near = {};
        });
    });
    for (const char* text : {"a", "b", "lost"})
        REQUIRE_FALSE(ends.far.try_send(Message::text(text)));
    CHECK(test::receive(world, ends.far).message().view() == "c");
    CHECK(test::receive(world, ends.far).error() == Error::closed);
    CHECK(story == "ab");
}
