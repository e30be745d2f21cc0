#include <hawser/server/endpoint.hpp>

#include "support/raw_peer.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/executor_work_guard.hpp>

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hawser::Channel;
using hawser::Endpoint;
using hawser::Error;
using hawser::LongPolling;
using hawser::Message;
using hawser::WebSocket;
using hawser::http::Request;
using hawser::http::Response;

namespace {

template <class T>
using Accepted = test::Outcome<std::error_code, Channel<T>>;

hawser::http::RequestHead upgrade_head() {
    return {.target = "/chat",
            .fields = {{"Host", "here"},
                       {"Upgrade", "websocket"},
                       {"Connection", "Upgrade"},
                       {"Sec-WebSocket-Version", "13"},
                       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
}

Request open_request() { return {.head = {.method = "POST"}, .body = {}}; }

Request receive_request(const std::string& token) {
    return {.head = {.fields = {{"Hawser-Session", token},
                                {"Hawser-Request", "1"},
                                {"Hawser-After", "0"}}},
            .body = {}};
}

struct PollingFixture {
    test::World world;
    Endpoint<LongPolling> endpoint{world.executor()};

    test::Outcome<Response> ask(Request request) {
        test::Outcome<Response> outcome;
        endpoint.async_handle(std::move(request), {}, outcome.handler());
        return outcome;
    }
    std::string open() {
        const auto outcome = ask(open_request());
        world.run_until("an answer", outcome);
        auto& response = std::get<0>(outcome.result());
        REQUIRE(response.status == 201);
        return std::string{*response.fields.find("Hawser-Session")};
    }
};

}  // namespace

TEST_CASE("a stream whose upgrade a foreign server has read becomes a channel") {
    test::World world;
    Endpoint<WebSocket> endpoint{world.executor()};
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    const std::string unread = test::masked_text("early");
    Accepted<WebSocket> accepted;
    endpoint.async_accept(accepted.handler());
    endpoint.serve(std::move(pair.near), upgrade_head(), hawser::as_bytes(unread),
                   {.address = "192.0.2.7"});
    CHECK(peer.response(world).status == 101);
    world.run_until("a channel", accepted);
    auto& channel = std::get<1>(accepted.result());
    CHECK(channel.info().peer_address() == "192.0.2.7");
    CHECK(test::receive(world, channel).message().view() == "early");
}

TEST_CASE("a stream whose upgrade is bad is answered and closed") {
    test::World world;
    Endpoint<WebSocket> endpoint{world.executor()};
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    auto head = upgrade_head();
    head.fields.add("Origin", "http://elsewhere");
    endpoint.serve(std::move(pair.near), head);
    const auto refusal = peer.response(world);
    CHECK(refusal.status == 403);
    CHECK(refusal.field("Connection") == "close");
    peer.await_end(world);
}

TEST_CASE("each channel goes to the taker, where there is one") {
    test::World world;
    Endpoint<WebSocket> endpoint{world.executor()};
    std::vector<Channel<WebSocket>> taken;
    endpoint.each([&](Channel<WebSocket> channel) { taken.push_back(std::move(channel)); });
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    endpoint.serve(std::move(pair.near), upgrade_head());
    world.run_until("a channel", [&] { return taken.size() == 1; });
}

TEST_CASE_FIXTURE(PollingFixture, "an endpoint that is closed or destroyed ends its accepts") {
    Accepted<LongPolling> first;
    Accepted<LongPolling> second;
    {
        Endpoint<LongPolling> other{world.executor()};
        other.async_accept(first.handler());
    }
    endpoint.async_accept(second.handler());
    endpoint.close();
    world.run_until("the ends", [&] { return first.has_come() && second.has_come(); });
    CHECK(first.error() == Error::aborted);
    CHECK(second.error() == Error::aborted);
}

TEST_CASE_FIXTURE(PollingFixture, "a foreign server's polls are answered now, or after the hold") {
    Accepted<LongPolling> accepted;
    endpoint.async_accept(accepted.handler());
    const auto token = open();
    const auto held = ask(receive_request(token));
    world.run_until("a channel", accepted);
    CHECK_FALSE(held.has_come());
    REQUIRE_FALSE(std::get<1>(accepted.result()).try_send(Message::text("news")));
    world.run_until("an answer", held);
    CHECK(std::get<0>(held.result()).status == 200);
}

TEST_CASE_FIXTURE(PollingFixture, "a foreign server's requests are judged") {
    const auto verdict = endpoint.judge({.method = "DELETE"});
    REQUIRE(verdict.answer);
    CHECK(verdict.answer->status == 405);
    const auto outcome = ask({.head = {.method = "DELETE"}, .body = {}});
    world.run_until("an answer", outcome);
    CHECK(std::get<0>(outcome.result()).status == 405);
}

TEST_CASE_FIXTURE(PollingFixture, "cancelling a held request frees its hold") {
    Accepted<LongPolling> accepted;
    endpoint.async_accept(accepted.handler());
    const auto token = open();
    asio::cancellation_signal cancellation;
    test::Outcome<Response> held;
    endpoint.async_handle(receive_request(token), {},
                          asio::bind_cancellation_slot(cancellation.slot(), held.handler()));
    world.run_until("a channel", accepted);
    cancellation.emit(asio::cancellation_type::terminal);
    world.run_until("the end of the request", held);
    // A message is not lost in the request that was given up: it waits for the next.
    REQUIRE_FALSE(std::get<1>(accepted.result()).try_send(Message::text("news")));
    world.run_ready();
    Request again = receive_request(token);
    again.head.fields.set("Hawser-Request", "2");
    const auto next = ask(std::move(again));
    world.run_until("an answer", next);
    CHECK(std::get<0>(next.result()).status == 200);
}

TEST_CASE("requests of two threads find their session, whichever they come to") {
    asio::io_context first;
    asio::io_context second;
    const auto first_works = asio::make_work_guard(first);
    const auto second_works = asio::make_work_guard(second);
    Endpoint<LongPolling> endpoint{{first.get_executor(), second.get_executor()}};
    endpoint.each([](Channel<LongPolling> channel) {
        auto kept = std::make_shared<Channel<LongPolling>>(std::move(channel));
        kept->run({.message = [kept](Message message) { kept->try_send(std::move(message)); }});
        kept->try_send(Message::text("hello"));
    });
    std::thread one{[&] { first.run(); }};
    std::thread other{[&] { second.run(); }};
    const auto ask = [&](asio::io_context& io, const Request& request) {
        std::promise<Response> promise;
        auto future = promise.get_future();
        asio::post(io, [&] {
            endpoint.async_handle(request, {}, asio::bind_executor(io, [&](Response response) {
                                      promise.set_value(std::move(response));
                                  }));
        });
        if (future.wait_for(std::chrono::seconds{30}) != std::future_status::ready) std::abort();
        return future.get();
    };
    for (int i = 0; i != 20; ++i) {
        auto& opener = i % 2 == 0 ? first : second;
        auto& asker = i % 2 == 0 ? second : first;
        const auto opened = ask(opener, open_request());
        const auto token = std::string{opened.fields.find("Hawser-Session").value_or("")};
        const auto reply = ask(asker, receive_request(token));
        CHECK(reply.status == 200);
        CHECK(reply.fields.find("Hawser-First") == "1");
    }
    first.stop();
    second.stop();
    one.join();
    other.join();
}

TEST_CASE("options that do not fit together throw") {
    asio::io_context io;
    CHECK_THROWS_AS((Endpoint<WebSocket>{io.get_executor(), {.inbox = {.bytes = 0}}}),
                    std::system_error);
    CHECK_THROWS_AS((Endpoint<hawser::Polling>{io.get_executor(),
                                               {.server = {.message = {.bytes = 8 << 20}}}}),
                    std::system_error);
}

TEST_CASE("an endpoint of short polling holds nothing") {
    test::World world;
    Endpoint<hawser::Polling> endpoint{world.executor()};
    test::Outcome<Response> opened;
    endpoint.async_handle(open_request(), {}, opened.handler());
    world.run_until("an answer", opened);
    auto& response = std::get<0>(opened.result());
    CHECK(response.fields.find("Hawser-Hold") == "0");
    test::Outcome<Response> polled;
    endpoint.async_handle(
        receive_request(std::string{response.fields.find("Hawser-Session").value_or("")}), {},
        polled.handler());
    world.run_until("an answer", polled);
    CHECK(std::get<0>(polled.result()).status == 204);
}

TEST_CASE_FIXTURE(PollingFixture, "a page's origin is judged by how a foreign server was reached") {
    const hawser::PeerFacts secure{.security = hawser::http::Security::tls};
    Request request = open_request();
    request.head.fields = {{"Host", "here"}, {"Origin", "http://here"}};
    CHECK_FALSE(endpoint.judge(request.head).answer);
    CHECK(endpoint.judge(request.head, secure).answer);
    test::Outcome<Response> outcome;
    endpoint.async_handle(std::move(request), secure, outcome.handler());
    world.run_until("an answer", outcome);
    CHECK(std::get<0>(outcome.result()).status == 403);
}

TEST_CASE("a foreign server's upgrade is judged by how that server was reached") {
    test::World world;
    Endpoint<WebSocket> endpoint{world.executor()};
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    auto head = upgrade_head();
    head.fields.add("Origin", "http://here");
    endpoint.serve(std::move(pair.near), head, {}, {.security = hawser::http::Security::tls});
    CHECK(peer.response(world).status == 403);
}
