#pragma once

#include <hawser/core/message.hpp>

#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// The door through which messages reach a channel from other threads; what a transport gives to
/// `Sender`. Holds the channel weakly.
class Address {
public:
    virtual ~Address() = default;

    /// Hands `message` over to the channel's executor; false when the channel is known to be gone.
    /// Safe from any thread.
    virtual bool post(Message message) = 0;
};

/// Sends on a channel from any thread, without keeping it alive; copyable, and may outlive it.
/// The one way to use a channel off its executor.
class Sender {
public:
    Sender() noexcept = default;
    explicit Sender(std::shared_ptr<Address> address) noexcept : address_{std::move(address)} {}

    /// Hands `message` over. False only when the channel is known to be gone; true does not mean
    /// delivered. Where the backlog is full the slow-consumer policy decides, and a text that is
    /// not UTF-8 is dropped. Messages from one thread keep their order.
    bool send(Message message) const {
        return address_ != nullptr && address_->post(std::move(message));
    }

private:
    std::shared_ptr<Address> address_;
};

}  // namespace hawser::inline HAWSER_MODE
