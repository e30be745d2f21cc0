#include <hawser/net/listener.hpp>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace hawser;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

const tcp::endpoint any_port{asio::ip::address_v4::loopback(), 0};

/// A listener that counts, and what connects to it.
struct Listening {
    explicit Listening(net::ListenOptions options = {}) {
        listener = std::make_shared<net::Listener<tcp>>(
            loop,
            [this](tcp::socket socket) {
                accepted.push_back(std::move(socket));
                if (on_accept) on_accept();
            },
            options);
        CHECK_FALSE(listener->open(any_port));
    }
    ~Listening() { listener->close(); }

    tcp::socket& connect() {
        callers.emplace_back(io);
        callers.back().connect(listener->local_endpoint());
        return callers.back();
    }
    void run_until_accepted(std::size_t count) {
        while (accepted.size() < count) io.run_one();
    }

    asio::io_context io{1};
    std::shared_ptr<net::Loop> loop = net::Loop::of(io.get_executor());
    std::shared_ptr<net::Listener<tcp>> listener;
    std::function<void()> on_accept;
    std::vector<tcp::socket> accepted;
    std::vector<tcp::socket> callers;
};

/// What the system answers to who wants to accept; 0: what it really does.
int accept_failure = 0;
unsigned accept_failures = 0;

}  // namespace

/// Stands for that of the system. To use up the descriptors instead would upset the sanitizers.
extern "C" int accept(int socket, sockaddr* address, socklen_t* length) {
    if (accept_failure == 0) {
        return static_cast<int>(::syscall(SYS_accept4, socket, address, length, 0));
    }
    ++accept_failures;
    errno = accept_failure;
    return -1;
}

TEST_CASE("connections are accepted one after the other, on the port that was chosen") {
    Listening listening;
    CHECK(listening.listener->local_endpoint().port() != 0);
    listening.connect();
    listening.io.poll();
    CHECK(listening.accepted.empty());  // it has not been started
    listening.io.restart();
    listening.listener->start();
    for (int i = 0; i != 5; ++i) listening.connect();
    listening.run_until_accepted(6);
    for (std::size_t i = 0; i != 6; ++i) {
        CHECK(listening.accepted[i].remote_endpoint() == listening.callers[i].local_endpoint());
    }
    tcp::no_delay no_delay;
    listening.accepted[0].get_option(no_delay);
    CHECK(no_delay.value());
}

TEST_CASE("a closed listener accepts nothing and keeps nothing running") {
    Listening listening;
    listening.listener->start();
    listening.io.poll();
    SUBCASE("from outside") {
        listening.connect();
        listening.listener->close();
    }
    SUBCASE("from inside of its handler") {
        listening.on_accept = [&] { listening.listener->close(); };
        listening.connect();
        listening.connect();
    }
    listening.io.run();
    CHECK(listening.accepted.size() == (listening.on_accept ? 1 : 0));
    CHECK(listening.listener->local_endpoint() == tcp::endpoint{});
    CHECK(listening.listener.use_count() == 1);
    listening.listener->close();
}

TEST_CASE("a handler that throws ends no listener") {
    Listening listening;
    listening.on_accept = [&] {
        if (listening.accepted.size() == 1) throw std::runtime_error{"the test's"};
    };
    listening.listener->start();
    listening.connect();
    listening.connect();
    CHECK_THROWS_AS(listening.run_until_accepted(2), std::runtime_error);
    listening.run_until_accepted(2);
}

TEST_CASE("E05 a listener to whom the system gives nothing rests instead of spinning") {
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EINVAL}) {
        Listening listening{{.rest = 1h}};
        listening.listener->start();
        listening.connect();
        accept_failure = error;
        accept_failures = 0;
        listening.io.run_one();
        CHECK(listening.io.poll() < 10);
        accept_failure = 0;
        CHECK(accept_failures == 1);
        CHECK_FALSE(listening.io.stopped());
        CHECK(listening.accepted.empty());
        listening.listener->close();
        listening.io.run();  // for its alarm is gone
    }
}

TEST_CASE("E05 a listener goes on when it has rested") {
    Listening listening{{.rest = 1ms}};
    listening.listener->start();
    listening.connect();
    accept_failure = EMFILE;
    accept_failures = 0;
    while (accept_failures < 3) listening.io.run_one();
    accept_failure = 0;
    listening.run_until_accepted(1);
}

TEST_CASE("the error of one connection does not hold up the next") {
    Listening listening{{.rest = 1h}};
    listening.listener->start();
    for (const int error : {EPERM, ENETDOWN, ETIMEDOUT, EHOSTUNREACH}) {
        listening.connect();
        accept_failure = error;
        accept_failures = 0;
        while (accept_failures == 0) listening.io.run_one();
        accept_failure = 0;
        listening.run_until_accepted(listening.callers.size());
    }
}

TEST_CASE("an address in use is refused, unless all its listeners agree to share") {
    asio::io_context io{1};
    const auto loop = net::Loop::of(io.get_executor());
    const auto make = [&](bool reuse_port) {
        return std::make_shared<net::Listener<tcp>>(
            loop, [](const tcp::socket&) {}, net::ListenOptions{.reuse_port = reuse_port});
    };
    const auto first = make(true);
    REQUIRE_FALSE(first->open(any_port));
    CHECK_FALSE(make(true)->open(first->local_endpoint()));
    CHECK(make(false)->open(first->local_endpoint()) == asio::error::address_in_use);
}

TEST_CASE("an address that is not ours is refused") {
    asio::io_context io{1};
    const auto listener = std::make_shared<net::Listener<tcp>>(
        net::Loop::of(io.get_executor()), [](const tcp::socket&) {}, net::ListenOptions{});
    // TEST-NET-1 (RFC 5737) is nobody's.
    CHECK(listener->open({asio::ip::make_address("192.0.2.1"), 0}));
}

TEST_CASE("a local socket can be listened on") {
    using asio::local::stream_protocol;
    asio::io_context io{1};
    const auto path = std::filesystem::temp_directory_path() /
                      ("hawser_listener_" + std::to_string(::getpid()));
    std::optional<stream_protocol::socket> accepted;
    std::shared_ptr<net::Listener<stream_protocol>> listener;
    listener = std::make_shared<net::Listener<stream_protocol>>(
        net::Loop::of(io.get_executor()),
        [&](stream_protocol::socket socket) {
            accepted.emplace(std::move(socket));
            listener->close();
        },
        net::ListenOptions{});
    REQUIRE_FALSE(listener->open(path.string()));
    listener->start();
    stream_protocol::socket caller{io};
    caller.connect(path.string());
    io.run();
    CHECK(accepted);
    std::filesystem::remove(path);
}

TEST_CASE("a context may be destroyed while it is listened on") {
    std::weak_ptr<net::Listener<tcp>> weak;
    {
        asio::io_context io{1};
        const auto listener = std::make_shared<net::Listener<tcp>>(
            net::Loop::of(io.get_executor()), [](const tcp::socket&) {}, net::ListenOptions{});
        weak = listener;
        REQUIRE_FALSE(listener->open(any_port));
        listener->start();
    }
    CHECK(weak.expired());
}
