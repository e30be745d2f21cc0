#include <hawser/channel/sender.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

struct Box final : hawser::Address {
    bool post(hawser::Message message) override {
        if (is_gone) return false;
        messages.push_back(std::move(message));
        return true;
    }
    std::vector<hawser::Message> messages;
    bool is_gone = false;
};

}  // namespace

TEST_CASE("a sender hands messages over, and says when the channel is known to be gone") {
    const auto box = std::make_shared<Box>();
    const hawser::Sender sender{box};
    const hawser::Sender copy = sender;
    CHECK(sender.send(hawser::Message::text("one")));
    CHECK(copy.send(hawser::Message::text("two")));
    CHECK(box->messages == std::vector{hawser::Message::text("one"), hawser::Message::text("two")});
    box->is_gone = true;
    CHECK_FALSE(copy.send(hawser::Message::text("three")));
}

TEST_CASE("a sender of nothing sends nothing") {
    CHECK_FALSE(hawser::Sender{}.send(hawser::Message::text("one")));
}
