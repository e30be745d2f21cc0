#pragma once

#include <hawser/channel/carrier.hpp>
#include <hawser/channel/sender.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/net/mailroom.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// The address of a carrier that lives on a loop: messages go through the loop's mailroom, where
/// one wake-up serves all carriers of the executor.
class CarrierAddress final : public Address,
                             public net::Addressee,
                             public std::enable_shared_from_this<CarrierAddress> {
public:
    CarrierAddress(std::shared_ptr<net::Mailroom> mailroom, std::weak_ptr<Carrier> carrier)
        : mailroom_{std::move(mailroom)}, carrier_{std::move(carrier)} {}

    bool post(Message message) override {
        if (is_gone_.load(std::memory_order_acquire)) return false;
        mailroom_->post(shared_from_this(), std::move(message));
        return true;
    }

    /// The carrier's channel has ended; on the executor.
    void mark_gone() noexcept { is_gone_.store(true, std::memory_order_release); }

private:
    void take(Message message) override {
        const auto carrier = carrier_.lock();
        // Nobody waits for an answer: the policy has decided, and the counters tell.
        if (carrier) static_cast<void>(carrier->send(std::move(message), WhenFull::apply_policy));
    }

    std::shared_ptr<net::Mailroom> mailroom_;
    std::weak_ptr<Carrier> carrier_;
    std::atomic<bool> is_gone_{false};
};

}  // namespace hawser::inline HAWSER_MODE
