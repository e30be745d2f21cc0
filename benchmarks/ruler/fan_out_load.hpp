#pragma once

#include "load.hpp"
#include "message_shape.hpp"
#include "websocket_lane.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace bench {

/// Messages that one connection sends, and that all connections receive, it included. What counts
/// is the delivery.
class FanOutLoad final : public Load {
public:
    explicit FanOutLoad(Bench& bench)
        : shape_{bench.options.is_text ? Opcode::text : Opcode::binary, bench.options.size},
          on_their_way_(bench.options.in_flight) {
        for (std::uint64_t number = 0; number != bench.options.connections; ++number) {
            lanes_.push_back(std::make_unique<Lane>(bench, *this, number));
        }
    }

    void begin() override { lanes_.back()->publish(on_their_way_.size()); }
    /// Closes all WebSockets; only when nothing is outstanding.
    void close() {
        for (const auto& lane : lanes_)
            lane->close();
    }

private:
    /// Who lacks a message still.
    struct Departure {
        Clock::time_point sent_at{};
        std::size_t missing = 0;
    };

    class Lane final : public WebSocketLane {
    public:
        Lane(Bench& bench, FanOutLoad& load, std::uint64_t number)
            : WebSocketLane{bench, bench.options.path, number}, load_{load}, checker_{load.shape_,
                                                                                      0} {}

        void publish(std::size_t messages) {
            note_now();
            for (std::size_t i = 0; i != messages; ++i) {
                load_.departure(sent_) = {now(), load_.lanes_.size()};
                load_.shape_.append_head(outbox().copied(), Stamp{0, sent_++});
                outbox().append_shared(load_.shape_.masked_tail());
                bench().tally.begin(load_.lanes_.size());
            }
            flush();
        }

        void payload(std::string_view bytes) override { checker_.take(bytes); }
        void end_of_message(Opcode opcode) override {
            Departure& departure = load_.departure(checker_.received());
            checker_.end(opcode);
            bench().tally.finish(1, now() - departure.sent_at);
            if (--departure.missing == 0 && !bench().tally.is_ending()) ++arrived_everywhere_;
        }

    protected:
        void end_turn() override {
            if (arrived_everywhere_ == 0) return;
            load_.lanes_.back()->publish(std::exchange(arrived_everywhere_, 0));
        }

    private:
        FanOutLoad& load_;
        MessageChecker checker_;
        std::uint64_t sent_ = 0;
        /// Messages of which this was the last delivery, and that make room for others.
        std::size_t arrived_everywhere_ = 0;
    };

    [[nodiscard]] Departure& departure(std::uint64_t number) noexcept {
        return on_their_way_[number % on_their_way_.size()];
    }

    MessageShape shape_;
    std::vector<Departure> on_their_way_;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace bench
