#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <chrono>
#include <string>

using hawser::CloseCode;
using hawser::CloseReason;
using hawser::Error;
using hawser::Message;
using hawser::Party;
using namespace std::chrono_literals;

namespace {

constexpr unsigned code_of(CloseCode code) { return static_cast<unsigned>(code); }

test::Terms with_patience(hawser::Duration patience) {
    return {.close_timeout = 50ms, .patience = patience};
}

}  // namespace

HAWSER_TEST_EACH("both sides learn who closed, with which code and text", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const auto far_receive = test::start_receive(ends.far);
    CHECK_FALSE(test::close(world, ends.near, {.code = 4321, .text = "gute Nacht \xe2\x98\xbe"}));
    const auto near = test::reason_of(world, ends.near);
    const auto far = test::reason_of(world, ends.far);
    CHECK(near.error == Error::closed);
    CHECK(near.code == 4321);
    CHECK(near.text == "gute Nacht \xe2\x98\xbe");
    CHECK(near.by == Party::local);
    CHECK(far.error == Error::closed);
    CHECK(far.code == 4321);
    CHECK(far.text == "gute Nacht \xe2\x98\xbe");
    CHECK(far.by == Party::peer);
    world.run_until("the end of a receive", far_receive);
    CHECK(far_receive.error() == Error::closed);
    CHECK(far_receive.error() == hawser::Condition::closed);
}

HAWSER_TEST_EACH("a close comes after all that was sent before", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    constexpr std::size_t count = 200;
    for (std::size_t i = 0; i != count; ++i) {
        REQUIRE_FALSE(ends.near.try_send(test::numbered_message(i)));
    }
    const auto closed = test::start_close(ends.near);
    CHECK(ends.near.try_send(Message{}) == Error::closed);
    for (std::size_t i = 0; i != count; ++i) {
        REQUIRE((test::receive(world, ends.far).message() == test::numbered_message(i)));
    }
    CHECK(test::receive(world, ends.far).error() == Error::closed);
    world.run_until("the end of a close", closed);
    CHECK(test::reason_of(world, ends.far).code == code_of(CloseCode::normal));
}

HAWSER_TEST_EACH("a side that closes still receives what is on its way", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    REQUIRE_FALSE(test::send(world, ends.far, Message::text("first")));
    REQUIRE(test::receive(world, ends.near).message().view() == "first");
    for (std::size_t i = 0; i != 100; ++i) {
        REQUIRE_FALSE(ends.far.try_send(test::numbered_message(i)));
    }
    const auto closed = test::start_close(ends.near);
    for (std::size_t i = 0; i != 100; ++i) {
        const auto received = test::receive(world, ends.near);
        REQUIRE_FALSE(received.error());
        REQUIRE((received.message() == test::numbered_message(i)));
    }
    CHECK(test::receive(world, ends.near).error() == Error::closed);
    world.run_until("the end of a close", closed);
}

HAWSER_TEST_EACH("both sides may close at once", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const auto near = test::start_close(ends.near, {.code = 3000});
    const auto far = test::start_close(ends.far, {.code = 3001});
    world.run_until("the near close", near);
    world.run_until("the far close", far);
    CHECK_FALSE(near.error());
    CHECK_FALSE(far.error());
    CHECK(ends.near.close_reason()->error == Error::closed);
    CHECK(ends.far.close_reason()->error == Error::closed);
}

HAWSER_TEST_EACH("a close that cannot be said is refused", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 2999U, 5000U}) {
        CAPTURE(code);
        CHECK(test::close(world, ends.near, {.code = static_cast<std::uint16_t>(code)}) ==
              Error::bad_argument);
    }
    CHECK(test::close(world, ends.near, {.text = std::string(124, 'x')}) == Error::bad_argument);
    REQUIRE_FALSE(test::send(world, ends.near, Message::text("open")));
    CHECK(test::receive(world, ends.far).message().view() == "open");
    CHECK_FALSE(test::close(world, ends.near, {.text = std::string(123, 'x')}));
    CHECK(test::reason_of(world, ends.far).text == std::string(123, 'x'));
}

HAWSER_TEST_EACH("a text of a close that is not UTF-8 is left out", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    CHECK_FALSE(test::close(world, ends.near, {.code = 4000, .text = "\xff"}));
    const auto far = test::reason_of(world, ends.far);
    CHECK(far.error == Error::closed);
    CHECK(far.code == 4000);
    CHECK(far.text.empty());
}

HAWSER_TEST_EACH("operations on a closed channel complete with an error", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const hawser::Sender sender = ends.far.sender();
    CHECK(sender.send(Message::text("good")));
    REQUIRE_FALSE(test::close(world, ends.near));
    test::reason_of(world, ends.far);
    for (hawser::AnyChannel* channel : {&ends.near, &ends.far}) {
        CHECK(channel->try_send(Message{}) == Error::closed);
        CHECK(test::send(world, *channel, Message{}) == Error::closed);
        CHECK_FALSE(test::close(world, *channel));
        CHECK_FALSE(channel->sender().send(Message{}));
    }
    CHECK_FALSE(sender.send(Message{}));
    CHECK(test::receive(world, ends.near).message().view() == "good");
    CHECK(test::receive(world, ends.near).error() == Error::closed);
    ends.near.abort();
    CHECK(test::receive(world, ends.near).error() == Error::closed);
    CHECK(ends.near.close_reason()->error == Error::closed);
}

