#include <hawser/server/accept_queue.hpp>

#include "support/world.hpp"

#include <hawser/transport/loopback.hpp>

#include <asio/io_context.hpp>

#include <memory>
#include <utility>

using hawser::Channel;
using hawser::Error;
using hawser::Loopback;

namespace {

using Queue = hawser::AcceptQueue<Loopback>;
using Accepted = test::Outcome<std::error_code, Channel<Loopback>>;

struct Fixture {
    test::World world;
    std::shared_ptr<Queue> queue = std::make_shared<Queue>(world.executor(), 2);

    [[nodiscard]] Accepted accept() {
        Accepted accepted;
        queue->accept({accepted.handler(), world.executor()});
        return accepted;
    }
    /// Puts a channel, and gives its other end.
    [[nodiscard]] Channel<Loopback> put() {
        auto [near, far] = hawser::make_loopback(world.executor());
        queue->put(std::move(near));
        return std::move(far);
    }
    [[nodiscard]] bool are_connected(const Accepted& accepted, Channel<Loopback>& far) {
        REQUIRE_FALSE(accepted.error());
        REQUIRE_FALSE(
            test::send(world, std::get<1>(accepted.result()), hawser::Message::text("x")));
        return test::receive(world, far).message().view() == "x";
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a channel that comes first waits for an accept") {
    auto far = put();
    world.run_ready();
    const auto accepted = accept();
    CHECK_FALSE(accepted.has_come());  // not from inside the call
    world.run_until("a channel", accepted);
    CHECK(are_connected(accepted, far));
}

TEST_CASE_FIXTURE(Fixture, "accepts that wait are served in their order") {
    const auto first = accept();
    const auto second = accept();
    auto far_of_first = put();
    auto far_of_second = put();
    world.run_until("the second channel", second);
    CHECK(are_connected(first, far_of_first));
    CHECK(are_connected(second, far_of_second));
    CHECK(first.times() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a channel beyond the most that wait is closed") {
    auto one = put();
    auto two = put();
    auto three = put();
    CHECK(test::reason_of(world, three).error == Error::closed);
    CHECK_FALSE(one.is_closed());
    CHECK_FALSE(two.is_closed());
}

TEST_CASE_FIXTURE(Fixture, "closing aborts the accepts, and closes what was not accepted") {
    auto waiting = put();
    world.run_ready();
    queue->close();
    CHECK(test::reason_of(world, waiting).error == Error::closed);
    auto late = put();
    CHECK(test::reason_of(world, late).error == Error::closed);
    const auto accepted = accept();
    world.run_until("the end of an accept", accepted);
    CHECK(accepted.error() == Error::aborted);
    CHECK_FALSE(std::get<1>(accepted.result()));
}

TEST_CASE_FIXTURE(Fixture, "closing ends the accepts that are outstanding") {
    const auto first = accept();
    const auto second = accept();
    queue->close();
    world.run_until("the end of an accept", second);
    CHECK(first.error() == Error::aborted);
    CHECK(second.error() == Error::aborted);
}

TEST_CASE_FIXTURE(Fixture, "a channel of another executor is handed over on the queue's") {
    asio::io_context elsewhere;
    const auto accepted = accept();
    auto ends = hawser::make_loopback(elsewhere.get_executor());
    asio::post(elsewhere, [&] { queue->put(std::move(ends.first)); });
    elsewhere.run();
    CHECK_FALSE(accepted.has_come());
    world.run_until("a channel", accepted);
    CHECK(std::get<1>(accepted.result()).get_executor() ==
          asio::any_io_executor{elsewhere.get_executor()});
}

TEST_CASE_FIXTURE(Fixture, "a taker gets every channel at once, where it was put") {
    int taken = 0;
    queue->set_taker([&](Channel<Loopback> channel) {
        ++taken;
        CHECK_FALSE(channel.try_send(hawser::Message::text("taken")));
    });
    auto far = put();
    CHECK(taken == 1);
    CHECK(test::receive(world, far).message().view() == "taken");
    CHECK(test::reason_of(world, far).error == Error::closed);
}
