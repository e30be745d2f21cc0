#include <hawser/channel/port.hpp>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using hawser::CloseReason;
using hawser::Error;
using hawser::Message;
using hawser::Port;

namespace {

struct World {
    asio::io_context io{1};
    Port port{io.get_executor(), {.bytes = 8, .messages = 3}};
    std::vector<std::string> told;

    Port::Ticket receive() {
        return port.receive({[this](std::error_code error, const Message& message) {
                                 told.push_back(error ? error.message()
                                                      : std::string{message.view()});
                             },
                             port.executor()});
    }
    Port::Done done(std::string name) {
        return {[this, name = std::move(name)](std::error_code error) {
                    told.push_back(name + ": " + (error ? error.message() : "done"));
                },
                port.executor()};
    }
    void run() {
        io.restart();
        io.poll();
    }
    static std::string text(Error error) { return make_error_code(error).message(); }
};

}  // namespace

TEST_CASE("a message goes to the receive that waits for it") {
    World world;
    world.receive();
    world.port.deliver(Message::text("one"));
    CHECK(world.told == std::vector<std::string>{"one"});
    CHECK(world.port.received() == 1);
}

TEST_CASE("messages that nobody waits for keep their order in the inbox") {
    World world;
    for (const char* text : {"one", "two", "three"}) world.port.deliver(Message::text(text));
    CHECK(world.port.received() == 0);
    world.receive();
    CHECK(world.told.empty());  // never from inside the call that starts the operation
    CHECK(world.port.pump());
    world.receive();
    CHECK(world.port.pump());
    CHECK(world.told == std::vector<std::string>{"one", "two"});
}

TEST_CASE("the inbox says how much it takes, in bytes and in messages") {
    World world;
    CHECK(world.port.room().messages == 3);
    world.port.deliver(Message::text("12345"));
    CHECK(world.port.room().bytes == 3);
    CHECK_FALSE(world.port.room().is_none());
    world.port.deliver(Message::text("12345"));
    CHECK(world.port.room().bytes == 0);
    CHECK(world.port.room().is_none());
    world.port.drop_inbox();
    CHECK(world.port.room().bytes == 8);
    for (int i = 0; i != 3; ++i) world.port.deliver(Message::text(""));
    CHECK(world.port.room().is_none());
}

TEST_CASE("one receive may be outstanding") {
    World world;
    CHECK(world.receive() != 0);
    CHECK(world.receive() == 0);
    world.run();
    CHECK(world.told == std::vector{World::text(Error::receive_pending)});
    world.port.deliver(Message::text("one"));
    CHECK(world.told.back() == "one");
}

TEST_CASE("a cancelled receive loses no message") {
    World world;
    const auto ticket = world.receive();
    world.port.cancel_receive(ticket + 1);  // somebody else's
    world.port.cancel_receive(ticket);
    world.port.deliver(Message::text("one"));
    world.run();
    CHECK(world.told == std::vector<std::string>{
                            std::error_code{asio::error::operation_aborted}.message()});
    world.receive();
    world.port.pump();
    CHECK(world.told.back() == "one");
}

TEST_CASE("a receive that is cancelled after its message came leaves it in the inbox") {
    World world;
    world.port.deliver(Message::text("one"));
    world.port.cancel_receive(world.receive());
    world.port.pump();
    CHECK(world.port.received() == 0);
    world.receive();
    world.port.pump();
    CHECK(world.told == std::vector<std::string>{"one"});
}

TEST_CASE("what has arrived is received before the end is told") {
    World world;
    world.port.deliver(Message::text("one"));
    world.port.close({.error = Error::connection_lost});
    CHECK(world.port.is_closed());
    world.port.deliver(Message::text("late"));
    for (int i = 0; i != 3; ++i) {
        world.receive();
        world.port.pump();
        world.run();
    }
    const std::string end = World::text(Error::connection_lost);
    CHECK(world.told == std::vector<std::string>{"one", end, end});
}

