#include <hawser/transport/session_carrier.hpp>

#include "support/throwing_handlers.hpp"

#include <hawser/core/output.hpp>
#include <hawser/polling/server_session.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using hawser::Clock;
using hawser::Error;
using hawser::Message;
using test::Log;
using test::throwing_handlers;

namespace {

/// A carrier over the server's engine that writes down what the shared part leaves to it.
class PlainCarrier final : public hawser::SessionCarrier<hawser::polling::ServerSession> {
    using Session = hawser::polling::ServerSession;

public:
    PlainCarrier(const hawser::polling::ServerOptions& options,
                 std::shared_ptr<hawser::net::Loop> loop)
        : SessionCarrier{Session{options, hawser::system_entropy(), Clock::now()},
                         {.message = options.message, .inbox = options.inbox},
                         std::move(loop)} {}

    using SessionCarrier::session;

    void receive(std::uint64_t number, std::uint64_t after) {
        session().receive(number, {.after = after, .request = number}, Clock::now());
        turn();
    }

    /// Messages of the client, the first of them with number `first`.
    void post(std::uint64_t request, std::uint64_t first, const std::vector<std::string>& texts) {
        hawser::Output body;
        for (const auto& text : texts) body.append_frame(Message::text(text));
        session().send(request, {.first = first, .body = body.flatten()}, Clock::now());
        changed();
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

struct World : test::World {
    hawser::polling::ServerOptions options;
    std::shared_ptr<PlainCarrier> carrier =
        std::make_shared<PlainCarrier>(options, hawser::net::Loop::of(executor()));
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
    world.run_ready();
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
    world.run_ready();
    CHECK(world.carrier->port().reason()->error == Error::aborted);
    CHECK(world.carrier->endings == 1);
    CHECK(world.carrier->turns != 0);
}

TEST_CASE("the address of a session that has ended takes nothing") {
    World world;
    world.carrier->receive(1, 0);
    const auto before = world.carrier->address();
    CHECK(before->post(Message::text("one")));
    world.run_ready();
    CHECK(world.carrier->counters().sent == 1);
    world.carrier->abort();
    world.run_ready();
    CHECK_FALSE(before->post(Message::text("two")));
    CHECK_FALSE(world.carrier->address()->post(Message::text("three")));
}

TEST_CASE("handlers that throw get every message and the end, once") {
    World world;
    Log log;
    world.carrier->post(1, 1, {"one", "two"});
    SUBCASE("as they come") { world.carrier->port().set_handlers(throwing_handlers(log)); }
    SUBCASE("out of the inbox") {
        world.run_ready();
        world.carrier->port().set_handlers(throwing_handlers(log));
        world.carrier->attend();
    }
    world.carrier->post(2, 3, {"three"});
    CHECK(run_over_exceptions(world) == 3);
    CHECK(world.carrier->answers.size() == 2);
    world.carrier->abort();
    CHECK(run_over_exceptions(world) == 1);
    CHECK(log == Log{"one", "two", "three", make_error_code(Error::aborted).message()});
    CHECK(world.carrier->endings == 1);
    CHECK(world.carrier->port().received() == 3);
}

TEST_CASE("handlers that throw get what waits at the end, then the end") {
    World world;
    Log log;
    world.carrier->post(1, 1, {"one", "two"});
    world.run_ready();
    world.carrier->session().abort(Error::aborted, Clock::now());
    world.carrier->port().set_handlers(throwing_handlers(log));
    world.carrier->attend();
    CHECK(run_over_exceptions(world) == 3);
    CHECK(log == Log{"one", "two", make_error_code(Error::aborted).message()});
}

TEST_CASE("a turn that a handler of drained backlogs has ended is taken to its end") {
    World world;
    Log log;
    world.carrier->port().set_handlers(throwing_handlers(log));
    world.carrier->port().note_full();
    world.carrier->attend();
    CHECK(run_over_exceptions(world) == 1);
    CHECK(world.carrier->turns == 1);
    CHECK(log == Log{"drained"});
}

TEST_CASE("what a handler sends in a turn is looked after in the same one") {
    World world;
    world.carrier->port().set_handlers({.message = [&](const Message& message) {
        CHECK_FALSE(world.carrier->send(message, hawser::WhenFull::refuse));
    }});
    world.carrier->post(1, 1, {"one"});
    world.run_ready();
    CHECK(world.carrier->counters().received == 1);
    CHECK(world.carrier->turns == 1);
}

TEST_CASE("what a handler of drained backlogs sends is looked after in the next turn") {
    World world;
    world.carrier->receive(1, 0);
    world.carrier->port().set_handlers({.drained = [&] {
        CHECK_FALSE(world.carrier->send(Message::text("one"), hawser::WhenFull::refuse));
    }});
    world.carrier->port().note_full();
    world.carrier->attend();
    world.run_ready();
    CHECK(world.carrier->answers.size() == 1);
}
