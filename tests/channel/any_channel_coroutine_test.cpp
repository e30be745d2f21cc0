#include <hawser/channel/any_channel.hpp>

#include "channel/fake_carrier.hpp"

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace hawser;
using test::Channelled;
using test::Log;

namespace {

asio::awaitable<void> echo(AnyChannel channel, Log& log) {
    while (auto message = co_await channel.receive()) {
        log.emplace_back(message->view());
        if (co_await channel.send(*std::move(message))) continue;
        log.emplace_back("refused");
        co_return;
    }
    log.push_back("ended: " + channel.close_reason()->error.message());
}

}  // namespace

TEST_CASE("a coroutine receives and sends until the channel ends") {
    Channelled c;
    c.carrier->arrive("one");
    asio::co_spawn(c.io, echo(std::move(*c.channel), c.log), asio::detached);
    c.poll();
    c.carrier->arrive("two");
    c.poll();
    CHECK(c.carrier->sent == Log{"one", "two"});
    SUBCASE("closed") {
        c.carrier->end(Error::going_away);
        c.poll();
        CHECK(c.log == Log{"one", "two", "ended: the peer is going away"});
    }
    SUBCASE("refused") {
        c.carrier->send_error = Error::message_too_big;
        c.carrier->arrive("three");
        c.poll();
        CHECK(c.log == Log{"one", "two", "three", "refused"});
    }
    CHECK(c.carrier->closes.size() == 1);
}

TEST_CASE("a coroutine waits while the backlog is high") {
    Channelled c;
    c.carrier->state.is_above_high = true;
    c.carrier->arrive("one");
    c.carrier->arrive("two");
    asio::co_spawn(c.io, echo(std::move(*c.channel), c.log), asio::detached);
    c.poll();
    CHECK(c.log == Log{"one"});
    c.carrier->port().drained();
    c.poll();
    CHECK(c.log == Log{"one", "two"});
    c.carrier->end();
    c.poll();
    CHECK(c.log == Log{"one", "two", "refused"});
}

TEST_CASE("what is awaited after the channel has been moved or destroyed has an answer") {
    Channelled c;
    auto receive = c.channel->receive();
    auto send = c.channel->send(Message::text("one"));
    auto close = c.channel->async_close(asio::use_awaitable);
    std::optional<AnyChannel> moved{std::move(*c.channel)};
    SUBCASE("moved") {}
    SUBCASE("destroyed") { moved.reset(); }
    const bool is_alive = moved.has_value();
    const auto await_all = [&]() -> asio::awaitable<void> {
        const auto message = co_await std::move(receive);
        CHECK(message.has_value() == is_alive);
        CHECK(co_await std::move(send));
        co_await std::move(close);
        c.log.emplace_back("done");
    };
    asio::co_spawn(c.io, await_all(), asio::detached);
    if (is_alive) c.carrier->arrive("two");
    c.poll();
    CHECK(c.carrier->sent == Log{"one"});
    c.carrier->end();
    c.poll();
    CHECK(c.log == Log{"done"});
}

TEST_CASE("a coroutine whose context is destroyed takes its channel with it") {
    std::weak_ptr<test::FakeCarrier> weak;
    Log log;
    {
        Channelled c;
        weak = c.carrier;
        asio::co_spawn(c.io, echo(std::move(*c.channel), log), asio::detached);
        c.poll();
        REQUIRE_FALSE(*c.channel);  // the coroutine has it
    }
    CHECK(weak.expired());
}

TEST_CASE("a cancelled coroutine loses no message") {
    Channelled c;
    asio::cancellation_signal signal;
    asio::co_spawn(
        c.io,
        [&]() -> asio::awaitable<void> {
            co_await asio::this_coro::throw_if_cancelled(false);
            const auto message = co_await c.channel->receive();
            c.log.emplace_back(message ? "received" : "cancelled");
        },
        asio::bind_cancellation_slot(signal.slot(), asio::detached));
    c.poll();
    signal.emit(asio::cancellation_type::terminal);
    c.poll();
    c.carrier->arrive("one");
    CHECK(c.log == Log{"cancelled"});
    c.channel->async_receive(c.into_log());
    c.poll();
    CHECK(c.log.back() == "one");
}

TEST_CASE("a coroutine closes with a code and a text") {
    Channelled c;
    const auto close = [&]() -> asio::awaitable<void> {
        co_await c.channel->async_close(4000, "what was to be done is done", asio::use_awaitable);
        c.log.emplace_back("closed");
    };
    asio::co_spawn(c.io, close(), asio::detached);
    c.poll();
    REQUIRE(c.carrier->closes.size() == 1);
    CHECK(c.carrier->closes[0] ==
          CloseReason{.code = 4000, .text = "what was to be done is done"});
    CHECK(c.log.empty());
    c.carrier->end();
    c.poll();
    CHECK(c.log == Log{"closed"});
}

TEST_CASE("a close that is awaited later keeps its text") {
    Channelled c;
    std::string text = "a text that is too long for the string itself";
    auto close = c.channel->async_close(CloseCode::going_away, text, asio::use_awaitable);
    text.assign(text.size(), 'x');
    asio::co_spawn(c.io, std::move(close), asio::detached);
    c.poll();
    REQUIRE(c.carrier->closes.size() == 1);
    CHECK(c.carrier->closes[0].code == 1001);
    CHECK(c.carrier->closes[0].text == "a text that is too long for the string itself");
    c.carrier->end();
    c.poll();
}
