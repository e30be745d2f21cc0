#include <hawser/transport/session_carrier.hpp>

#include <hawser/polling/server_session.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using hawser::Clock;
using hawser::Error;
using hawser::Message;

namespace {

/// A carrier over the server's engine that writes down what the shared part leaves to it.
class PlainCarrier final : public hawser::SessionCarrier<hawser::polling::ServerSession> {
    using Session = hawser::polling::ServerSession;

public:
    PlainCarrier(const hawser::polling::ServerOptions& options,
                 std::shared_ptr<hawser::net::Loop> loop)
        : SessionCarrier{Session{options, Clock::now()},
                         {.message = options.message, .inbox = options.inbox},
                         std::move(loop)} {}

    void receive(std::uint64_t number, std::uint64_t after) {
        session().receive(number, {.after = after, .request = number}, Clock::now());
        turn();
    }

    int turns = 0;
    int endings = 0;
    std::vector<Session::Answer> answers;

private:
    void handle(Event&& event) override {
        if (auto* const answer = std::get_if<Session::Answer>(&event)) {
            answers.push_back(std::move(*answer));
        }
    }
    void ended(const hawser::CloseReason&) override { ++endings; }
    void turned() override { ++turns; }
};

struct World {
    asio::io_context io{1};
    hawser::polling::ServerOptions options;
    std::shared_ptr<PlainCarrier> carrier =
        std::make_shared<PlainCarrier>(options, hawser::net::Loop::of(io.get_executor()));

    void run() {
        io.restart();
        io.poll();
    }
};

}  // namespace

TEST_CASE("messages queued in one turn leave in one answer to the request that is held") {
    World world;
    world.carrier->receive(1, 0);
    CHECK(world.carrier->answers.empty());
    for (const char* text : {"one", "two"}) {
        CHECK_FALSE(world.carrier->send(Message::text(text), hawser::WhenFull::refuse));
    }
    CHECK(world.carrier->answers.empty());
    world.run();
    REQUIRE(world.carrier->answers.size() == 1);
    CHECK(world.carrier->answers.front().reply.body.size() == 2 * (2 + 3));
    CHECK(world.carrier->counters().sent == 2);
}

TEST_CASE("what every transport refuses is refused") {
    World world;
    const std::string long_text(world.options.message.bytes + 1, 'x');
    CHECK(world.carrier->send(Message::text("\xFF"), hawser::WhenFull::refuse) ==
          Error::invalid_text);
    CHECK(world.carrier->send(Message::text(long_text), hawser::WhenFull::refuse) ==
          Error::message_too_big);
    world.carrier->close({});
    CHECK(world.carrier->send(Message::text("late"), hawser::WhenFull::refuse) == Error::closed);
}

TEST_CASE("an abort ends the channel at the end of the turn, once") {
    World world;
    world.carrier->receive(1, 0);  // one that nobody has used ends without a word
    world.carrier->abort();
    world.carrier->abort();
    CHECK_FALSE(world.carrier->port().is_closed());
    world.run();
    CHECK(world.carrier->port().reason()->error == Error::aborted);
    CHECK(world.carrier->endings == 1);
    CHECK(world.carrier->turns != 0);
}

TEST_CASE("the address of a session that has ended takes nothing") {
    World world;
    world.carrier->receive(1, 0);
    const auto before = world.carrier->address();
    CHECK(before->post(Message::text("one")));
    world.run();
    CHECK(world.carrier->counters().sent == 1);
    world.carrier->abort();
    world.run();
    CHECK_FALSE(before->post(Message::text("two")));
    CHECK_FALSE(world.carrier->address()->post(Message::text("three")));
}