HAWSER_TEST_EACH("the end is told exactly once, and last", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    std::string story;
    ends.far.run({.message = [&](const Message& message) { story += message.view(); },
                  .closed = [&](const CloseReason& reason) {
                      story += reason.error == Error::closed ? '.' : '!';
                  }});
    REQUIRE_FALSE(ends.near.try_send(Message::text("a")));
    REQUIRE_FALSE(ends.near.try_send(Message::text("b")));
    REQUIRE_FALSE(test::close(world, ends.near));
    world.run_until("the end", [&] { return story.ends_with('.'); });
    ends.far.abort();
    CHECK_FALSE(test::close(world, ends.far));
    ends.near.abort();
    world.run_ready();
    CHECK(story == "ab.");
}

HAWSER_TEST_EACH("an aborted channel ends at once", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_patience(200ms));
    REQUIRE_FALSE(test::send(world, ends.far, Message::text("lost")));
    auto receive = test::start_receive(ends.near);
    world.run_until("a message", receive);
    receive = test::start_receive(ends.near);
    const auto close = test::start_close(ends.near);
    ends.near.abort();
    CHECK_FALSE(receive.has_come());  // not from inside the call
    world.run_until("the end of a receive", receive);
    world.run_until("the end of a close", close);
    CHECK(receive.error() == Error::aborted);
    CHECK(ends.near.close_reason()->error == Error::aborted);
    CHECK(ends.near.close_reason()->code == code_of(CloseCode::abnormal));
    CHECK(ends.near.close_reason()->by == Party::local);
    const auto far = test::reason_of(world, ends.far);
    CHECK(far.error != Error::closed);
    CHECK(far.code == code_of(CloseCode::abnormal));
    CHECK(far.by != Party::local);
}

HAWSER_TEST_EACH("a channel that is destroyed closes politely", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    REQUIRE_FALSE(ends.near.try_send(Message::text("goodbye")));
    ends.near = {};
    CHECK(test::receive(world, ends.far).message().view() == "goodbye");
    CHECK(test::receive(world, ends.far).error() == Error::closed);
    const auto far = test::reason_of(world, ends.far);
    CHECK(far.code == code_of(CloseCode::normal));
    CHECK(far.by == Party::peer);
}

HAWSER_TEST_EACH("both sides notice that the path is gone", end, HAWSER_TEST_NETWORK_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_patience(200ms));
    REQUIRE_FALSE(test::send(world, ends.near, Message::text("arrived")));
    REQUIRE(test::receive(world, ends.far).message().view() == "arrived");
    const auto receive = test::start_receive(ends.near);
    ends.ground->sever();
    for (hawser::AnyChannel* channel : {&ends.near, &ends.far}) {
        const auto reason = test::reason_of(world, *channel);
        CHECK(reason.error == (end.is_polling() ? Error::session_expired : Error::connection_lost));
        CHECK(reason.code == code_of(CloseCode::abnormal));
        CHECK(reason.by == Party::network);
    }
    world.run_until("the end of a receive", receive);
    CHECK(receive.error() == hawser::Condition::unreachable);
}

HAWSER_TEST_EACH("both sides notice that the path has fallen silent", end,
                 HAWSER_TEST_NETWORK_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_patience(200ms));
    ends.ground->fall_silent();
    for (hawser::AnyChannel* channel : {&ends.near, &ends.far}) {
        const auto reason = test::reason_of(world, *channel);
        CHECK(reason.error ==
              (end.is_polling() ? Error::session_expired : Error::keep_alive_timeout));
        CHECK(reason.by == Party::network);
    }
}

HAWSER_TEST_EACH("a close that the peer does not answer is bounded in time", end,
                 HAWSER_TEST_NETWORK_ENDS) {
    test::World world;
    auto ends = end.connect(world, {.close_timeout = 50ms});
    ends.ground->fall_silent();
    CHECK_FALSE(test::close(world, ends.near, {.code = 4000}));
    CHECK(ends.near.close_reason()->error == Error::close_timeout);
    CHECK(ends.near.close_reason()->error == hawser::Condition::unreachable);
}

HAWSER_TEST_EACH("a draining server closes its channels with 1001", end, HAWSER_TEST_NETWORK_ENDS) {
    test::World world;
    auto ends = end.connect(world, {.close_timeout = 500ms});
    REQUIRE_FALSE(ends.near.try_send(Message::text("before")));
    const auto drained = ends.ground->start_drain(20s);
    const auto near = test::reason_of(world, ends.near);
    const auto far = test::reason_of(world, ends.far);
    CHECK(near.code == code_of(CloseCode::going_away));
    CHECK(far.code == code_of(CloseCode::going_away));
    CHECK(near.error == Error::closed);
    CHECK(far.error == Error::closed);
    CHECK(near.by == (end.role == hawser::Role::server ? Party::local : Party::peer));
    CHECK(far.by == (end.role == hawser::Role::server ? Party::peer : Party::local));
    CHECK(test::receive(world, ends.far).message().view() == "before");
    world.run_until("a drained server", drained);
    CHECK_FALSE(drained.error());
    ends.ground->sever();  // which waits for connections itself
    world.run_dry();
}
