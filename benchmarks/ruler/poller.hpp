#pragma once

#include "../socket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include <sys/epoll.h>

namespace bench {

/// What waits for a descriptor to become ready.
class Watcher {
public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;

    /// `events` are those of epoll_ctl(2).
    virtual void ready(std::uint32_t events) = 0;
};

/// Descriptors and what waits for them: level-triggered epoll.
class Poller {
public:
    /// `watcher` must live as long as it is open.
    void add(int descriptor, Watcher& watcher) {
        control(EPOLL_CTL_ADD, descriptor, watcher, EPOLLIN);
    }
    void watch_output(int descriptor, Watcher& watcher, bool is_wanted) {
        const std::uint32_t output = is_wanted ? std::uint32_t{EPOLLOUT} : 0U;
        control(EPOLL_CTL_MOD, descriptor, watcher, EPOLLIN | output);
    }

    /// Waits until something is ready, and tells those who wait for it. Throws where the server is
    /// silent for longer than `patience`.
    void turn() {
        const int count =
            ::epoll_wait(set_.number(), events_.data(), int{most_events}, patience * 1000);
        if (count == 0) throw std::runtime_error{"the server is silent"};
        if (count < 0 && errno != EINTR) throw_errno("epoll_wait");
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events_[static_cast<std::size_t>(i)];
            static_cast<Watcher*>(event.data.ptr)->ready(event.events);
        }
    }

private:
    static constexpr int most_events = 64;

    void control(int operation, int descriptor, Watcher& watcher, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &watcher;
        if (::epoll_ctl(set_.number(), operation, descriptor, &event) != 0) {
            throw_errno("epoll_ctl");
        }
    }

    Descriptor set_{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
    std::array<epoll_event, most_events> events_{};
};

}  // namespace bench
