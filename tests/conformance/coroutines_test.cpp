#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <hawser/channel/concepts.hpp>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#if __has_include(<asio/deferred.hpp>)
#include <asio/deferred.hpp>
#else
#include <asio/experimental/deferred.hpp>
#endif

#include <chrono>
#include <exception>
#include <future>
#include <string>
#include <system_error>
#include <utility>

using hawser::AnyChannel;
using hawser::Error;
using hawser::Message;
using namespace std::chrono_literals;

namespace {

using Ended = test::Outcome<std::exception_ptr>;
using Counted = test::Outcome<std::exception_ptr, std::size_t>;

#if __has_include(<asio/deferred.hpp>)
constexpr auto& deferred = asio::deferred;
#else
constexpr auto& deferred = asio::experimental::deferred;
#endif

/// Sends back what comes, until the channel closes; returns how many messages that were.
template <hawser::MessageChannel C>
asio::awaitable<std::size_t> echo(C& channel) {
    std::size_t count = 0;
    while (auto message = co_await channel.receive()) {
        if (!co_await channel.send(*std::move(message))) break;
        ++count;
    }
    co_return count;
}

/// Asks for an echo of `count` messages, one after the other, and closes.
asio::awaitable<std::size_t> ask(AnyChannel& channel, std::size_t count) {
    std::size_t good = 0;
    for (std::size_t i = 0; i != count; ++i) {
        Message message = test::numbered_message(i);
        co_await channel.async_send(std::move(message), asio::use_awaitable);
        const Message reply = co_await channel.async_receive(asio::use_awaitable);
        if (reply == test::numbered_message(i)) ++good;
    }
    co_await channel.async_close(asio::use_awaitable);
    co_return good;
}

/// The result of `future`, once it is there.
template <class T>
T get(test::World& world, std::future<T> future) {
    world.run_until("a future", [&] { return future.wait_for(0s) == std::future_status::ready; });
    return future.get();
}

}  // namespace

HAWSER_TEST_EACH("coroutines talk to each other, and both see the end", end, HAWSER_TEST_ENDS) {
    constexpr std::size_t count = 100;
    test::World world;
    auto ends = end.connect(world);
    const Counted asked;
    const Counted echoed;
    asio::co_spawn(world.executor(), echo(ends.near), echoed.handler());
    asio::co_spawn(world.executor(), ask(ends.far, count), asked.handler());
    world.run_until("the asker", asked);
    world.run_until("the echo", echoed);
    CHECK(std::get<0>(asked.result()) == nullptr);
    CHECK(std::get<1>(asked.result()) == count);
    CHECK(std::get<0>(echoed.result()) == nullptr);
    CHECK(std::get<1>(echoed.result()) == count);
}

HAWSER_TEST_EACH("a coroutine is told the end: nothing received, nothing sent", end,
                 HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    REQUIRE_FALSE(ends.far.try_send(Message::text("last")));
    static_cast<void>(test::start_close(ends.far));
    test::reason_of(world, ends.near);
    const auto story = [](AnyChannel& channel) -> asio::awaitable<void> {
        const auto last = co_await channel.receive();
        CHECK((last && last->view() == "last"));
        CHECK_FALSE(co_await channel.receive());
        CHECK_FALSE(co_await channel.receive());
        Message late = Message::text("late");
        CHECK_FALSE(co_await channel.send(std::move(late)));
        std::error_code thrown;
        try {
            static_cast<void>(co_await channel.async_receive(asio::use_awaitable));
        } catch (const std::system_error& error) {
            thrown = error.code();
        }
        CHECK(thrown == Error::closed);
    };
    const Ended ended;
    asio::co_spawn(world.executor(), story(ends.near), ended.handler());
    world.run_until("the end of a coroutine", ended);
    CHECK(std::get<0>(ended.result()) == nullptr);
}

HAWSER_TEST_EACH("a coroutine that is cancelled loses no message", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    asio::cancellation_signal signal;
    const Ended ended;
    bool was_cancelled = false;
    const auto wait = [&](AnyChannel& channel) -> asio::awaitable<void> {
        try {
            static_cast<void>(co_await channel.async_receive(asio::use_awaitable));
        } catch (const std::system_error& error) {
            was_cancelled = error.code() == asio::error::operation_aborted;
        }
    };
    asio::co_spawn(world.executor(), wait(ends.near),
                   asio::bind_cancellation_slot(signal.slot(), ended.handler()));
    world.run_ready();
    CHECK_FALSE(ended.has_come());
    signal.emit(asio::cancellation_type::terminal);
    world.run_until("the end of a coroutine", ended);
    CHECK(was_cancelled);
    REQUIRE_FALSE(test::send(world, ends.far, Message::text("kept")));
    CHECK(test::receive(world, ends.near).message().view() == "kept");
}

HAWSER_TEST_EACH("a coroutine may go, and its channel with it", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    const auto serve = [](AnyChannel channel) -> asio::awaitable<void> {
        Message message = Message::text("goodbye");
        CHECK(co_await channel.send(std::move(message)));
    };
    const Ended ended;
    asio::co_spawn(world.executor(), serve(std::move(ends.near)), ended.handler());
    world.run_until("the end of a coroutine", ended);
    CHECK(test::receive(world, ends.far).message().view() == "goodbye");
    CHECK(test::receive(world, ends.far).error() == Error::closed);
}

HAWSER_TEST_EACH("futures get what is received, sent and closed", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    // By themselves futures are set from a thread of Asio's, which would wake nobody here.
    const auto in_future = [&] { return asio::bind_executor(world.executor(), asio::use_future); };
    auto received = ends.far.async_receive(in_future());
    get(world, ends.near.async_send(Message::text("for a future"), in_future()));
    CHECK(get(world, std::move(received)).view() == "for a future");
    auto last = ends.far.async_receive(in_future());
    get(world, ends.near.async_close(in_future()));
    CHECK_THROWS_AS(get(world, std::move(last)), std::system_error);
}

HAWSER_TEST_EACH("a deferred operation begins when it is told to", end, HAWSER_TEST_ENDS) {
    test::World world;
    auto ends = end.connect(world);
    auto send = ends.near.async_send(Message::text("later"), deferred);
    auto receive = ends.far.async_receive(deferred);
    world.run_ready();
    CHECK(ends.near.counters().sent == 0);
    const test::Received received;
    std::move(receive)(received.handler());
    const test::Done sent;
    std::move(send)(sent.handler());
    world.run_until("a send", sent);
    world.run_until("a message", received);
    CHECK_FALSE(sent.error());
    CHECK(received.message().view() == "later");
}
