#include <hawser/server/live_server.hpp>

#include "support/raw_peer.hpp"

#include <chrono>
#include <memory>
#include <utility>

using hawser::LiveServer;
using namespace std::chrono_literals;

namespace {

/// A route whose last channel leaves when the test says so.
class SlowRoute final : public hawser::Route {
public:
    hawser::HeadVerdict judge(const hawser::http::RequestHead&, const hawser::PeerFacts&) override {
        return {};
    }
    void handle(hawser::http::Request, const hawser::PeerFacts&, hawser::Responder) override {}
    void drain(const asio::any_io_executor&) override { ++drains; }
    void when_drained(const asio::any_io_executor&, std::function<void()> then) override {
        drained = std::move(then);
    }
    void abort(const asio::any_io_executor&) override {
        ++aborts;
        if (drained) std::exchange(drained, nullptr)();
    }

    int drains = 0;
    int aborts = 0;
    std::function<void()> drained;
};

struct Fixture {
    test::World world;
    std::shared_ptr<SlowRoute> route = std::make_shared<SlowRoute>();
    std::shared_ptr<LiveServer> server;
    test::Done done;

    Fixture() {
        hawser::Router router;
        router.add("/a", std::shared_ptr<hawser::Route>{route});
        router.add("/b", std::shared_ptr<hawser::Route>{route});
        server = std::make_shared<LiveServer>(world.executor(), std::move(router),
                                              hawser::ServerOptions{});
    }
    void drain(hawser::Duration within) {
        server->drain(within, {done.handler(), world.executor()});
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a drain waits for every route, and tells each once") {
    drain(30s);
    world.run_ready();
    CHECK(route->drains == 1);
    CHECK_FALSE(done.has_come());
    std::exchange(route->drained, nullptr)();
    world.run_until("the end of the drain", done);
    CHECK_FALSE(done.error());
    world.run_dry();  // no deadline is left
}

TEST_CASE_FIXTURE(Fixture, "a drain that comes while one is under way ends with it") {
    test::Done second;
    drain(30s);
    server->drain(1ms, {second.handler(), world.executor()});
    world.run_ready();
    CHECK(route->drains == 1);
    CHECK_FALSE(second.has_come());
    std::exchange(route->drained, nullptr)();
    world.run_until("the end of the drain", done);
    world.run_until("the end of the other", second);
    CHECK(route->aborts == 1);
}

TEST_CASE_FIXTURE(Fixture, "at its deadline a drain aborts the routes") {
    drain(1ms);
    world.run_until("the end of the drain", done);
    CHECK(route->aborts >= 1);
}

TEST_CASE_FIXTURE(Fixture, "a drain keeps the listeners open until the channels are over") {
    REQUIRE_FALSE(server->listen({asio::ip::address_v4::loopback(), 0}));
    const auto port = server->port();
    drain(30s);
    world.run_ready();
    test::RawPeer peer{test::RawPeer::dial(world, port)};
    CHECK(peer.exchange(world, "GET / HTTP/1.1\r\nHost: here\r\n\r\n").status == 404);
    std::exchange(route->drained, nullptr)();
    peer.await_end(world);
    peer.close();
    world.run_until("the end of the drain", done);
}

TEST_CASE_FIXTURE(Fixture, "a server that is gone leaves nothing behind") {
    REQUIRE_FALSE(server->listen({asio::ip::address_v4::loopback(), 0}));
    server->stop();
    server.reset();
    world.run_dry();
}
