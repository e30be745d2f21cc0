#pragma once

#include "socket.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sys/epoll.h>

namespace bench {

/// One client of a load: sends a batch of messages, and the next when all of it has come back.
class Peer {
public:
    virtual ~Peer() = default;

    /// What is to be watched for input; all of it open, and for as long as the peer lives.
    [[nodiscard]] virtual std::vector<int> descriptors() const = 0;
    /// Sends the next batch.
    virtual void begin() = 0;
    /// Reads what has come on the descriptor that stands at `which`, by way of `room`, and verifies
    /// it. Says whether the batch is complete.
    [[nodiscard]] virtual bool readable(unsigned which, std::span<char> room) = 0;
};

/// Drives all clients of a load in one thread.
class Generator {
public:
    /// How much is to be exchanged: at least so many batches, for at least so long.
    struct Amount {
        std::size_t batches = 0;
        std::chrono::nanoseconds time{};
    };
    /// How much was exchanged.
    using Done = Amount;

    explicit Generator(std::vector<std::unique_ptr<Peer>> peers)
        : peers_{std::move(peers)}, poll_{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"},
          room_(512 * 1024) {
        for (std::size_t peer = 0; peer != peers_.size(); ++peer)
            watch(peer);
    }

    /// Has all peers exchange batches. At the end all are at rest.
    Done run(const Amount& amount) {
        const auto begin = Clock::now();
        std::size_t done = 0;
        std::size_t at_work = peers_.size();
        bool is_ending = false;
        for (const auto& peer : peers_)
            peer->begin();
        while (at_work != 0) {
            for (const epoll_event& event : wait()) {
                Peer& peer = *peers_[event.data.u64 >> 1];
                if (!peer.readable(event.data.u64 & 1, room_)) continue;
                ++done;
                if (is_ending) {
                    --at_work;
                } else {
                    peer.begin();
                }
            }
            is_ending = done + at_work >= amount.batches && Clock::now() - begin >= amount.time;
        }
        return {done, Clock::now() - begin};
    }

private:
    using Clock = std::chrono::steady_clock;

    void watch(std::size_t peer) {
        std::uint64_t which = 0;
        for (const int descriptor : peers_[peer]->descriptors()) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = std::uint64_t{peer} << 1 | which++;
            if (::epoll_ctl(poll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
                throw_errno("epoll_ctl");
            }
        }
    }

    std::span<const epoll_event> wait() {
        const int count = ::epoll_wait(poll_.number(), events_.data(),
                                       static_cast<int>(events_.size()), patience * 1000);
        if (count > 0) return std::span{events_}.first(static_cast<std::size_t>(count));
        if (count == 0) throw std::runtime_error{"the server is silent"};
        if (errno != EINTR) throw_errno("epoll_wait");
        return {};
    }

    std::vector<std::unique_ptr<Peer>> peers_;
    Descriptor poll_;
    std::array<epoll_event, 64> events_{};
    std::vector<char> room_;
};

}  // namespace bench
