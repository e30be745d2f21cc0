#pragma once

#include "load.hpp"
#include "websocket_lane.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <sys/ioctl.h>

namespace bench {

/// WebSockets that never read what they are sent. Their windows are small and their segments short,
/// so that what a server's kernel takes for them is little, and the server soon has to see to the
/// rest. Whether it keeps, drops or ends that is the server's affair.
class StalledReaders {
public:
    /// Bytes for each of them that are certainly more than both kernels have room for, where the
    /// window is the smallest: half of them were, when it was tried.
    static constexpr std::uint64_t certain_bytes = 128 * 1024;

    StalledReaders(const Bench& bench, std::size_t count) {
        for (std::uint64_t number = 0; number != count; ++number) {
            sockets_.push_back(open_websocket_at(bench.options.port, bench.options.path, number,
                                                 Window::smallest));
        }
    }

    /// Throws where one of them has been sent more than fits through the smallest window, so that
    /// the server's kernel may have had room for all.
    void demand_stalled() const {
        for (const Descriptor& socket : sockets_) {
            int unread = 0;
            if (::ioctl(socket.number(), FIONREAD, &unread) != 0) throw_errno("ioctl");
            if (unread > most_unread) {
                throw std::runtime_error{"those who were to stall have room for too much"};
            }
        }
    }

private:
    static constexpr int most_unread = 16 * 1024;

    std::vector<Descriptor> sockets_;
};

}  // namespace bench
