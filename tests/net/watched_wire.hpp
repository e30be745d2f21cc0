#pragma once

#include "net/kernel_interest.hpp"

#include <hawser/net/epoll_set.hpp>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace test {

/// A watched end of a pair of connected sockets, and the other end.
struct WatchedWire {
    explicit WatchedWire(hawser::net::EpollSet& set) {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
        watch.emplace(set, ends[0]);
        peer = ends[1];
    }
    WatchedWire(const WatchedWire&) = delete;
    WatchedWire& operator=(const WatchedWire&) = delete;
    ~WatchedWire() { hang_up(); }

    /// The peer sends a byte.
    void send() { REQUIRE(::write(peer, "x", 1) == 1); }
    /// Reads a byte.
    void receive() {
        char byte = 0;
        REQUIRE(::read(watch->descriptor(), &byte, 1) == 1);
    }
    /// The peer goes.
    void hang_up() {
        if (peer != -1) ::close(std::exchange(peer, -1));
    }
    /// Writes until the socket takes no more.
    void fill() {
        const std::string much(4096, 'x');
        while (::write(watch->descriptor(), much.data(), much.size()) > 0) continue;
    }
    /// The peer reads all.
    void drain() {
        std::string much(4096, ' ');
        while (::read(peer, much.data(), much.size()) > 0) continue;
    }
    /// What the kernel looks for on the watched end.
    [[nodiscard]] std::uint32_t interest() const { return kernel_interest(watch->descriptor()); }

    std::optional<hawser::net::Watch> watch;
    int peer = -1;
};

/// Two wires on a context that runs while it is told to, and what happens to them.
struct WatchedWires {
    /// Runs all that is ready; how many handlers that were.
    std::size_t poll() {
        io.restart();
        return io.poll();
    }
    /// Notes down `name` when called, with a mark where it is an error.
    hawser::net::Waiter noting(char name) {
        return hawser::net::Waiter{[this, name](std::error_code error) {
            order += name;
            if (error) order += '!';
        }};
    }

    asio::io_context io{1};
    hawser::net::EpollSet& set = *hawser::net::EpollSet::of(io.get_executor());
    std::string order;
    WatchedWire a{set};
    WatchedWire b{set};
};

}  // namespace test
