#include <hawser/channel/port.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace hawser;
using Log = std::vector<std::string>;

namespace {

/// A port with a log.
struct Ported {
    Port::Received receiving() {
        return {[this](std::error_code error, const Message& message) {
                    log.push_back(error ? "(" + error.message() + ")"
                                        : std::string{message.view()});
                },
                io.get_executor()};
    }
    Port::Done as(std::string name) {
        return {[this, name = std::move(name)](std::error_code error) {
                    log.push_back(error ? name + " (" + error.message() + ")" : name);
                },
                io.get_executor()};
    }
    Handlers handlers() {
        return {.message = [this](const Message& m) { log.emplace_back(m.view()); },
                .drained = [this] { log.emplace_back("drained"); },
                .closed = [this](const CloseReason&) { log.emplace_back("closed"); }};
    }
    void deliver(std::string_view text) { port.deliver(Message::text(text)); }
    void poll() {
        io.restart();
        io.poll();
    }

    asio::io_context io{1};
    Log log;
    Port port{io.get_executor(), {.bytes = 10, .messages = 3}};
};

}  // namespace

TEST_CASE("a message goes to who waits for it, others to the inbox, in order") {
    Ported p;
    CHECK(p.port.receive(p.receiving()) != 0);
    p.deliver("one");
    p.deliver("two");
    p.deliver("three");
    CHECK(p.log == Log{"one"});
    CHECK(p.port.has_arrived());
    CHECK_FALSE(p.port.pump());
    p.port.receive(p.receiving());
    CHECK(p.log == Log{"one"});  // not inside of the call
    CHECK(p.port.pump());
    CHECK(p.log == Log{"one", "two"});
    CHECK(p.port.received() == 2);
}

TEST_CASE("who waits first is not overtaken by what arrives next") {
    Ported p;
    p.deliver("one");
    p.port.receive(p.receiving());
    p.deliver("two");
    p.port.pump();
    p.port.receive(p.receiving());
    p.port.pump();
    CHECK(p.log == Log{"one", "two"});
}

TEST_CASE("the inbox has room until its bytes or its messages are used up") {
    Ported p;
    CHECK(p.port.room().bytes == 10);
    CHECK(p.port.room().messages == 3);
    p.deliver("12345678");
    CHECK(p.port.room().bytes == 2);
    CHECK_FALSE(p.port.room().is_none());
    p.deliver("12345678");
    CHECK(p.port.room().bytes == 0);
    CHECK(p.port.room().is_none());
    p.port.drop_inbox();
    CHECK(p.port.room().bytes == 10);
    for (int i = 0; i != 3; ++i) p.deliver("");
    CHECK(p.port.room().messages == 0);
    p.deliver("");  // more than there is room for is kept all the same
    CHECK(p.port.room().messages == 0);
    CHECK(p.port.room().is_none());
    p.port.set_handlers(p.handlers());
    CHECK(p.port.pump());
    CHECK(p.port.room().messages == 3);
}

TEST_CASE("a second receive is refused, and so is one beside handlers") {
    Ported p;
    p.port.receive(p.receiving());
    SUBCASE("second") {}
    SUBCASE("beside handlers") {
        p.deliver("one");
        p.log.clear();
        p.port.set_handlers(p.handlers());
    }
    CHECK(p.port.receive(p.receiving()) == 0);
    CHECK(p.log.empty());
    p.poll();
    CHECK(p.log == Log{"(a receive is already outstanding)"});
}

TEST_CASE("a cancelled receive loses no message") {
    Ported p;
    const auto ticket = p.port.receive(p.receiving());
    SUBCASE("before it arrives") {
        p.port.cancel_receive(ticket);
        p.deliver("one");
    }
    SUBCASE("after it has arrived, before it is handed over") {
        p.port.cancel_receive(ticket);
        p.poll();
        p.log.clear();
        p.deliver("one");
        p.port.cancel_receive(p.port.receive(p.receiving()));
        p.port.pump();
    }
    p.poll();
    CHECK(p.log == Log{"(Operation aborted.)"});
    p.port.receive(p.receiving());
    p.port.pump();
    CHECK(p.log.back() == "one");
    p.port.cancel_receive(ticket);  // long over
    p.port.receive(p.receiving());
    p.port.cancel_receive(ticket);  // not that of this one
    p.poll();
    CHECK(p.log.size() == 2);
    p.deliver("two");
    CHECK(p.log.back() == "two");
}

