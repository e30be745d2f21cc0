#include <hawser/websocket/frame_sender.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace hawser;
using websocket::FrameSender;
using websocket::MaskKeys;
using Frames = std::vector<std::string>;

namespace {

struct Sending {
    BacklogOptions options = {};
    FrameSender sender;

    explicit Sending(Role role)
        : sender{options,
                 role == Role::client ? std::make_unique<MaskKeys>(test::entropy()) : nullptr} {}

    void push(std::string_view text) {
        CHECK(sender.backlog().push(Message::text(text)) == Backlog::Push::accepted);
    }
    void pong(std::string_view text) { sender.pong(as_bytes(text)); }
    Frames take(std::size_t budget = test::any_budget) {
        Output output;
        left = sender.take(output, budget);
        bytes = output.flatten();
        return test::frames_in(bytes);
    }

    FrameSender::Left left = {};
    test::Bytes bytes = {};
};

}  // namespace

TEST_CASE("control frames leave before messages, the close frame after them") {
    for (const Role role : {Role::server, Role::client}) {
        Sending sending{role};
        sending.push("first");
        sending.sender.close(1000, "bye");
        sending.push("second");
        sending.sender.ping();
        sending.pong("p");
        CHECK(sending.take() == Frames{"pong p", "ping ", "text first", "text second",
                                       test::close_frame(1000, "bye")});
        CHECK(sending.left.ping);
        CHECK(sending.left.close);
        CHECK(sending.take().empty());
    }
}

TEST_CASE("C10 a few pings are all answered, in order, and of many the first few and the latest") {
    Sending sending{Role::server};
    sending.pong("a longer first");
    sending.pong("second");
    sending.sender.ping();
    sending.sender.ping();
    CHECK(sending.take() == Frames{"pong a longer first", "pong second", "ping "});
    CHECK(sending.take().empty());

    Frames expected;
    for (std::size_t i = 0; i != 1000; ++i) {
        sending.pong(std::to_string(i));
        if (i + 1 < FrameSender::most_pongs) expected.push_back("pong " + std::to_string(i));
    }
    expected.push_back("pong 999");
    CHECK(sending.take() == expected);
    CHECK(sending.take().empty());
}

TEST_CASE("C18 a short pong after a long one holds nothing of it") {
    Sending sending{Role::server};
    sending.pong(std::string(125, 'x'));
    sending.pong("");
    CHECK(sending.take() == Frames{"pong " + std::string(125, 'x'), "pong "});
}

TEST_CASE("messages stop leaving when the budget is used up, and the close frame waits for them") {
    Sending sending{Role::server};
    for (const char* text : {"one", "two", "three"})
        sending.push(text);
    sending.sender.close(1000, {});
    CHECK(sending.take(1) == Frames{"text one"});
    CHECK_FALSE(sending.left.close);
    CHECK(sending.take(6) == Frames{"text two", "text three", test::close_frame(1000)});
    CHECK(sending.left.close);
}

TEST_CASE("a pong overtakes messages that wait, also when a close frame is queued") {
    Sending sending{Role::server};
    for (const char* text : {"one", "two", "three"})
        sending.push(text);
    sending.sender.close(1000, {});
    CHECK(sending.take(1) == Frames{"text one"});
    sending.pong("p");
    CHECK(sending.take(1) == Frames{"pong p", "text two"});
    CHECK(sending.take(1) == Frames{"text three", test::close_frame(1000)});
}

TEST_CASE("nothing leaves behind the close frame") {
    Sending sending{Role::client};
    sending.sender.close(1000, {});
    CHECK(sending.take() == Frames{test::close_frame(1000)});
    sending.push("late");
    sending.pong("late");
    sending.sender.ping();
    sending.sender.close(1001, {});
    CHECK(sending.take().empty());
}

TEST_CASE("a later close frame takes the place of an earlier one") {
    Sending sending{Role::server};
    sending.sender.close(1000, "first");
    sending.sender.close(1002, "second");
    CHECK(sending.take() == Frames{test::close_frame(1002, "second")});
}

TEST_CASE("what is discarded does not leave") {
    Sending sending{Role::server};
    sending.push("message");
    sending.pong("pong");
    sending.sender.ping();
    sending.sender.close(1000, {});
    sending.sender.discard();
    CHECK_FALSE(sending.sender.ping_waits());
    CHECK(sending.take().empty());
    CHECK_FALSE(sending.left.close);
}

TEST_CASE("a server shares the bytes of a long message instead of copying them") {
    Sending sending{Role::server};
    const Message message = Message::binary(test::Bytes(100'000));
    CHECK(sending.sender.backlog().push(Message{message}) == Backlog::Push::accepted);
    Output output;
    sending.sender.take(output, test::any_budget);
    std::array<ByteView, 4> views;
    REQUIRE(output.gather(views) == 1);
    CHECK(views[0].data() == message.frame().data());
}

TEST_CASE("C17 a client masks each frame with a key of its own and leaves the message as it is") {
    Sending sending{Role::client};
    std::set<framing::MaskKey> keys;
    for (int i = 0; i != 200; ++i) {
        const Message message = Message::text("always the same");
        CHECK(sending.sender.backlog().push(Message{message}) == Backlog::Push::accepted);
        CHECK(sending.take() == Frames{"text always the same"});
        CHECK(message.view() == "always the same");
        const auto reading = framing::read_frame_header(sending.bytes);
        REQUIRE(reading.header.mask);
        keys.insert(*reading.header.mask);
    }
    CHECK(keys.size() == 200);
    sending.sender.ping();
    sending.pong("p");
    sending.sender.close(1000, {});
    sending.take();
    for (ByteView bytes = sending.bytes; !bytes.empty();) {
        const auto reading = framing::read_frame_header(bytes);
        REQUIRE(reading.header.mask);
        CHECK(keys.insert(*reading.header.mask).second);
        bytes = bytes.subspan(reading.size + static_cast<std::size_t>(reading.header.length));
    }
}

TEST_CASE("a server never masks") {
    Sending sending{Role::server};
    sending.push("text");
    sending.sender.ping();
    sending.sender.close(1000, {});
    sending.take();
    CHECK(sending.bytes ==
          test::joined({test::encode({.opcode = 9}), test::encode({.opcode = 1}, "text"),
                        test::encode({.opcode = 8}, "\x03\xE8")}));
}
