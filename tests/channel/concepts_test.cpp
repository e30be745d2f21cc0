#include <hawser/channel/concepts.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace {

/// Everything but a carrier of the library's.
struct WithoutCarrier {
    static constexpr std::string_view name = "none";
    static constexpr hawser::Guarantee guarantee = hawser::Guarantee::at_most_once;
    struct Options {};
    using Carrier = int;
};

struct Silent : hawser::AnyChannel {
    std::error_code try_send(hawser::Message) = delete;
};

}  // namespace

static_assert(hawser::Transport<Fake>);
static_assert(!hawser::Transport<WithoutCarrier>);
static_assert(!hawser::Transport<int>);
static_assert(hawser::MessageChannel<hawser::AnyChannel>);
static_assert(hawser::MessageChannel<hawser::Channel<Fake>>);
static_assert(!hawser::MessageChannel<Silent>);
static_assert(!hawser::MessageChannel<std::shared_ptr<int>>);

TEST_CASE("code written against the concept runs with both of its models") {
    const auto name_of = []<hawser::MessageChannel C>(const C& channel) {
        return channel.guarantee();
    };
    FakeWorld world;
    CHECK(name_of(world.channel) == hawser::Guarantee::exactly_once);
    const hawser::AnyChannel any = std::move(world.channel);
    CHECK(name_of(any) == hawser::Guarantee::exactly_once);
}