TEST_CASE("the first reason stays") {
    World world;
    world.port.close({.code = 4000});
    world.port.close({.code = 4001});
    CHECK(world.port.reason()->code == 4000);
}

TEST_CASE("handlers get every message in order, then the end, once") {
    World world;
    world.port.deliver(Message::text("early"));
    world.port.set_handlers({
        .message = [&](const Message& message) { world.told.emplace_back(message.view()); },
        .closed = [&](const CloseReason& reason) {
            world.told.push_back(std::to_string(reason.code));
        },
    });
    CHECK(world.told.empty());
    world.port.pump();
    world.port.deliver(Message::text("late"));
    world.port.close({.code = 4000});
    world.port.close({.code = 4001});
    world.port.pump();
    CHECK(world.told == std::vector<std::string>{"early", "late", "4000"});
}

TEST_CASE("the next message comes when the handler has returned") {
    World world;
    int depth = 0;
    world.port.set_handlers({.message = [&](const Message& message) {
        CHECK(++depth == 1);
        world.told.emplace_back(message.view());
        if (message.view() == "one") world.port.deliver(Message::text("two"));
        --depth;
    }});
    world.port.deliver(Message::text("one"));
    CHECK(world.told == std::vector<std::string>{"one"});
    world.port.pump();
    CHECK(world.told == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a handler that throws does not stop the next message") {
    World world;
    world.port.set_handlers({.message = [&](const Message& message) {
        world.told.emplace_back(message.view());
        throw std::runtime_error{"no"};
    }});
    CHECK_THROWS(world.port.deliver(Message::text("one")));
    CHECK_THROWS(world.port.deliver(Message::text("two")));
    CHECK(world.told == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a handler may let go of the channel") {
    World world;
    world.port.set_handlers({.message = [&](const Message&) {
        world.told.emplace_back("called");
        world.port.abandon();
    }});
    world.port.deliver(Message::text("one"));
    world.port.deliver(Message::text("two"));
    world.port.close({});
    CHECK(world.told == std::vector<std::string>{"called"});
}

TEST_CASE("letting go ends what is outstanding, and drops what arrives") {
    World world;
    world.receive();
    world.port.wait_drained(world.done("drained"));
    world.port.abandon();
    CHECK(world.told.empty());
    world.run();
    const std::string gone = World::text(Error::channel_gone);
    CHECK(world.told == std::vector<std::string>{gone, "drained: " + gone});
    for (int i = 0; i != 9; ++i) world.port.deliver(Message::text("late"));
    CHECK_FALSE(world.port.room().is_none());
}

TEST_CASE("senders that wait go on when the backlog has drained, or with the reason at the end") {
    World world;
    world.port.wait_drained(world.done("first"));
    CHECK(world.port.awaits_drained());
    world.port.drained();
    CHECK_FALSE(world.port.awaits_drained());
    world.port.wait_drained(world.done("second"));
    world.port.close({.error = Error::slow_consumer});
    world.run();
    CHECK(world.told == std::vector<std::string>{"first: done",
                                                 "second: " + World::text(Error::slow_consumer)});
}

TEST_CASE("a cancelled wait ends alone") {
    World world;
    const auto ticket = world.port.wait_drained(world.done("first"));
    world.port.wait_drained(world.done("second"));
    world.port.cancel_wait(ticket);
    world.port.drained();
    world.run();
    const auto aborted = std::error_code{asio::error::operation_aborted}.message();
    CHECK(world.told == std::vector<std::string>{"first: " + aborted, "second: done"});
}

TEST_CASE("closing is told to all who wait for it, at once or later") {
    World world;
    world.port.wait_closed(world.done("before"));
    world.port.close({});
    world.port.wait_closed(world.done("after"));
    CHECK(world.told.empty());
    world.run();
    CHECK(world.told == std::vector<std::string>{"before: done", "after: done"});
}
