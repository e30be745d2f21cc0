#pragma once

#include <hawser/channel/channel.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// A carrier without a transport: remembers what the channel asks, and says what a test wants.
class FakeCarrier final : public hawser::Carrier {
public:
    explicit FakeCarrier(const asio::any_io_executor& executor, hawser::InboxLimits limits = {})
        : Carrier{executor, limits} {}

    std::error_code send(hawser::Message message, hawser::WhenFull when_full) override {
        last_when_full = when_full;
        if (refusal) return refusal;
        sent.push_back(std::move(message));
        return {};
    }
    void close(hawser::CloseReason reason) override {
        if (!closed_with) closed_with = std::move(reason);
    }
    void abort() override { is_aborted = true; }
    void attend() override {
        asio::post(port().executor(), [self = shared_from_this()] { self->port().pump(); });
    }
    [[nodiscard]] hawser::Guarantee guarantee() const noexcept override {
        return hawser::Guarantee::exactly_once;
    }
    [[nodiscard]] hawser::BacklogState backlog() const override { return state; }
    [[nodiscard]] hawser::Counters counters() const override {
        return {.received = port().received(), .sent = sent.size()};
    }
    [[nodiscard]] hawser::ChannelFacts info() const override { return facts; }
    [[nodiscard]] std::shared_ptr<hawser::Address> address() override { return door; }

    std::vector<hawser::Message> sent;
    std::error_code refusal;
    std::optional<hawser::CloseReason> closed_with;
    std::optional<hawser::WhenFull> last_when_full;
    hawser::BacklogState state;
    hawser::ChannelFacts facts;
    std::shared_ptr<hawser::Address> door;
    bool is_aborted = false;
};

/// The transport of `FakeCarrier`.
struct Fake {
    static constexpr std::string_view name = "fake";
    static constexpr hawser::Guarantee guarantee = hawser::Guarantee::exactly_once;
    struct Options {};
    using Carrier = FakeCarrier;
};

/// A channel over a fake carrier, on a loop of its own.
struct FakeWorld {
    asio::io_context io{1};
    std::shared_ptr<FakeCarrier> carrier = std::make_shared<FakeCarrier>(io.get_executor());
    hawser::Channel<Fake> channel{carrier};

    /// Runs everything that is ready; what is outstanding stays.
    void run() {
        io.restart();
        io.poll();
    }
    /// Has `message` arrive, as a transport would: in a turn of its own.
    void arrive(std::string_view message) {
        asio::post(io, [this, text = hawser::Message::text(message)] {
            carrier->port().deliver(text);
        });
        run();
    }
};
