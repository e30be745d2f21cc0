#pragma once

#include "../polling_client.hpp"
#include "load.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace bench {

/// Echoes by requests, in batches: a connection sends its messages in flight together, and the next
/// when all of them have come back. `P` is a `Peer` that speaks the protocol.
template <class P>
class BatchLoad final : public Load {
public:
    explicit BatchLoad(Bench& bench) {
        for (std::size_t i = 0; i != bench.options.connections; ++i) {
            lanes_.push_back(std::make_unique<Lane>(bench, i * bench.options.in_flight));
        }
    }

    void begin() override {
        for (const auto& lane : lanes_)
            lane->begin();
    }

private:
    class Lane {
    public:
        Lane(Bench& bench, std::uint64_t seed)
            : bench_{bench}, peer_{bench.options.port,
                                   Batch{bench.options.in_flight, bench.options.size, Masking::none,
                                         seed},
                                   bench.options.path} {
            unsigned which = 0;
            for (const int descriptor : peer_.descriptors()) {
                ears_.push_back(std::make_unique<Ear>(*this, which++));
                bench.poller.add(descriptor, *ears_.back());
            }
        }

        void begin() {
            begun_ = Clock::now();
            bench_.tally.begin(bench_.options.in_flight);
            peer_.begin();
        }
        void ready(unsigned which) {
            if (!peer_.readable(which, bench_.room)) return;
            bench_.tally.finish(bench_.options.in_flight, Clock::now() - begun_);
            if (!bench_.tally.is_ending()) begin();
        }

    private:
        /// Waits for one of the peer's descriptors.
        class Ear final : public Watcher {
        public:
            Ear(Lane& lane, unsigned which) : lane_{lane}, which_{which} {}
            void ready(std::uint32_t) override { lane_.ready(which_); }

        private:
            Lane& lane_;
            unsigned which_;
        };

        Bench& bench_;
        P peer_;
        std::vector<std::unique_ptr<Ear>> ears_;
        Clock::time_point begun_{};
    };

    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace bench
