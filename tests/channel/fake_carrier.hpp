#pragma once

#include <hawser/channel/channel.hpp>

#include <asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// A carrier whose other end is the test: it says what arrives, and sees what is sent.
class FakeCarrier final : public hawser::Carrier {
public:
    explicit FakeCarrier(asio::any_io_executor executor, hawser::InboxLimits limits = {})
        : Carrier{std::move(executor), limits} {}

    // Carrier
    std::error_code send(hawser::Message message, hawser::WhenFull when_full) override {
        if (port().is_closed()) return hawser::Error::closed;
        if (is_full && when_full == hawser::WhenFull::refuse) return hawser::Error::backlog_full;
        if (send_error) return send_error;
        sent.emplace_back(message.view());
        if (state.is_above_high) state.bytes += message.size();
        return {};
    }
    void close(hawser::CloseReason reason) override { closes.push_back(std::move(reason)); }
    void abort() override { ++aborts; }
    void attend() override {
        ++attended;
        port().pump_later(shared_from_this());
    }
    [[nodiscard]] hawser::Guarantee guarantee() const noexcept override {
        return hawser::Guarantee::exactly_once;
    }
    [[nodiscard]] hawser::BacklogState backlog() const override { return state; }
    [[nodiscard]] hawser::Counters counters() const override {
        return {.received = port().received(), .sent = sent.size()};
    }
    [[nodiscard]] hawser::ChannelFacts info() const override {
        return hawser::ChannelFacts{{.target = "/fake"}};
    }
    [[nodiscard]] std::shared_ptr<hawser::Address> address() override {
        struct FakeAddress final : hawser::Address {
            explicit FakeAddress(std::weak_ptr<Carrier> to) : carrier{std::move(to)} {}
            bool post(hawser::Message message) override {
                const auto alive = carrier.lock();
                return alive && !alive->send(std::move(message), hawser::WhenFull::apply_policy);
            }
            std::weak_ptr<Carrier> carrier;
        };
        return std::make_shared<FakeAddress>(weak_from_this());
    }

    // What the test does.
    void arrive(std::string_view text) { port().deliver(hawser::Message::text(text)); }
    void end(hawser::Error error = hawser::Error::closed) { port().close({.error = error}); }

    std::vector<std::string> sent;
    std::vector<hawser::CloseReason> closes;
    unsigned aborts = 0;
    unsigned attended = 0;
    bool is_full = false;
    std::error_code send_error;
    hawser::BacklogState state;
};

/// The transport of fake carriers.
struct Fake {
    static constexpr std::string_view name = "fake";
    static constexpr hawser::Guarantee guarantee = hawser::Guarantee::exactly_once;
    struct Options {};
    using Carrier = FakeCarrier;
};

/// A channel on a fake carrier, and what came of its operations.
struct Channelled {
    explicit Channelled(hawser::InboxLimits limits = {})
        : carrier{std::make_shared<FakeCarrier>(io.get_executor(), limits)},
          channel{hawser::Channel<Fake>{carrier}} {}

    /// Runs all that is ready.
    void poll() {
        io.restart();
        io.poll();
    }
    /// Notes down what a receive completes with: the message, or the error in brackets.
    auto into_log() {
        return [this](std::error_code error, const hawser::Message& message) {
            log.push_back(error ? "(" + error.message() + ")" : std::string{message.view()});
        };
    }
    /// Notes down what another operation completes with.
    auto as(std::string name) {
        return [this, name = std::move(name)](std::error_code error) {
            log.push_back(error ? name + " (" + error.message() + ")" : name);
        };
    }

    asio::io_context io{1};
    std::vector<std::string> log;
    std::shared_ptr<FakeCarrier> carrier;
    std::optional<hawser::AnyChannel> channel;
};

using Log = std::vector<std::string>;

}  // namespace test
