#include <hawser/channel/any_channel.hpp>

#include "channel/fake_carrier.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/use_future.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace hawser;
using test::Channelled;
using test::Log;

TEST_CASE("messages are received in order, never inside of the call") {
    Channelled c;
    c.channel->async_receive(c.into_log());
    c.carrier->arrive("one");
    CHECK(c.log == Log{"one"});
    c.carrier->arrive("two");
    c.carrier->arrive("three");
    for (int i = 0; i != 2; ++i) {
        const auto before = c.log;
        c.channel->async_receive(c.into_log());
        CHECK(c.log == before);
        c.poll();
    }
    CHECK(c.log == Log{"one", "two", "three"});
    CHECK(c.channel->counters().received == 3);
}

TEST_CASE("a handler may receive, send, and close again") {
    Channelled c;
    std::function<void()> receive = [&] {
        c.channel->async_receive([&](std::error_code error, const Message& message) {
            if (error) return c.log.push_back(error.message());
            c.log.emplace_back(message.view());
            CHECK_FALSE(c.channel->try_send(message));
            if (message.view() == "two") c.channel->async_close(c.as("close"));
            receive();
        });
    };
    c.carrier->arrive("one");
    c.carrier->arrive("two");
    receive();
    c.poll();
    CHECK(c.carrier->sent == Log{"one", "two"});
    REQUIRE(c.carrier->closes.size() == 1);
    c.carrier->end();
    c.poll();
    CHECK(c.log == Log{"one", "two", "close", "the channel was closed"});
}

TEST_CASE("one receive may be outstanding") {
    Channelled c;
    c.channel->async_receive(c.into_log());
    c.channel->async_receive(c.into_log());
    c.poll();
    CHECK(c.log == Log{"(a receive is already outstanding)"});
    c.carrier->arrive("one");
    CHECK(c.log.back() == "one");
}

TEST_CASE("a cancelled receive loses no message") {
    Channelled c;
    asio::cancellation_signal signal;
    c.channel->async_receive(asio::bind_cancellation_slot(signal.slot(), c.into_log()));
    SUBCASE("before it has arrived") {
        signal.emit(asio::cancellation_type::terminal);
        c.carrier->arrive("one");
        c.poll();
    }
    SUBCASE("between its arrival and the completion") {
        c.carrier->arrive("zero");
        c.log.clear();
        c.carrier->arrive("one");
        c.channel->async_receive(asio::bind_cancellation_slot(signal.slot(), c.into_log()));
        signal.emit(asio::cancellation_type::partial);
        c.poll();
    }
    CHECK(c.log == Log{"(Operation aborted.)"});
    c.channel->async_receive(c.into_log());
    c.poll();
    CHECK(c.log.back() == "one");
    signal.emit(asio::cancellation_type::total);  // the operation is over
    c.poll();
    CHECK(c.log.size() == 2);
}

TEST_CASE("a cancellation that comes after the channel has gone does nothing") {
    Channelled c;
    asio::cancellation_signal signal;
    c.channel->async_receive(asio::bind_cancellation_slot(signal.slot(), c.into_log()));
    c.channel.reset();
    c.poll();
    c.carrier.reset();
    signal.emit(asio::cancellation_type::terminal);
    CHECK(c.log == Log{"(the channel no longer exists)"});
}

TEST_CASE("sends complete in order, later, and at once below the high-water mark") {
    Channelled c;
    c.channel->async_send(Message::text("one"), c.as("first"));
    c.channel->async_send(Message::text("two"), c.as("second"));
    c.carrier->is_full = true;  // then the policy decides
    c.channel->async_send(Message::text("three"), c.as("third"));
    CHECK(c.carrier->sent == Log{"one", "two", "three"});
    CHECK(c.log.empty());
    c.poll();
    CHECK(c.log == Log{"first", "second", "third"});
}

TEST_CASE("sends above the high-water mark wait until the backlog has drained") {
    Channelled c;
    asio::cancellation_signal signal;
    c.carrier->state.is_above_high = true;
    c.channel->async_send(Message::text("one"), c.as("first"));
    c.channel->async_send(Message::text("two"),
                          asio::bind_cancellation_slot(signal.slot(), c.as("second")));
    c.channel->async_send(Message::text("three"), c.as("third"));
    c.poll();
    CHECK(c.log.empty());
    CHECK(c.carrier->port().awaits_drained());
    signal.emit(asio::cancellation_type::terminal);
    c.poll();
    CHECK(c.log == Log{"second (Operation aborted.)"});
    CHECK(c.carrier->sent == Log{"one", "two", "three"});  // it has been taken all the same
    c.carrier->port().drained();
    c.poll();
    CHECK(c.log == Log{"second (Operation aborted.)", "first", "third"});
}