TEST_CASE("the end comes after what has arrived, and to every receive") {
    Ported p;
    p.deliver("one");
    p.port.close({.error = Error::going_away});
    p.port.close({.error = Error::closed});
    CHECK(p.port.is_closed());
    for (int i = 0; i != 3; ++i) {
        p.port.receive(p.receiving());
        p.port.pump();
        p.poll();
    }
    CHECK(p.log == Log{"one", "(the peer is going away)", "(the peer is going away)"});
    p.deliver("too late");
    CHECK(p.port.room().bytes == 10);
}

TEST_CASE("handlers get messages, then the end, once") {
    Ported p;
    p.deliver("one");
    p.port.set_handlers(p.handlers());
    CHECK(p.log.empty());
    p.port.pump();
    p.deliver("two");
    CHECK(p.log == Log{"one", "two"});
    p.port.close({});
    p.port.close({});
    p.port.pump();
    CHECK(p.log == Log{"one", "two", "closed"});
    p.port.set_handlers(p.handlers());
    p.port.pump();
    CHECK(p.log == Log{"one", "two", "closed", "closed"});  // whoever asks later is told too
}

TEST_CASE("handlers may be empty") {
    Ported p;
    p.port.set_handlers({});
    p.deliver("dropped");
    p.port.note_full();
    p.port.drained();
    p.port.close({});
    CHECK(p.port.received() == 1);
}

TEST_CASE("the next message comes when the handler has returned") {
    Ported p;
    Handlers handlers = p.handlers();
    handlers.message = [&](const Message& m) {
        p.log.push_back("begin " + std::string{m.view()});
        if (m.view() == "one") {
            p.deliver("two");
            p.port.close({});
            p.port.pump();
        }
        p.log.push_back("end");
    };
    p.port.set_handlers(std::move(handlers));
    p.deliver("one");
    p.port.pump();
    CHECK(p.log == Log{"begin one", "end", "begin two", "end", "closed"});
}

TEST_CASE("the end is told when the handler of the last message has returned") {
    Ported p;
    Handlers handlers = p.handlers();
    handlers.message = [&](const Message&) {
        p.port.close({});
        p.log.emplace_back("end");
    };
    p.port.set_handlers(std::move(handlers));
    p.deliver("one");
    CHECK(p.log == Log{"end"});
    p.port.pump();
    CHECK(p.log == Log{"end", "closed"});
}

TEST_CASE("what a handler throws leaves the rest to the next pump") {
    Ported p;
    Handlers handlers = p.handlers();
    handlers.message = [&](const Message& m) {
        p.log.emplace_back(m.view());
        throw std::runtime_error{"the test's"};
    };
    p.deliver("one");
    p.deliver("two");
    p.port.set_handlers(std::move(handlers));
    CHECK_THROWS_AS(p.port.pump(), std::runtime_error);
    CHECK(p.log == Log{"one"});
    CHECK_THROWS_AS(p.port.close({}), std::runtime_error);
    CHECK(p.log == Log{"one", "two"});
    p.port.pump();
    CHECK(p.log == Log{"one", "two", "closed"});
}

TEST_CASE("a pump that is put off goes on behind what a handler throws, and keeps the owner") {
    asio::io_context io{1};
    Log log;
    auto port = std::make_shared<Port>(io.get_executor(), InboxLimits{});
    const auto note = [&log](std::string what) {
        log.push_back(std::move(what));
        throw std::runtime_error{"the test's"};
    };
    for (const char* const text : {"one", "two"}) port->deliver(Message::text(text));
    port->close({.error = Error::closed});
    port->set_handlers({.message = [note](const Message& m) { note(std::string{m.view()}); },
                        .closed = [note](const CloseReason&) { note("closed"); }});
    port->pump_later(port);
    port.reset();
    CHECK(log.empty());
    for (int i = 0; i != 3; ++i) CHECK_THROWS_AS(io.run(), std::runtime_error);
    io.run();
    CHECK(log == Log{"one", "two", "closed"});
}

TEST_CASE("handlers may be replaced by one of them") {
    Ported p;
    Handlers first = p.handlers();
    first.message = [&](const Message& m) {
        p.log.push_back("first " + std::string{m.view()});
        p.port.set_handlers(p.handlers());
    };
    p.port.set_handlers(std::move(first));
    p.deliver("one");
    p.deliver("two");
    CHECK(p.log == Log{"first one", "two"});
}

TEST_CASE("handlers that are replaced when the backlog has drained get no message any more") {
    Ported p;
    Handlers first = p.handlers();
    first.message = [&](const Message&) { p.log.emplace_back("too late"); };
    first.drained = [&] { p.port.set_handlers(p.handlers()); };
    p.port.set_handlers(std::move(first));
    p.port.drained();
    p.deliver("one");
    p.port.drained();
    CHECK(p.log == Log{"one", "drained"});
}

