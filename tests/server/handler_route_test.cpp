#include <hawser/server/handler_route.hpp>

#include "support/world.hpp"
#include "transport/recording_asker.hpp"

#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <memory>
#include <stdexcept>
#include <utility>

using hawser::HandlerOptions;
using hawser::HandlerRoute;
using hawser::http::make_text_response;
using hawser::http::Request;
using hawser::http::Response;

namespace {

struct Fixture {
    test::World world;
    std::shared_ptr<test::RecordingAsker> asker =
        std::make_shared<test::RecordingAsker>(world.executor());

    template <class Handler>
    void ask(Handler handler, Request request = {}) {
        HandlerRoute<Handler> route{std::move(handler), {}};
        route.handle(std::move(request), {}, hawser::Responder{asker, 1});
        world.run_until("an answer", [&] { return asker->is_answered(); });
    }
};

hawser::HeadVerdict judge(std::string method, HandlerOptions options = {}) {
    const auto handler = [](const Request&) { return Response{}; };
    HandlerRoute<decltype(handler)> route{handler, std::move(options)};
    return route.judge({.method = std::move(method)}, {});
}

}  // namespace

static_assert(hawser::RequestHandler<Response (*)(const Request&)>);
static_assert(hawser::RequestHandler<asio::awaitable<Response> (*)(Request)>);
static_assert(!hawser::RequestHandler<int (*)(Request)>);

TEST_CASE_FIXTURE(Fixture, "a function answers at once") {
    ask([](const Request& request) { return make_text_response(200, request.head.target); },
        {.head = {.target = "/hello"}, .body = {}});
    CHECK(asker->status() == 200);
    CHECK(asker->body() == "/hello");
}

TEST_CASE_FIXTURE(Fixture, "a coroutine answers when it has come to its end") {
    ask([](Request request) -> asio::awaitable<Response> {
        const auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
        co_return make_text_response(201, request.head.target);
    });
    CHECK(asker->status() == 201);
    CHECK(asker->body() == "/");
}

TEST_CASE_FIXTURE(Fixture, "a function that throws is answered 500") {
    ask([](const Request&) -> Response { throw std::runtime_error{"secret"}; });
    CHECK(asker->status() == 500);
    CHECK(asker->body().find("secret") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a coroutine that throws is answered 500") {
    ask([](Request) -> asio::awaitable<Response> {
        const auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
        throw std::runtime_error{"secret"};
    });
    CHECK(asker->status() == 500);
    CHECK(asker->body().find("secret") == std::string::npos);
}

TEST_CASE("a method that is not allowed is answered 405, with those that are") {
    const auto verdict = judge("DELETE", {.methods = {"GET", "PUT"}});
    REQUIRE(verdict.answer);
    CHECK(verdict.answer->status == 405);
    CHECK(verdict.answer->fields.find("Allow") == "GET, PUT");
    CHECK_FALSE(judge("PUT", {.methods = {"GET", "PUT"}}).answer);
    CHECK(judge("get").answer);  // methods have case (RFC 9110 §9.1)
}

TEST_CASE("HEAD goes with GET, and only with it") {
    CHECK_FALSE(judge("HEAD").answer);
    CHECK(judge("HEAD", {.methods = {"POST"}}).answer);
}

TEST_CASE("the handler's limit of the body is the request's") {
    CHECK(judge("GET").body_limit == 64 * 1024);
    CHECK(judge("GET", {.body = 5}).body_limit == 5);
}
