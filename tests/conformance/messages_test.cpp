#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"
#include "support/random.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

using hawser::CloseCode;
using hawser::Error;
using hawser::Message;

namespace {

constexpr std::size_t limit = 100'000;

test::Terms with_limit(std::size_t near, std::size_t far) {
    test::Terms terms;
    terms.near.message.bytes = near;
    terms.far.message.bytes = far;
    return terms;
}

/// Sends `message` from one channel to another, and compares what arrives.
void check_passes(test::World& world, hawser::AnyChannel& from, hawser::AnyChannel& to,
                  const Message& message) {
    CHECK_FALSE(test::send(world, from, message));
    const auto received = test::receive(world, to);
    CHECK_FALSE(received.error());
    CHECK(received.message().kind() == message.kind());
    CHECK(received.message().size() == message.size());
    CHECK((received.message() == message));
}

}  // namespace

HAWSER_TEST_EACH("messages arrive in the order in which they were sent", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    constexpr std::size_t count = 500;
    std::vector<test::Done> sends;
    for (std::size_t i = 0; i != count; ++i) {
        sends.push_back(test::start_send(ends.near, test::numbered_message(i)));
    }
    for (std::size_t i = 0; i != count; ++i) {
        const auto received = test::receive(world, ends.far);
        REQUIRE_FALSE(received.error());
        REQUIRE((received.message() == test::numbered_message(i)));
    }
    for (const auto& send : sends) {
        world.run_until("a send", send);
        CHECK_FALSE(send.error());
        CHECK(send.times() == 1);
    }
}

HAWSER_TEST_EACH("messages of every size and kind arrive as they were", end, HAWSER_TEST_ENDS) {
    test::World world;
    test::Random random;
    CAPTURE(random.seed());
    auto ends = end.connect(world, with_limit(limit, limit));
    constexpr std::array<std::size_t, 12> sizes{0,   1,     45,    46,    47,    125,
                                                126, 127,   65535, 65536, 65537, limit};
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        check_passes(world, ends.near, ends.far, Message::binary(random.bytes(size)));
        check_passes(world, ends.near, ends.far, Message::text(random.text(size)));
    }
}

HAWSER_TEST_EACH("what is too big for an end is refused by it, and harms nothing", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world, with_limit(limit, limit));
    const Message too_big = Message::text(std::string(limit + 1, 'x'));
    CHECK(ends.near.try_send(too_big) == Error::message_too_big);
    CHECK(test::send(world, ends.near, too_big) == Error::message_too_big);
    CHECK(ends.near.sender().send(too_big));  // handed over, and dropped
    check_passes(world, ends.near, ends.far, Message::text("still here"));
    CHECK_FALSE(ends.near.is_closed());
}

HAWSER_TEST_EACH("text that is not UTF-8 is refused, and harms nothing", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    for (const std::string& wrong : {std::string{"\xff"}, std::string(100, '\xc3')}) {
        CHECK(ends.near.try_send(Message::text(wrong)) == Error::invalid_text);
        CHECK(test::send(world, ends.near, Message::text(wrong)) == Error::invalid_text);
        CHECK(ends.near.sender().send(Message::text(wrong)));  // handed over, and dropped
        check_passes(world, ends.near, ends.far, Message::binary(hawser::as_bytes(wrong)));
    }
    check_passes(world, ends.near, ends.far, Message::text("gr\xc3\xbc\xc3\x9f"));
}

HAWSER_TEST_EACH("messages go both ways at once", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    constexpr std::size_t count = 2000;
    const auto other = [](std::size_t i) { return test::numbered_message(i + 7); };
    const test::Source there{ends.near, count};
    const test::Source back{ends.far, count, other};
    const test::Sink there_sink{ends.far, count};
    const test::Sink back_sink{ends.near, count, other};
    world.run_until("2,000 messages each way", [&] {
        return there.is_done() && back.is_done() && there_sink.is_done() && back_sink.is_done();
    });
    CHECK(there_sink.received() == count);
    CHECK(back_sink.received() == count);
}

HAWSER_TEST_EACH("a message is sent on as it came", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const Message sent = Message::text(std::string(5000, 'e'));
    REQUIRE_FALSE(test::send(world, ends.near, sent));
    auto received = test::receive(world, ends.far);
    check_passes(world, ends.far, ends.near, received.message());
}

HAWSER_TEST_EACH("what is too big for the peer ends the channel with 1009 on both sides", end,
                 test::ServerOver<test::Over::websocket>, test::ClientOver<test::Over::websocket>,
                 test::ServerOver<test::Over::long_polling>,
                 test::ServerOver<test::Over::polling>) {
    test::World world;
    auto ends = end.connect(world, with_limit(limit + 1, limit));
    REQUIRE_FALSE(test::send(world, ends.near, Message::text(std::string(limit + 1, 'x'))));
    CHECK(test::receive(world, ends.far).error() == Error::message_too_big);
    const auto near = test::reason_of(world, ends.near);
    const auto far = test::reason_of(world, ends.far);
    CHECK(near.code == static_cast<unsigned>(CloseCode::too_big));
    CHECK(far.code == static_cast<unsigned>(CloseCode::too_big));
    CHECK(far.by == hawser::Party::peer);
}

HAWSER_TEST_EACH("a polling client does not send what its server finds too big", end,
                 test::ClientOver<test::Over::long_polling>,
                 test::ClientOver<test::Over::polling>) {
    test::World world;
    auto ends = end.connect(world, with_limit(limit + 1, limit));
    const Message too_big = Message::text(std::string(limit + 1, 'x'));
    CHECK(test::send(world, ends.near, too_big) == Error::message_too_big);
    check_passes(world, ends.near, ends.far, Message::text("still here"));
}