TEST_CASE("a receive is refused beside handlers also while one of them is called") {
    Ported p;
    Handlers handlers = p.handlers();
    handlers.message = [&](const Message&) { CHECK(p.port.receive(p.receiving()) == 0); };
    p.port.set_handlers(std::move(handlers));
    p.deliver("one");
    p.poll();
    CHECK(p.log == Log{"(a receive is already outstanding)"});
}

TEST_CASE("who waits for the backlog is told in order when it has drained") {
    Ported p;
    CHECK_FALSE(p.port.awaits_drained());
    p.port.wait_drained(p.as("one"));
    const auto two = p.port.wait_drained(p.as("two"));
    p.port.wait_drained(p.as("three"));
    CHECK(p.port.awaits_drained());
    p.port.cancel_wait(two);
    p.port.cancel_wait(two);
    p.port.drained();
    CHECK(p.log.empty());
    p.poll();
    CHECK(p.log == Log{"two (Operation aborted.)", "one", "three"});
    CHECK_FALSE(p.port.awaits_drained());
}

TEST_CASE("the end ends all waits, those for the end well") {
    Ported p;
    p.port.wait_drained(p.as("drained"));
    p.port.wait_closed(p.as("closed"));
    p.port.receive(p.receiving());
    p.port.close({.error = Error::slow_consumer});
    CHECK(p.log.empty());
    p.port.wait_closed(p.as("closed again"));
    p.poll();
    CHECK(p.log == Log{"drained (the peer reads too slowly)", "closed",
                       "(the peer reads too slowly)", "closed again"});
}

TEST_CASE("an abandoned port drops messages, and ends all but waits for the end") {
    Ported p;
    const auto held = std::make_shared<int>();
    p.port.receive(p.receiving());
    p.port.wait_drained(p.as("drained"));
    p.port.wait_closed(p.as("closed"));
    p.port.set_handlers({.message = [held](const Message&) { FAIL("it was called"); }});
    p.port.abandon();
    CHECK(held.use_count() == 1);
    p.deliver("dropped");
    CHECK(p.port.room().bytes == 10);
    CHECK_FALSE(p.port.has_arrived());
    p.poll();
    CHECK(p.log == Log{"(the channel no longer exists)", "drained (the channel no longer exists)"});
    p.port.close({});
    p.poll();
    CHECK(p.log.back() == "closed");
    p.port.receive(p.receiving());
    p.poll();
    CHECK(p.log.back() == "(the channel no longer exists)");
}

TEST_CASE("an abandoned port drops what has arrived") {
    Ported p;
    p.deliver("one");
    p.port.abandon();
    CHECK_FALSE(p.port.has_arrived());
    CHECK(p.port.room().messages == 3);
}

TEST_CASE("with a context go the handlers that the ports on it keep, uncalled") {
    const auto held = std::make_shared<int>();
    const auto done = [held](std::error_code) { FAIL("it was called"); };
    auto io = std::make_unique<asio::io_context>(1);
    std::vector<std::unique_ptr<Port>> ports;
    for (int i = 0; i != 5; ++i) {
        ports.push_back(std::make_unique<Port>(io->get_executor(), InboxLimits{}));
    }
    for (const auto gone : {1, 0, 2}) ports.erase(ports.begin() + gone);
    REQUIRE(ports.size() == 2);
    for (const auto& port : ports) {
        port->receive({[held](std::error_code, const Message&) { FAIL("it was called"); },
                       port->executor()});
        port->wait_drained({done, port->executor()});
        port->wait_closed({done, port->executor()});
        port->set_handlers({.message = [held](const Message&) { FAIL("it was called"); }});
    }
    io.reset();
    CHECK(held.use_count() == 2);  // and the one in `done`
    for (const auto& port : ports) port->deliver(Message::text("dropped"));
    CHECK_FALSE(ports.front()->has_arrived());
}

TEST_CASE("a handler that goes with its context may take its port and others with it") {
    auto io = std::make_unique<asio::io_context>(1);
    auto ports = std::make_shared<std::vector<std::unique_ptr<Port>>>();
    const std::weak_ptr weak = ports;
    for (int i = 0; i != 3; ++i) {
        ports->push_back(std::make_unique<Port>(io->get_executor(), InboxLimits{}));
    }
    const auto keep = [](auto& port, auto owner) {
        port->wait_closed({[owner](std::error_code) { FAIL("it was called"); }, port->executor()});
    };
    for (const auto& port : *ports) keep(port, ports);
    ports.reset();
    CHECK_FALSE(weak.expired());
    io.reset();
    CHECK(weak.expired());
}

TEST_CASE("a port is small") { CHECK(sizeof(Port) <= 120); }
