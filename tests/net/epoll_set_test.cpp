#include <hawser/net/epoll_set.hpp>

#include "net/watched_wire.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hawser;
using net::EpollSet;
using net::Waiter;
using net::Watch;
using test::WatchedWire;
using Wires = test::WatchedWires;

TEST_CASE("an io_context has one set, a strand and other contexts have none") {
    asio::io_context io;
    asio::io_context other;
    asio::thread_pool pool{1};
    const auto executor = io.get_executor();
    REQUIRE(EpollSet::of(executor) != nullptr);
    CHECK(EpollSet::of(executor) == EpollSet::of(io.get_executor()));
    CHECK(EpollSet::of(executor) != EpollSet::of(other.get_executor()));
    CHECK(EpollSet::of(executor)->executor() == executor);
    CHECK(EpollSet::of(asio::make_strand(io)) == nullptr);
    CHECK(EpollSet::of(pool.get_executor()) == nullptr);
    CHECK(EpollSet::of(asio::any_io_executor{}) == nullptr);
}

TEST_CASE_FIXTURE(Wires, "who waits to read is called once, when something has come") {
    a.watch->wait_read(noting('a'));
    b.watch->wait_read(noting('b'));
    CHECK(poll() == 0);
    a.send();
    CHECK(order.empty());
    poll();
    CHECK(order == "a");
    a.send();
    poll();
    CHECK(order == "a");
    b.send();
    poll();
    CHECK(order == "ab");
}

TEST_CASE_FIXTURE(Wires, "who waits is called for what had come before, though it was left") {
    a.send();
    a.watch->wait_read(noting('a'));
    CHECK(order.empty());
    poll();
    a.watch->wait_read(noting('a'));
    poll();
    CHECK(order == "aa");
}

TEST_CASE_FIXTURE(Wires, "who waits to write is called when there is room") {
    a.watch->wait_write(noting('a'));
    poll();
    CHECK(order == "a");
    a.fill();
    a.watch->wait_write(noting('b'));
    poll();
    CHECK(order == "a");
    a.drain();
    poll();
    CHECK(order == "ab");
}

TEST_CASE_FIXTURE(Wires, "reading and writing are waited for side by side") {
    a.fill();
    a.watch->wait_read(noting('r'));
    a.watch->wait_write(noting('w'));
    SUBCASE("reading first") {
        a.send();
        poll();
        CHECK(order == "r");
        a.drain();
        poll();
        CHECK(order == "rw");
    }
    SUBCASE("both together") {
        a.send();
        a.drain();
        poll();
        CHECK(order == "rw");
    }
    SUBCASE("writing first") {
        a.drain();
        poll();
        CHECK(order == "w");
        a.send();
        poll();
        CHECK(order == "wr");
    }
}

TEST_CASE_FIXTURE(Wires, "the kernel goes on looking, so that the next wait costs it nothing") {
    CHECK(a.interest() == 0);
    a.watch->wait_read(noting('a'));
    CHECK(a.interest() == EPOLLIN);
    a.send();
    poll();
    a.receive();
    CHECK(a.interest() == EPOLLIN);
    a.watch->wait_read(noting('a'));
    a.send();
    poll();
    CHECK(order == "aa");
    CHECK(a.interest() == EPOLLIN);
}

TEST_CASE_FIXTURE(Wires, "what comes while nobody waits is looked for no longer") {
    b.watch->wait_read(noting('b'));
    a.watch->wait_read(noting('a'));
    a.send();
    poll();
    CHECK(order == "a");
    CHECK(a.interest() == 0);
    CHECK(poll() == 0);
    a.watch->wait_read(noting('a'));
    CHECK(a.interest() == EPOLLIN);
    poll();
    CHECK(order == "aa");
}

TEST_CASE_FIXTURE(Wires, "room to write is looked for only while somebody waits") {
    a.watch->wait_read(noting('r'));
    a.watch->wait_write(noting('w'));
    CHECK(a.interest() == (EPOLLIN | EPOLLOUT));
    poll();
    CHECK(order == "w");
    CHECK(a.interest() == EPOLLIN);
    a.watch->wait_write(Waiter{[this](std::error_code) {
        a.fill();
        a.watch->wait_write(noting('x'));
    }});
    poll();
    CHECK(a.interest() == (EPOLLIN | EPOLLOUT));
    a.drain();
    poll();
    CHECK(order == "wx");
    CHECK(a.interest() == EPOLLIN);
}

TEST_CASE_FIXTURE(Wires, "all who wait learn that the peer has gone, and nobody is told twice") {
    b.watch->wait_read(noting('b'));
    SUBCASE("while they wait") {
        a.fill();
        a.watch->wait_read(noting('r'));
        a.watch->wait_write(noting('w'));
        a.hang_up();
        poll();
        CHECK(order == "rw");
    }
    SUBCASE("while nobody waits") {
        a.watch->wait_read(noting('r'));
        a.send();
        poll();
        a.hang_up();
    }
    poll();
    poll();
    CHECK(a.interest() == 0);
    CHECK(poll() == 0);
    a.watch->wait_write(noting('x'));
    poll();
    CHECK(order.back() == 'x');
}

TEST_CASE_FIXTURE(Wires, "the end of a pipe, which is nothing to read, ends a wait all the same") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    Watch watch{set, ends[0]};
    watch.wait_read(noting('p'));
    poll();
    CHECK(order.empty());
    ::close(ends[1]);
    poll();
    CHECK(order == "p");
}

