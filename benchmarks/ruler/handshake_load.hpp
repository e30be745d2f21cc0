#pragma once

#include "load.hpp"
#include "websocket_lane.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace bench {

/// WebSockets that are opened, found to be good, and given up at once, with a reset, as otherwise
/// the ports of this machine would soon be used up (TIME_WAIT).
class HandshakeLoad final : public Load {
public:
    explicit HandshakeLoad(Bench& bench) {
        for (std::uint64_t slot = 0; slot != bench.options.connections; ++slot) {
            slots_.push_back(std::make_unique<Slot>(bench, slot << 40));
        }
    }

    void begin() override {
        for (const auto& slot : slots_)
            slot->open();
    }

private:
    class Slot final : public Watcher {
    public:
        Slot(Bench& bench, std::uint64_t number) : bench_{bench}, number_{number} {}

        void open() {
            begun_ = Clock::now();
            socket_ = connect_to(bench_.options.port);
            const linger reset{.l_onoff = 1, .l_linger = 0};
            ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            bench_.poller.add(socket_.number(), *this);
            key_ = websocket_key(number_++);
            write_all(socket_, upgrade_request(bench_.options.path, key_));
            bench_.tally.begin(1);
        }
        void ready(std::uint32_t) override {
            reply_ += read_some(socket_, bench_.room, Waiting::refused);
            if (reply_.find("\r\n\r\n") == reply_.npos) return;
            demand_upgrade(std::exchange(reply_, {}), key_);
            socket_.close();
            bench_.tally.finish(1, Clock::now() - begun_);
            if (!bench_.tally.is_ending()) open();
        }

    private:
        Bench& bench_;
        std::uint64_t number_;
        Descriptor socket_;
        std::string key_;
        std::string reply_;
        Clock::time_point begun_{};
    };

    std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace bench
