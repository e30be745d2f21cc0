#include <hawser/transport/polling_server.hpp>

#include "support/world.hpp"
#include "transport/recording_asker.hpp"

#include <hawser/core/message.hpp>

#include <asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using hawser::Channel;
using hawser::Error;
using hawser::LongPolling;
using hawser::Message;
using hawser::PollingOptions;
using hawser::PollingServerCarrier;
using namespace std::chrono_literals;

namespace {

using Asker = std::shared_ptr<test::RecordingAsker>;

struct Fixture {
    std::optional<test::World> own_world{std::in_place};
    test::World& world = *own_world;
    std::optional<Channel<LongPolling>> channel;
    std::string story;
    std::shared_ptr<PollingServerCarrier> carrier;
    hawser::Roster<PollingServerCarrier> living;

    void start(PollingOptions options = {}) {
        const auto note = [this](char what) {
            return [this, what](const std::string& token) {
                CHECK(token == "token");
                story += what;
            };
        };
        carrier = std::make_shared<PollingServerCarrier>(PollingServerCarrier::Parts{
            .token = "token",
            .options = std::make_shared<const PollingOptions>(std::move(options)),
            .loop = hawser::net::Loop::of(world.executor()),
            .observer = std::make_shared<const PollingServerCarrier::Observer>(
                PollingServerCarrier::Observer{.opened =
                                                   [this](auto opened) {
                                                       story += 'o';
                                                       channel.emplace(std::move(opened));
                                                   },
                                               .over = note('v'),
                                               .finished = note('f')}),
            .facts = {.peer_address = "192.0.2.7"}});
        living.join(*carrier);
        carrier->start();
    }
    Asker receive(std::uint64_t number, std::uint64_t after = 0) {
        const auto asker = std::make_shared<test::RecordingAsker>(world.executor());
        carrier->receive({.after = after, .request = number}, "", hawser::Responder{asker, number});
        return asker;
    }
    void await(const Asker& asker) {
        world.run_until("an answer", [&] { return asker->is_answered(); });
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the channel opens at the first request, and not before") {
    start();
    world.run_ready();
    CHECK(story.empty());
    const auto held = receive(1);
    CHECK(story == "o");
    CHECK(channel->info().peer_address() == "192.0.2.7");
    CHECK_FALSE(held->is_answered());
    REQUIRE_FALSE(channel->try_send(Message::text("news")));
    await(held);
    CHECK(held->status() == 200);
}

TEST_CASE_FIXTURE(Fixture, "a session that is never used ends, and opens no channel") {
    start({.server = {.unused = 1ms}});
    world.run_until("the end of a session", [&] { return story.ends_with('f'); });
    CHECK(story == "vf");
    CHECK(living.empty());
}

TEST_CASE_FIXTURE(Fixture, "a held request that must hurry is answered empty") {
    start();
    const auto held = receive(1);
    held->holder.lock()->hurry(held->held_request, world.executor());
    await(held);
    CHECK(held->status() == 204);
}

TEST_CASE_FIXTURE(Fixture, "a message is not given to a request whose asker is gone") {
    start();
    const auto gone = receive(1);
    gone->holder.lock()->give_up(gone->held_request, world.executor());
    REQUIRE_FALSE(channel->try_send(Message::text("news")));
    world.run_ready();
    const auto next = receive(2);
    await(next);
    CHECK(next->status() == 200);
    CHECK(next->field("Hawser-First") == "1");
    world.run_ready();
    CHECK(gone->status() != 200);
}

TEST_CASE_FIXTURE(Fixture, "a newer request supersedes the one that is held") {
    start();
    const auto first = receive(1);
    const auto second = receive(2);
    await(first);
    CHECK(first->status() == 409);
    CHECK(first->field("Hawser-Error") == "superseded");
    CHECK_FALSE(second->is_answered());
}

TEST_CASE_FIXTURE(Fixture, "a session is over when its end was seen, and then leaves its roster") {
    start();
    const auto held = receive(1);
    CHECK_FALSE(living.empty());
    test::Done closed;
    channel->async_close(closed.handler());
    await(held);
    CHECK(held->body() == "\x88\x02\x03\xe8");
    const auto last = receive(2, 1);
    await(last);
    world.run_until("the end of a close", closed);
    CHECK(channel->close_reason()->error == Error::closed);
    CHECK(living.empty());
    await(receive(3, 1));  // a repeat, as its reply may have been lost
    CHECK(story == "ov");
}

TEST_CASE_FIXTURE(Fixture, "what a far asker has to tell is dropped once the context is gone") {
    asio::io_context elsewhere;
    start();
    const auto asker = std::make_shared<test::RecordingAsker>(elsewhere.get_executor());
    carrier->receive({.after = 0, .request = 1}, "", hawser::Responder{asker, 1});
    elsewhere.run();
    const auto holder = asker->holder.lock();
    REQUIRE(holder);
    own_world.reset();
    holder->give_up(asker->held_request, elsewhere.get_executor());
}

TEST_CASE_FIXTURE(Fixture, "a request of another executor is answered by way of it") {
    asio::io_context elsewhere;
    start();
    const auto asker = std::make_shared<test::RecordingAsker>(elsewhere.get_executor());
    carrier->receive({.after = 0, .request = 1}, "", hawser::Responder{asker, 1});
    REQUIRE_FALSE(channel->try_send(Message::text("news")));
    world.run_ready();
    CHECK_FALSE(asker->is_answered());
    elsewhere.run();
    CHECK(asker->status() == 200);
}

TEST_CASE_FIXTURE(Fixture, "a send is applied, and its messages come to the channel") {
    start();
    const auto asker = std::make_shared<test::RecordingAsker>(world.executor());
    const Message message = Message::text("up");
    carrier->send({.first = 1, .body = {message.frame().begin(), message.frame().end()}}, "",
                  hawser::Responder{asker, 1});
    await(asker);
    CHECK(asker->status() == 204);
    CHECK(asker->field("Hawser-Received") == "1");
    CHECK(test::receive(world, *channel).message().view() == "up");
}