TEST_CASE_FIXTURE(Wires, "the end of a full pipe, which makes no room, ends a wait all the same") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_NONBLOCK) == 0);
    Watch watch{set, ends[1]};
    const std::string much(4096, 'x');
    while (::write(ends[1], much.data(), much.size()) > 0) continue;
    watch.wait_write(noting('p'));
    poll();
    CHECK(order.empty());
    ::close(ends[0]);
    poll();
    CHECK(order == "p");
}

TEST_CASE_FIXTURE(Wires, "a context runs as long as somebody waits, and no longer") {
    CHECK(poll() == 0);
    CHECK(io.stopped());
    a.watch->wait_read(noting('a'));
    b.watch->wait_read(noting('b'));
    poll();
    CHECK_FALSE(io.stopped());
    a.send();
    poll();
    CHECK_FALSE(io.stopped());
    SUBCASE("somebody is called") { b.send(); }
    SUBCASE("the wait is cancelled") { b.watch->cancel(); }
    SUBCASE("the watch is closed") { b.watch->close(); }
    SUBCASE("the watch is destroyed") { b.watch.reset(); }
    io.run();
    CHECK(order.substr(0, 2) == "ab");
    CHECK(io.stopped());
    a.watch->wait_read(noting('c'));
    io.restart();
    io.run();
    CHECK(order.back() == 'c');
}

TEST_CASE_FIXTURE(Wires, "a wait that begins when another was cancelled is none the worse") {
    a.watch->wait_read(noting('a'));
    a.watch->cancel();
    a.watch->wait_read(noting('b'));
    a.send();
    io.run();
    CHECK((order == "a!b" || order == "ba!"));
}

TEST_CASE_FIXTURE(Wires, "those whose wait is cancelled are told so, later") {
    a.fill();
    a.watch->wait_read(noting('r'));
    a.watch->wait_write(noting('w'));
    SUBCASE("by cancel") { a.watch->cancel(); }
    SUBCASE("by close") { a.watch->close(); }
    SUBCASE("by the end of the watch") { a.watch.reset(); }
    CHECK(order.empty());
    io.run();
    CHECK(order == "r!w!");
}

TEST_CASE_FIXTURE(Wires, "closing takes a descriptor out of the set, wherever else it is open") {
    b.watch->wait_read(noting('b'));
    a.watch->wait_read(noting('a'));
    const int copy = ::dup(a.watch->descriptor());
    a.watch->close();
    CHECK(a.watch->descriptor() == -1);
    poll();
    a.send();
    CHECK(poll() == 0);
    ::close(copy);
    a.watch->wait_read(noting('c'));
    a.watch->wait_write(noting('d'));
    poll();
    CHECK(order == "a!c!d!");
}

TEST_CASE("a watch without a descriptor leaves nothing behind in its set") {
    auto io = std::make_unique<asio::io_context>(1);
    std::error_code told;
    {
        // Allocated, so that a sanitizer sees who looks at it later.
        const auto watch = std::make_unique<Watch>(*EpollSet::of(io->get_executor()), -1);
        watch->wait_read(Waiter{[&](std::error_code error) { told = error; }});
        io->run();
    }
    CHECK(told == asio::error::bad_descriptor);
    io.reset();
}

TEST_CASE_FIXTURE(Wires, "what the kernel refuses to watch is an error of the wait") {
    const int file = ::open("/proc/self/exe", O_RDONLY);
    Watch watch{set, file};
    std::error_code told;
    watch.wait_read(Waiter{[&](std::error_code error) { told = error; }});
    CHECK_FALSE(told);
    io.run();
    CHECK(told == asio::error::no_permission);
}

TEST_CASE("the end of a context destroys those who wait, and what they hold, without a call") {
    const auto held = std::make_shared<int>(0);
    std::string order;
    {
        auto io = std::make_unique<asio::io_context>(1);
        EpollSet& set = *EpollSet::of(io->get_executor());
        // As with a link, what waits is held by nothing but its own waiter, to read or to write.
        const auto one = std::make_shared<WatchedWire>(set);
        const auto two = std::make_shared<WatchedWire>(set);
        one->watch->wait_read(Waiter{[held, one, &order](std::error_code) { order += '1'; }});
        two->watch->wait_write(Waiter{[held, two, &order](std::error_code) { order += '2'; }});
        one->send();
        CHECK(held.use_count() == 3);
    }
    CHECK(held.use_count() == 1);
    CHECK(order.empty());
}

namespace {

/// What a child does with the connections that it shares with its parent; whether it may.
bool take_over(Wires& child) {
    using asio::execution_context;
    child.io.notify_fork(execution_context::fork_child);
    child.a.send();
    child.poll();
    const bool is_called = child.order == "a";
    child.a.receive();
    child.b.watch->wait_write(child.noting('w'));
    child.poll();
    child.a.watch.reset();
    child.b.watch->close();
    child.poll();
    return is_called && child.order == "awb!";
}

}  // namespace

TEST_CASE_FIXTURE(Wires, "a child has a set of its own, and spoils nothing for its parent") {
    using asio::execution_context;
    a.watch->wait_read(noting('a'));
    b.watch->wait_read(noting('b'));
    poll();
    io.notify_fork(execution_context::fork_prepare);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(take_over(*this) ? 0 : 1);
    io.notify_fork(execution_context::fork_parent);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(order.empty());
    CHECK(a.interest() == EPOLLIN);
    b.send();
    poll();
    a.send();
    poll();
    CHECK(order == "ba");
}
