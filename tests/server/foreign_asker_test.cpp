#include <hawser/server/foreign_asker.hpp>

#include "support/world.hpp"
#include "transport/recording_asker.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>

#include <memory>
#include <optional>
#include <utility>

using hawser::Responder;
using hawser::http::make_text_response;
using hawser::http::Response;

namespace {

/// A route that does as it is told.
class FakeRoute final : public hawser::Route {
public:
    hawser::HeadVerdict judge(const hawser::http::RequestHead&,
                              const hawser::PeerFacts& peer) override {
        judged = peer.address;
        if (is_strict) return {.answer = make_text_response(403, "")};
        return {};
    }
    void handle(hawser::http::Request, const hawser::PeerFacts& peer, Responder with) override {
        address = peer.address;
        responder.emplace(std::move(with));
    }

    bool is_strict = false;
    std::string judged;
    std::string address;
    std::optional<Responder> responder;
};

struct Fixture {
    test::World world;
    std::shared_ptr<FakeRoute> route = std::make_shared<FakeRoute>();
    test::Outcome<Response> outcome;
    asio::cancellation_signal cancellation;
    std::shared_ptr<test::RecordingHolder> holder = std::make_shared<test::RecordingHolder>();

    void ask() {
        hawser::ask(route, asio::bind_cancellation_slot(cancellation.slot(), outcome.handler()),
                    world.executor(), {}, {.address = "192.0.2.7"});
        world.run_ready();
    }
    [[nodiscard]] unsigned status() {
        world.run_until("an answer", outcome);
        return std::get<0>(outcome.result()).status;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a route's answer completes the operation, not from inside the call") {
    ask();
    REQUIRE(route->responder);
    CHECK(route->judged == "192.0.2.7");
    CHECK(route->address == "192.0.2.7");
    std::move(*route->responder).respond(make_text_response(204, ""), world.executor());
    CHECK_FALSE(outcome.has_come());
    CHECK(status() == 204);
    CHECK(outcome.times() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a head that is judged badly is answered without the route") {
    route->is_strict = true;
    ask();
    CHECK(status() == 403);
    CHECK_FALSE(route->responder);
}

TEST_CASE_FIXTURE(Fixture, "a lost responder answers 500") {
    ask();
    route->responder.reset();
    CHECK(status() == 500);
}

TEST_CASE_FIXTURE(Fixture, "an answer that is given counts as written") {
    ask();
    route->responder->hold(holder, 5, world.executor());
    std::move(*route->responder).respond(make_text_response(204, ""), world.executor());
    CHECK(status() == 204);
    CHECK(holder->told == std::vector<std::string>{"written 5"});
}

TEST_CASE_FIXTURE(Fixture, "a cancelled operation completes, and its hold is given up") {
    ask();
    route->responder->hold(holder, 5, world.executor());
    cancellation.emit(asio::cancellation_type::terminal);
    CHECK(status() == 503);
    CHECK(holder->told == std::vector<std::string>{"give up 5"});
    cancellation.emit(asio::cancellation_type::terminal);
    // What is answered now comes too late, and is no harm.
    std::move(*route->responder).respond(make_text_response(204, ""), world.executor());
    cancellation.emit(asio::cancellation_type::terminal);
    world.run_ready();
    CHECK(outcome.times() == 1);
    CHECK(holder->told.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an operation that is cancelled before it begins asks nobody") {
    asio::io_context elsewhere;
    const auto handler = asio::bind_executor(elsewhere, outcome.handler());
    hawser::ask(route, asio::bind_cancellation_slot(cancellation.slot(), handler), {}, {}, {});
    cancellation.emit(asio::cancellation_type::terminal);
    elsewhere.run();
    CHECK(status() == 503);
    CHECK_FALSE(route->responder);
}

TEST_CASE_FIXTURE(Fixture, "an operation ends uncalled with its context, whoever is to answer") {
    auto elsewhere = std::make_unique<asio::io_context>();
    const auto kept = std::make_shared<int>();
    hawser::ask(route, asio::bind_executor(*elsewhere, [kept](const Response&) {}), {}, {}, {});
    elsewhere->poll();
    REQUIRE(route->responder);
    CHECK(kept.use_count() == 2);
    elsewhere.reset();
    CHECK(kept.use_count() == 1);
    route->responder.reset();
}

TEST_CASE_FIXTURE(Fixture, "a handler runs on its own executor") {
    asio::io_context elsewhere;
    hawser::ask(route, asio::bind_executor(elsewhere, outcome.handler()), world.executor(), {}, {});
    CHECK_FALSE(route->responder);
    elsewhere.poll();
    CHECK(route->responder->get_executor() == elsewhere.get_executor());
    std::move(*route->responder).respond(make_text_response(204, ""), world.executor());
    world.run_ready();
    CHECK_FALSE(outcome.has_come());
    elsewhere.run();
    CHECK(outcome.has_come());
}
