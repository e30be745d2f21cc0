#include <hawser/channel/sender.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <utility>

using namespace hawser;

TEST_CASE("a sender hands over as long as its channel exists, and does not keep it") {
    test::Channelled c;
    const Sender sender = c.channel->sender();
    const Sender copy = sender;
    CHECK(sender.send(Message::text("one")));
    CHECK(copy.send(Message::text("two")));
    CHECK(c.carrier->sent == test::Log{"one", "two"});
    c.channel.reset();
    c.poll();
    const std::weak_ptr<test::FakeCarrier> weak = c.carrier;
    c.carrier.reset();
    CHECK(weak.expired());
    CHECK_FALSE(sender.send(Message::text("three")));
}

TEST_CASE("a sender of nothing sends nothing") {
    const Sender sender;
    CHECK_FALSE(sender.send(Message::text("one")));
}
