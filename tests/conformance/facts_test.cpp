#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

using hawser::Message;

HAWSER_TEST_EACH("other threads send, each in its order", end, HAWSER_TEST_ENDS) {
    constexpr std::size_t thread_count = 4;
    constexpr std::size_t count = 500;
    test::World world;
    auto ends = end.connect(world);
    const hawser::Sender sender = ends.near.sender();
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread != thread_count; ++thread) {
        threads.emplace_back([sender, thread] {
            for (std::size_t i = 0; i != count; ++i) {
                const std::string text = std::to_string(thread) + ' ' + std::to_string(i);
                if (!sender.send(Message::text(text))) return;
            }
        });
    }
    std::array<std::size_t, thread_count> next{};
    for (std::size_t i = 0; i != thread_count * count; ++i) {
        const auto received = test::receive(world, ends.far);
        REQUIRE_FALSE(received.error());
        const std::string text{received.message().view()};
        const std::size_t thread = std::stoul(text);
        REQUIRE(thread < thread_count);
        REQUIRE(text.substr(text.find(' ') + 1) == std::to_string(next[thread]++));
    }
    CHECK(ends.near.counters().sent == thread_count * count);
}

HAWSER_TEST_EACH("a sender outlives its channel, and says so", end, HAWSER_TEST_ENDS) {
    hawser::Sender sender;
    CHECK_FALSE(sender.send(Message::text("nobody")));
    {
        test::World world;
        auto ends = end.connect(world);
        sender = ends.near.sender();
        CHECK(sender.send(Message::text("there")));
        CHECK(test::receive(world, ends.far).message().view() == "there");
        ends.near = {};
        CHECK(test::receive(world, ends.far).error() == hawser::Error::closed);
        std::jthread other{[sender] {
            while (sender.send(Message::text("too late"))) std::this_thread::yield();
        }};
        world.run_until("a sender that knows", [&] { return !sender.send(Message{}); });
    }
    CHECK_FALSE(sender.send(Message::text("nobody")));
}

HAWSER_TEST_EACH("counters and the backlog tell what was moved", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    CHECK(ends.near.counters() == hawser::Counters{});
    CHECK(ends.near.backlog().messages == 0);
    CHECK(ends.near.backlog().is_at_most_low);
    for (std::size_t i = 0; i != 10; ++i) {
        REQUIRE_FALSE(ends.near.try_send(test::numbered_message(i)));
    }
    CHECK(ends.near.counters().sent == 10);
    CHECK(ends.near.backlog().messages == 10);
    CHECK(ends.near.backlog().bytes > 100);
    CHECK(ends.near.try_send(Message::text("\xff")));
    CHECK(ends.near.counters().sent == 10);
    for (std::size_t i = 0; i != 10; ++i) {
        CHECK(ends.far.counters().received == i);
        CHECK_FALSE(test::receive(world, ends.far).error());
    }
    CHECK(ends.far.counters().received == 10);
    CHECK(ends.far.counters().sent == 0);
    world.run_until("an empty backlog", [&] { return ends.near.backlog().bytes == 0; });
    CHECK(ends.near.backlog().messages == 0);
    CHECK(ends.near.counters().dropped == 0);
    CHECK(ends.near.counters().retransmitted == 0);
}

HAWSER_TEST_EACH("a channel knows its peer, its promise and its executor", end,
                 HAWSER_TEST_NETWORK_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const hawser::ChannelFacts near = ends.near.info();
    const hawser::ChannelFacts far = ends.far.info();
    REQUIRE_FALSE(test::close(world, ends.near));
    const hawser::ChannelFacts& server = end.role == hawser::Role::server ? near : far;
    const hawser::ChannelFacts& client = end.role == hawser::Role::server ? far : near;
    CHECK(server.peer_address() == "127.0.0.1");
    CHECK(server.peer_port() != 0);
    CHECK(server.target() == "/channel?room=7");
    CHECK(server.header("hOST").value_or("").starts_with("127.0.0.1:"));
    CHECK_FALSE(server.header("no-such-field"));
    CHECK_FALSE(server.is_encrypted());
    CHECK(server.subprotocol().empty());
    CHECK(client.peer_address() == "127.0.0.1");
    CHECK(client.target() == "/channel?room=7");
    CHECK_FALSE(client.headers().empty());
    CHECK(ends.near.get_executor() == world.executor());
    CHECK(ends.near.guarantee() == ends.far.guarantee());
    CHECK((ends.near.guarantee() == hawser::Guarantee::exactly_once) == end.is_polling());
}

HAWSER_TEST_EACH("a channel keeps no head where none is wanted", end, HAWSER_TEST_NETWORK_ENDS) {
    test::World world;
    auto ends = end.connect(world, {.keep_head = false});
    const hawser::AnyChannel& server = end.role == hawser::Role::server ? ends.near : ends.far;
    const hawser::AnyChannel& client = end.role == hawser::Role::server ? ends.far : ends.near;
    CHECK(server.info().headers().empty());
    CHECK(server.info().target().empty());
    CHECK(server.info().peer_address() == "127.0.0.1");
    CHECK(client.info().headers().empty());
}
