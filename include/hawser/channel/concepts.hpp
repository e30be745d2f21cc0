#pragma once

#include <hawser/channel/any_channel.hpp>
#include <hawser/channel/carrier.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace hawser::inline HAWSER_MODE {

/// A stateless tag that names a way of moving messages:
///   `name`       what it is called in text;
///   `guarantee`  what it promises;
///   `Options`    an aggregate whose every default is safe on a public network;
///   `Carrier`    what moves the messages of one channel.
template <class T>
concept Transport = requires {
    { T::name } -> std::convertible_to<std::string_view>;
    { T::guarantee } -> std::convertible_to<Guarantee>;
    typename T::Options;
    typename T::Carrier;
    requires std::derived_from<typename T::Carrier, Carrier>;
    requires std::default_initializable<typename T::Options>;
};

/// What application code may rely on, whatever the transport.
template <class C>
concept MessageChannel =
    std::move_constructible<C> && !std::copy_constructible<C> &&
    requires(C channel, const C& constant, Message message, CloseReason reason,
             void (*received)(std::error_code, Message), void (*done)(std::error_code),
             Handlers handlers) {
        channel.async_receive(received);
        channel.async_send(message, done);
        channel.async_close(reason, done);
        channel.async_close(CloseCode::normal, std::string_view{}, done);
        channel.receive();
        channel.send(message);
        { channel.try_send(message) } -> std::same_as<std::error_code>;
        channel.run(handlers);
        channel.abort();
        { constant.sender() } -> std::same_as<Sender>;
        { constant.guarantee() } -> std::same_as<Guarantee>;
        { constant.close_reason() } -> std::same_as<std::optional<CloseReason>>;
        { constant.info() } -> std::same_as<ChannelFacts>;
        { constant.backlog() } -> std::same_as<BacklogState>;
        { constant.counters() } -> std::same_as<Counters>;
        constant.get_executor();
    };

}  // namespace hawser::inline HAWSER_MODE
