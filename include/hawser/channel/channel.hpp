#pragma once

#include <hawser/channel/any_channel.hpp>
#include <hawser/channel/concepts.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// A channel whose transport is known when the program is compiled. It has no members of its own
/// beyond `AnyChannel`'s, to which it moves: the same code serves both.
template <Transport T>
class Channel : public AnyChannel {
public:
    using transport_type = T;

    /// What `AnyChannel::guarantee` says, at compile time.
    static constexpr Guarantee transport_guarantee = T::guarantee;
    /// The transport's name: "websocket", "long-polling", "polling", "loopback".
    static constexpr std::string_view transport_name = T::name;

    /// For transports: the channel of a carrier that is open.
    explicit Channel(std::shared_ptr<typename T::Carrier> carrier) noexcept
        : AnyChannel{std::move(carrier)} {}
};

}  // namespace hawser::inline HAWSER_MODE
