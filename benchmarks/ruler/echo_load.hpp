#pragma once

#include "load.hpp"
#include "message_shape.hpp"
#include "websocket_lane.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace bench {

/// A WebSocket whose messages are to come back to it: as many as may be are on their way, and one
/// that has come back makes room for the next.
class EchoLane final : public WebSocketLane {
public:
    EchoLane(Bench& bench, const MessageShape& shape, std::uint64_t number)
        : WebSocketLane{bench, bench.options.path, number}, shape_{shape}, checker_{shape, number},
          sent_at_(bench.options.in_flight) {}

    void begin() {
        note_now();
        for (std::size_t i = 0; i != sent_at_.size(); ++i)
            send();
        flush();
    }

    void payload(std::string_view bytes) override { checker_.take(bytes); }
    void end_of_message(Opcode opcode) override {
        const auto sent_at = sent_at_[checker_.received() % sent_at_.size()];
        checker_.end(opcode);
        bench().tally.finish(1, now() - sent_at);
        if (!bench().tally.is_ending()) send();
    }

private:
    void send() {
        const Stamp stamp{number(), sent_};
        sent_at_[sent_++ % sent_at_.size()] = now();
        shape_.append_head(outbox().copied(), stamp);
        outbox().append_shared(shape_.masked_tail());
        bench().tally.begin(1);
    }

    const MessageShape& shape_;
    MessageChecker checker_;
    std::uint64_t sent_ = 0;
    std::vector<Clock::time_point> sent_at_;
};

/// Echoes over WebSocket.
class EchoLoad final : public Load {
public:
    explicit EchoLoad(Bench& bench)
        : shape_{bench.options.is_text ? Opcode::text : Opcode::binary, bench.options.size} {
        for (std::uint64_t number = 0; number != bench.options.connections; ++number) {
            lanes_.push_back(std::make_unique<EchoLane>(bench, shape_, number));
        }
    }

    void begin() override {
        for (const auto& lane : lanes_)
            lane->begin();
    }
    /// Closes all WebSockets; only when nothing is outstanding.
    void close() {
        for (const auto& lane : lanes_)
            lane->close();
    }

private:
    MessageShape shape_;
    std::vector<std::unique_ptr<EchoLane>> lanes_;
};

}  // namespace bench
