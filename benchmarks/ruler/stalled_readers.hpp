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
    /// Bytes for each of them with which the kernel is certain to have enough.
    static constexpr std::uint64_t certain_bytes = 512 * 1024;

    StalledReaders(const Bench& bench, std::size_t count) {
        for (std::uint64_t number = 0; number != count; ++number) {
            sockets_.push_back(open_websocket_at(bench.options.port, bench.options.path, number,
                                                 Window::smallest));
        }
    }

    /// Throws where one of them has `sent` bytes, all that were sent to it: it did not stall.
    void demand_stalled(std::uint64_t sent) const {
        for (const Descriptor& socket : sockets_) {
            int unread = 0;
            if (::ioctl(socket.number(), FIONREAD, &unread) != 0) throw_errno("ioctl");
            if (static_cast<std::uint64_t>(unread) >= sent) {
                throw std::runtime_error{"those who were to stall have all that was sent"};
            }
        }
    }

private:
    std::vector<Descriptor> sockets_;
};

}  // namespace bench