TEST_CASE("a send that the carrier refuses fails with its error") {
    Channelled c;
    c.carrier->send_error = Error::invalid_text;
    c.carrier->state.is_above_high = true;
    c.channel->async_send(Message::text("one"), c.as("send"));
    CHECK(c.channel->try_send(Message::text("two")) == Error::invalid_text);
    c.poll();
    CHECK(c.log == Log{"send (a text message is not UTF-8)"});
}

TEST_CASE("try_send that is refused, or sees a high backlog, is told of its draining") {
    Channelled c;
    bool drained = false;
    c.channel->run({.drained = [&] { drained = true; }});
    CHECK_FALSE(c.channel->try_send(Message::text("one")));
    CHECK_FALSE(c.carrier->port().awaits_drained());
    SUBCASE("refused") {
        c.carrier->is_full = true;
        CHECK(c.channel->try_send(Message::text("two")) == Error::backlog_full);
    }
    SUBCASE("high") {
        c.carrier->state.is_above_high = true;
        CHECK_FALSE(c.channel->try_send(Message::text("two")));
    }
    CHECK(c.carrier->port().awaits_drained());
    c.carrier->port().drained();
    CHECK(drained);
}

TEST_CASE("the push form gives messages in order, then the end, last and once") {
    Channelled c;
    c.carrier->arrive("one");
    c.channel->run({.message = [&](const Message& m) { c.log.emplace_back(m.view()); },
                    .closed = [&](const CloseReason& r) { c.log.push_back(r.error.message()); }});
    CHECK(c.log.empty());
    c.poll();
    c.carrier->arrive("two");
    c.carrier->end();
    c.carrier->end(Error::aborted);
    c.poll();
    CHECK(c.log == Log{"one", "two", "the channel was closed"});
    CHECK(c.channel->is_closed());
    CHECK(c.channel->close_reason()->error == Error::closed);
}

TEST_CASE("a handler of the push form may destroy the channel") {
    Channelled c;
    SUBCASE("for a message") {
        c.channel->run({.message = [&](const Message&) {
            c.channel.reset();
            c.log.emplace_back("destroyed");
        }});
        c.carrier->arrive("one");
        c.carrier->arrive("two");
    }
    SUBCASE("for a message that waited") {
        c.carrier->arrive("one");
        c.carrier->arrive("two");
        c.channel->run({.message = [&](const Message&) {
            c.channel.reset();
            c.log.emplace_back("destroyed");
        }});
    }
    SUBCASE("for the drained backlog") {
        c.channel->run({.drained = [&] {
            c.channel.reset();
            c.log.emplace_back("destroyed");
        }});
        c.carrier->port().drained();
    }
    SUBCASE("for the end") {
        c.channel->run({.closed = [&](const CloseReason&) {
            c.channel.reset();
            c.log.emplace_back("destroyed");
        }});
        c.carrier->end();
    }
    c.poll();
    CHECK(c.log == Log{"destroyed"});
    CHECK(c.carrier->closes.size() == 1);
}

TEST_CASE("a receive handler may destroy the channel, or throw") {
    Channelled c;
    c.channel->async_receive([&](std::error_code, const Message&) {
        c.channel.reset();
        throw std::runtime_error{"the test's"};
    });
    CHECK_THROWS_AS(c.carrier->arrive("one"), std::runtime_error);
    c.carrier->arrive("two");
    c.poll();
    CHECK(c.carrier.use_count() == 1);
}

TEST_CASE("destroying a channel closes it politely, and ends what is outstanding") {
    Channelled c;
    c.carrier->state.is_above_high = true;
    c.channel->async_receive(c.into_log());
    c.channel->async_send(Message::text("one"), c.as("send"));
    c.channel->async_close({.code = 3000}, c.as("close"));
    c.channel.reset();
    CHECK(c.log.empty());
    CHECK(c.carrier->closes.size() == 2);
    CHECK(c.carrier->closes.back().code == 1000);
    CHECK(c.carrier->attended == 1);
    c.poll();
    CHECK(c.log == Log{"(the channel no longer exists)", "send (the channel no longer exists)"});
    c.carrier->end();
    c.poll();
    CHECK(c.log.back() == "close");
}

