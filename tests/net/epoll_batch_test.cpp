#include "net/watched_wire.hpp"

#include <hawser/net/epoll_set.hpp>

#include <asio/post.hpp>

#include <doctest/doctest.h>

#include <list>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

// What those who are called do to the rest of their batch.

using namespace hawser;
using net::Waiter;
using net::Watch;
using test::WatchedWire;
using Wires = test::WatchedWires;

TEST_CASE_FIXTURE(Wires, "a watch that is ended in a batch is not called any more") {
    // Whichever of the two is called first ends the other.
    const auto ending = [this](WatchedWire& other, bool by_closing) {
        return Waiter{[this, &other, by_closing](std::error_code error) {
            order += error ? '!' : '1';
            if (error) return;
            if (by_closing) return other.watch->close();
            other.watch.reset();
        }};
    };
    bool by_closing = false;
    SUBCASE("destroyed") {}
    SUBCASE("closed") { by_closing = true; }
    a.watch->wait_read(ending(b, by_closing));
    b.watch->wait_read(ending(a, by_closing));
    a.send();
    b.send();
    io.run();
    CHECK(order == "1!");
}

TEST_CASE_FIXTURE(Wires, "a watch in the place of one that a batch has destroyed is not called") {
    std::list<WatchedWire> later;
    const auto replacing = [&](WatchedWire& other) {
        return Waiter{[&](std::error_code error) {
            if (error) return;
            other.watch.reset();
            later.emplace_back(set).watch->wait_read(noting('x'));
        }};
    };
    a.watch->wait_read(replacing(b));
    b.watch->wait_read(replacing(a));
    a.send();
    b.send();
    poll();
    CHECK(order.empty());
    later.back().send();
    poll();
    CHECK(order == "x");
}

TEST_CASE_FIXTURE(Wires, "a watch may be moved while somebody waits, and in a batch") {
    std::list<Watch> moved;
    const auto moving = [&](WatchedWire& other) {
        return Waiter{[&](std::error_code) {
            order += '1';
            if (other.watch) moved.push_back(std::move(*other.watch));
            other.watch.reset();
        }};
    };
    a.watch->wait_read(moving(b));
    b.watch->wait_read(moving(a));
    a.send();
    b.send();
    poll();
    CHECK(order == "11");
    moved.front().wait_read(noting('x'));
    poll();
    CHECK(order == "11x");
}

TEST_CASE_FIXTURE(Wires, "more than one batch is ready at once, and nobody is forgotten") {
    std::list<WatchedWire> many;
    for (int i = 0; i != 150; ++i) {
        many.emplace_back(set).watch->wait_read(noting('x'));
        many.back().send();
    }
    io.run();
    CHECK(order == std::string(150, 'x'));
}

TEST_CASE_FIXTURE(Wires, "work that is posted in a batch is done when all of it were called") {
    const auto posting = [this](char name) {
        return Waiter{[this, name](std::error_code) {
            order += '1';
            asio::post(io, [this, name] { order += name; });
        }};
    };
    a.watch->wait_read(posting('a'));
    b.watch->wait_read(posting('a'));
    a.send();
    b.send();
    io.run();
    CHECK(order == "11aa");
}

TEST_CASE_FIXTURE(Wires, "what one throws costs the others nothing") {
    std::list<WatchedWire> many;
    for (int i = 0; i != 100; ++i) {
        many.emplace_back(set).watch->wait_read(Waiter{[this, i](std::error_code) {
            order += 'x';
            if (i % 10 == 0) throw std::runtime_error{"the test's"};
        }});
        many.back().send();
    }
    for (int i = 0; i != 10; ++i) CHECK_THROWS_AS(io.run(), std::runtime_error);
    io.run();
    CHECK(order == std::string(100, 'x'));
    CHECK(io.stopped());
}

TEST_CASE_FIXTURE(Wires, "who throws as the last to wait does not keep the context running") {
    a.watch->wait_read(Waiter{[](std::error_code) { throw std::runtime_error{"the test's"}; }});
    a.send();
    CHECK_THROWS_AS(io.run(), std::runtime_error);
    io.run();
    CHECK(io.stopped());
}

TEST_CASE_FIXTURE(Wires, "an event loop inside of a batch has events too") {
    const auto nesting = [this](WatchedWire& own, WatchedWire& other) {
        return Waiter{[&](std::error_code) {
            own.receive();
            order += '1';
            if (order.size() != 1) return;
            other.send();
            while (order.size() == 1) io.run_one();
            order += '2';
        }};
    };
    a.watch->wait_read(nesting(a, b));
    b.watch->wait_read(nesting(b, a));
    SUBCASE("of what is to come") { a.send(); }
    SUBCASE("of the rest of the batch") {
        a.send();
        b.send();
    }
    io.run();
    CHECK(order == "112");
    CHECK(io.stopped());
}

TEST_CASE_FIXTURE(Wires, "what an event loop inside of a batch has told is not told again") {
    // Whoever is called first runs the loop until the other one was called, and waits again.
    const auto nesting = [this](WatchedWire& own) {
        return Waiter{[&](std::error_code) {
            own.receive();
            order += '1';
            own.watch->wait_read(noting('x'));
            while (order.size() == 1) io.run_one();
        }};
    };
    a.watch->wait_read(nesting(a));
    b.watch->wait_read(nesting(b));
    a.send();
    b.send();
    poll();
    CHECK(order == "11");
}
