#include <hawser/server/router.hpp>

#include <hawser/server/websocket_endpoint.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using hawser::Route;
using hawser::Router;

namespace {

struct FakeRoute final : Route {
    hawser::HeadVerdict judge(const hawser::http::RequestHead&, const hawser::PeerFacts&) override {
        return {};
    }
    void handle(hawser::http::Request, const hawser::PeerFacts&, hawser::Responder) override {}
};

std::shared_ptr<Route> plain() { return std::make_shared<FakeRoute>(); }

/// An endpoint as the router sees it.
struct FakeEndpoint {
    asio::io_context io{};
    std::shared_ptr<hawser::WebSocketEndpoint> behind = std::make_shared<hawser::WebSocketEndpoint>(
        std::vector<asio::any_io_executor>{io.get_executor()}, hawser::WebSocketOptions{},
        [](const auto&) {});

    [[nodiscard]] std::shared_ptr<hawser::WebSocketEndpoint> route() const { return behind; }
};

std::shared_ptr<Route> find(const Router& router, std::string target, bool is_upgrade = false) {
    hawser::http::RequestHead head{.target = std::move(target)};
    if (is_upgrade) head.fields.add("Upgrade", "websocket");
    return router.find(head);
}

}  // namespace

TEST_CASE("a path matches exactly, without its query") {
    Router router;
    const auto route = plain();
    router.add("/chat", route);
    CHECK(find(router, "/chat") == route);
    CHECK(find(router, "/chat?room=7") == route);
    CHECK(find(router, "http://here/chat") == route);
    for (const auto* const other : {"/", "/chat/", "/chat/7", "/Chat", "/cha", "/xchat", "*"}) {
        CAPTURE(other);
        CHECK(find(router, other) == nullptr);
    }
    CHECK(find(Router{}, "/chat") == nullptr);
}

TEST_CASE("a star matches all that begins with what is before it") {
    Router router;
    const auto route = plain();
    router.add("/files/*", route);
    CHECK(find(router, "/files/") == route);
    CHECK(find(router, "/files/a/b") == route);
    CHECK(find(router, "/files") == nullptr);
    CHECK(find(router, "/filesystem") == nullptr);
    Router literal;
    literal.add("/files*", route);  // a star stands for itself unless it follows a slash
    CHECK(find(literal, "/filesystem") == nullptr);
}

TEST_CASE("the longest match wins, in whatever order it was added") {
    const auto all = plain();
    const auto some = plain();
    const auto one = plain();
    Router up;
    up.add("/*", all);
    up.add("/files/*", some);
    up.add("/files/", one);
    Router down;
    down.add("/files/", one);
    down.add("/files/*", some);
    down.add("/*", all);
    for (const Router* router : {&up, &down}) {
        CHECK(find(*router, "/") == all);
        CHECK(find(*router, "/files") == all);
        CHECK(find(*router, "/files/a") == some);
        CHECK(find(*router, "/files/") == one);
    }
}

TEST_CASE("of those that share a path upgrades go to the first that takes them, others not") {
    const FakeEndpoint endpoint;
    const FakeEndpoint second;
    const auto polling = plain();
    Router router;
    router.add("/chat", polling);
    router.add("/chat", plain());
    router.add("/chat", endpoint);
    router.add("/chat", second);
    const auto upgrade = find(router, "/chat", true);
    CHECK(upgrade == endpoint.behind);
    CHECK(upgrade->upgrades_to() == endpoint.behind.get());
    CHECK(find(router, "/chat") == polling);
}

TEST_CASE("where nothing fits, what is at the path has the word") {
    const FakeEndpoint endpoint;
    const auto polling = plain();
    Router router;
    router.add("/ws", endpoint);
    router.add("/poll", polling);
    CHECK(find(router, "/ws") == endpoint.behind);
    CHECK(find(router, "/poll", true) == polling);
    router.add("/poll", plain());  // one that does not fit better
    CHECK(find(router, "/poll", true) == polling);
    // A longer match comes before a better fit.
    router.add("/*", endpoint);
    CHECK(find(router, "/poll", true) == polling);
}

TEST_CASE("each route is visited once, however many paths lead to it") {
    const auto one = plain();
    const auto other = plain();
    Router router;
    router.add("/a", one);
    router.add("/b", other);
    router.add("/c", one);
    std::vector<Route*> visited;
    router.for_each([&](Route& route) { visited.push_back(&route); });
    CHECK(visited == std::vector{one.get(), other.get()});
}

TEST_CASE("a handler becomes a route with its options") {
    Router router;
    router.add("/hello", [](const hawser::http::Request&) { return hawser::http::Response{}; },
               {.methods = {"POST"}});
    const auto route = find(router, "/hello");
    REQUIRE(route);
    CHECK(route->judge({.method = "GET"}, {}).answer);
    CHECK_FALSE(route->judge({.method = "POST"}, {}).answer);
}
