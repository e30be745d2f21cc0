#include <hawser/channel/any_channel.hpp>

#include "channel/fake_carrier.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/use_future.hpp>
#include <doctest/doctest.h>

#include <future>
#include <string>

using hawser::CloseReason;
using hawser::Error;
using hawser::Message;

TEST_CASE("destroying a channel closes it politely, and ends what is outstanding") {
    FakeWorld world;
    std::error_code received;
    world.channel.async_receive([&](std::error_code error, const Message&) { received = error; });
    { const hawser::AnyChannel gone = std::move(world.channel); }
    REQUIRE(world.carrier->closed_with);
    CHECK(world.carrier->closed_with->code == 1000);
    CHECK_FALSE(received);
    world.run();
    CHECK(received == Error::channel_gone);
}

TEST_CASE("assigning to a channel closes the one it was") {
    FakeWorld world;
    const auto other = std::make_shared<FakeCarrier>(world.io.get_executor());
    world.channel = hawser::Channel<Fake>{other};
    CHECK(world.carrier->closed_with);
    CHECK_FALSE(other->closed_with);
}

TEST_CASE("a receive completes with the next message, for any completion token") {
    FakeWorld world;
    auto future = world.channel.async_receive(asio::use_future);
    world.arrive("one");
    REQUIRE(future.wait_for(std::chrono::seconds{0}) == std::future_status::ready);
    CHECK(future.get().view() == "one");
}

TEST_CASE("a coroutine receives, sends, and sees the end") {
    FakeWorld world;
    std::string got;
    bool ended = false;
    auto echo = [&](hawser::AnyChannel channel) -> asio::awaitable<void> {
        while (auto message = co_await channel.receive()) {
            got += message->view();
            CHECK(co_await channel.send(*std::move(message)));
        }
        ended = channel.close_reason()->code == 4000;
    };
    asio::co_spawn(world.io, echo(std::move(world.channel)), asio::detached);
    world.arrive("a");
    world.arrive("b");
    CHECK(world.carrier->sent.size() == 2);
    asio::post(world.io, [&] { world.carrier->port().close({.code = 4000}); });
    world.run();
    CHECK(got == "ab");
    CHECK(ended);
}

TEST_CASE("a send is taken at once, and completes later") {
    FakeWorld world;
    bool completed = false;
    world.channel.async_send(Message::text("one"), [&](std::error_code error) {
        CHECK_FALSE(error);
        completed = true;
    });
    CHECK(world.carrier->sent.size() == 1);
    CHECK(world.carrier->last_when_full == hawser::WhenFull::apply_policy);
    CHECK_FALSE(completed);
    world.run();
    CHECK(completed);
}

TEST_CASE("a send waits while the backlog is above its high-water mark") {
    FakeWorld world;
    world.carrier->state.is_above_high = true;
    int completed = 0;
    for (int i = 0; i != 3; ++i) {
        world.channel.async_send(Message::text("one"), [&](std::error_code) { ++completed; });
    }
    world.io.poll();
    CHECK(completed == 0);
    world.carrier->port().drained();
    world.run();
    CHECK(completed == 3);
}

TEST_CASE("a send that is refused says why") {
    FakeWorld world;
    world.carrier->refusal = Error::invalid_text;
    std::error_code got;
    world.channel.async_send(Message::text("one"), [&](std::error_code error) { got = error; });
    world.run();
    CHECK(got == Error::invalid_text);
}

TEST_CASE("trying to send refuses, and has the drain told") {
    FakeWorld world;
    CHECK_FALSE(world.channel.try_send(Message::text("one")));
    CHECK(world.carrier->last_when_full == hawser::WhenFull::refuse);
    CHECK_FALSE(world.carrier->port().awaits_drained());
    world.carrier->refusal = Error::backlog_full;
    CHECK(world.channel.try_send(Message::text("two")) == Error::backlog_full);
    int drained = 0;
    world.channel.run({.drained = [&] { ++drained; }});
    CHECK(world.carrier->port().awaits_drained());
    world.carrier->port().drained();
    CHECK(drained == 1);
}

TEST_CASE("cancelling a receive leaves its message for the next") {
    FakeWorld world;
    asio::cancellation_signal signal;
    std::error_code got;
    world.channel.async_receive(asio::bind_cancellation_slot(
        signal.slot(), [&](std::error_code error, const Message&) { got = error; }));
    signal.emit(asio::cancellation_type::total);
    world.arrive("one");
    CHECK(got == asio::error::operation_aborted);
    std::string text;
    world.channel.async_receive(
        [&](std::error_code, const Message& message) { text = message.view(); });
    CHECK(text.empty());
    world.run();
    CHECK(text == "one");
}

TEST_CASE("cancelling a send that waits ends the wait, not the message") {
    FakeWorld world;
    world.carrier->state.is_above_high = true;
    asio::cancellation_signal signal;
    std::error_code got;
    world.channel.async_send(Message::text("one"),
                             asio::bind_cancellation_slot(
                                 signal.slot(), [&](std::error_code error) { got = error; }));
    signal.emit(asio::cancellation_type::partial);
    world.run();
    CHECK(got == asio::error::operation_aborted);
    CHECK(world.carrier->sent.size() == 1);
}

TEST_CASE("closing checks what is to be said, and completes at the end") {
    FakeWorld world;
    std::error_code refused;
    const auto expect_refusal = [&](CloseReason reason) {
        refused.clear();
        world.channel.async_close(std::move(reason),
                                  [&](std::error_code error) { refused = error; });
        world.run();
        CHECK(refused == Error::bad_argument);
        CHECK_FALSE(world.carrier->closed_with);
    };
    expect_refusal({.code = 1005});
    expect_refusal({.code = 2999});
    expect_refusal({.text = std::string(124, 'x')});

    bool completed = false;
    world.channel.async_close({.code = 3000, .text = "bye"},
                              [&](std::error_code error) { completed = !error; });
    CHECK(world.carrier->closed_with->text == "bye");
    world.io.poll();
    CHECK_FALSE(completed);
    world.carrier->port().close({.code = 3000});
    world.run();
    CHECK(completed);
    CHECK(world.channel.is_closed());
    CHECK(world.channel.close_reason()->code == 3000);
}

TEST_CASE("a channel passes on what its carrier knows") {
    FakeWorld world;
    world.carrier->facts = hawser::ChannelFacts{{.peer_address = "192.0.2.1"}};
    world.carrier->state.bytes = 7;
    CHECK(world.channel.info().peer_address() == "192.0.2.1");
    CHECK(world.channel.backlog().bytes == 7);
    CHECK(world.channel.guarantee() == hawser::Guarantee::exactly_once);
    CHECK_FALSE(world.channel.close_reason());
    world.arrive("one");
    world.channel.async_receive([](std::error_code, const Message&) {});
    world.run();
    CHECK(world.channel.counters() == hawser::Counters{.received = 1});
    world.channel.abort();
    CHECK(world.carrier->is_aborted);
}

TEST_CASE("a handler may destroy the channel that calls it") {
    FakeWorld world;
    std::optional<hawser::AnyChannel> channel{std::move(world.channel)};
    int called = 0;
    channel->run({.message = [&](const Message&) {
        ++called;
        channel.reset();
    }});
    world.arrive("one");
    world.arrive("two");
    CHECK(called == 1);
    CHECK(world.carrier->closed_with);
}
