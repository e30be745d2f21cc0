#include <hawser/transport/carrier_address.hpp>

#include "support/world.hpp"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hawser::CarrierAddress;
using hawser::Message;

namespace {

/// A carrier that only takes what it is to send.
class FakeCarrier final : public hawser::Carrier {
public:
    explicit FakeCarrier(const asio::any_io_executor& executor) : Carrier{executor, {}} {}

    std::error_code send(Message message, hawser::WhenFull when_full) override {
        sent.emplace_back(message.view());
        applies_policy = when_full == hawser::WhenFull::apply_policy;
        return {};
    }
    void close(hawser::CloseReason) override {}
    void abort() override {}
    void attend() override {}
    [[nodiscard]] hawser::Guarantee guarantee() const noexcept override {
        return hawser::Guarantee::at_most_once;
    }
    [[nodiscard]] hawser::BacklogState backlog() const override { return {}; }
    [[nodiscard]] hawser::Counters counters() const override { return {}; }
    [[nodiscard]] hawser::ChannelFacts info() const override { return {}; }
    [[nodiscard]] std::shared_ptr<hawser::Address> address() override { return nullptr; }

    std::vector<std::string> sent;
    bool applies_policy = false;
};

struct Fixture {
    test::World world;
    std::shared_ptr<hawser::net::Loop> loop = hawser::net::Loop::of(world.executor());
    std::shared_ptr<FakeCarrier> carrier = std::make_shared<FakeCarrier>(world.executor());
    std::shared_ptr<CarrierAddress> address =
        std::make_shared<CarrierAddress>(loop->mailroom(), carrier);
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is posted reaches the carrier on its executor, in order") {
    std::thread{[this] {
        CHECK(address->post(Message::text("a")));
        CHECK(address->post(Message::text("b")));
    }}.join();
    CHECK(carrier->sent.empty());
    world.run_until("the messages", [&] { return carrier->sent.size() == 2; });
    CHECK(carrier->sent == std::vector<std::string>{"a", "b"});
    CHECK(carrier->applies_policy);
}

TEST_CASE_FIXTURE(Fixture, "what is posted to a channel that has ended is refused") {
    address->mark_gone();
    CHECK_FALSE(address->post(Message::text("late")));
    world.run_ready();
    CHECK(carrier->sent.empty());
}

TEST_CASE_FIXTURE(Fixture, "an address keeps no carrier alive, and may outlive it") {
    CHECK(address->post(Message::text("lost")));
    carrier.reset();
    world.run_ready();
    CHECK(address->post(Message::text("lost")));  // not known to be gone
    world.run_ready();
}
