#include <hawser/server/route.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

namespace {

/// The least that a route of an application is.
struct LeastRoute final : hawser::Route {
    hawser::HeadVerdict judge(const hawser::http::RequestHead&, const hawser::PeerFacts&) override {
        return {};
    }
    void handle(hawser::http::Request, const hawser::PeerFacts&, hawser::Responder) override {}
};

}  // namespace

TEST_CASE("a route without channels takes no upgrades, and has drained at once") {
    asio::io_context io;
    const asio::any_io_executor executor = io.get_executor();
    LeastRoute route;
    CHECK(route.upgrades_to() == nullptr);
    route.drain(executor);
    int drained = 0;
    route.when_drained(executor, [&] { ++drained; });
    CHECK(drained == 1);
    route.abort(executor);
}

TEST_CASE("a verdict says nothing unless it is told to, and admits no body") {
    const hawser::HeadVerdict verdict;
    CHECK_FALSE(verdict.answer);
    CHECK_FALSE(verdict.too_big);
    CHECK(verdict.body_limit == 0);
}