TEST_CASE("a close that may not be sent is refused") {
    Channelled c;
    c.channel->async_close({.code = 1005}, c.as("reserved code"));
    c.channel->async_close({.code = 2999}, c.as("unassigned code"));
    c.channel->async_close({.text = std::string(124, 'x')}, c.as("long text"));
    c.channel->async_close({.code = 4999, .text = std::string(123, 'x')}, c.as("close"));
    c.poll();
    CHECK(c.log == Log{"reserved code (an argument is not allowed)",
                       "unassigned code (an argument is not allowed)",
                       "long text (an argument is not allowed)"});
    REQUIRE(c.carrier->closes.size() == 1);
    CHECK(c.carrier->closes[0].code == 4999);
}

TEST_CASE("operations on a dead channel complete with an error") {
    Channelled c;
    c.carrier->end(Error::going_away);
    c.channel->async_receive(c.into_log());
    c.channel->async_send(Message::text("one"), c.as("send"));
    c.channel->async_close(c.as("close"));
    CHECK(c.channel->try_send(Message::text("one")) == Error::closed);
    c.poll();
    CHECK(c.log == Log{"(the peer is going away)", "send (the channel was closed)", "close"});
}

TEST_CASE("moving a channel onto another closes the other") {
    Channelled c;
    const auto second = std::make_shared<test::FakeCarrier>(c.io.get_executor());
    AnyChannel other = Channel<test::Fake>{second};
    c.channel->async_receive(c.into_log());
    *c.channel = std::move(other);
    CHECK(c.carrier->closes.size() == 1);
    CHECK(second->closes.empty());
    CHECK_FALSE(other);
    CHECK(*c.channel);
    c.poll();
    CHECK(c.log == Log{"(the channel no longer exists)"});
    AnyChannel& same = *c.channel;
    *c.channel = std::move(same);
    CHECK(*c.channel);
    CHECK(second->closes.empty());
    const AnyChannel empty;
    CHECK_FALSE(empty);
}

TEST_CASE("handlers run on their own executor") {
    Channelled c;
    asio::io_context other{1};
    c.channel->async_receive(asio::bind_executor(other, c.into_log()));
    c.channel->async_send(Message::text("one"), asio::bind_executor(other, c.as("send")));
    c.carrier->arrive("two");
    c.poll();
    CHECK(c.log.empty());
    other.run();
    CHECK(c.log == Log{"send", "two"});
}

TEST_CASE("futures tell what has come") {
    Channelled c;
    std::future<Message> received = c.channel->async_receive(asio::use_future);
    std::future<void> sent = c.channel->async_send(Message::text("one"), asio::use_future);
    c.carrier->arrive("two");
    c.poll();
    CHECK(received.get().view() == "two");
    sent.get();
    c.carrier->end();
    received = c.channel->async_receive(asio::use_future);
    c.poll();
    CHECK_THROWS_AS(received.get(), std::system_error);
}

TEST_CASE("whatever owns its channel and waits is destroyed with the context") {
    const auto held = std::make_shared<int>();
    std::weak_ptr<test::FakeCarrier> weak;
    {
        Channelled c;
        weak = c.carrier;
        c.carrier->state.is_above_high = true;
        const auto own = std::make_shared<AnyChannel>(std::move(*c.channel));
        SUBCASE("a receive") {
            own->async_receive([own, held](std::error_code, const Message&) { FAIL("called"); });
        }
        SUBCASE("a send") {
            own->async_send(Message::text("one"), [own, held](std::error_code) { FAIL("called"); });
        }
        SUBCASE("a close") { own->async_close([own, held](std::error_code) { FAIL("called"); }); }
        SUBCASE("handlers") {
            own->run({.closed = [own, held](const CloseReason&) { FAIL("called"); }});
        }
    }
    CHECK(held.use_count() == 1);
    CHECK(weak.expired());
}

TEST_CASE("what is known of a channel comes from its carrier") {
    Channelled c;
    CHECK(c.channel->get_executor() == asio::any_io_executor{c.io.get_executor()});
    CHECK(c.channel->guarantee() == Guarantee::exactly_once);
    CHECK(c.channel->info().target() == "/fake");
    CHECK_FALSE(c.channel->close_reason());
    c.carrier->state.bytes = 7;
    CHECK(c.channel->backlog().bytes == 7);
    c.channel->abort();
    CHECK(c.carrier->aborts == 1);
}
