#include <hawser/server/http_connection.hpp>

#include "support/raw_peer.hpp"
#include "transport/recording_asker.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using hawser::Channel;
using hawser::Responder;
using hawser::WebSocket;
using hawser::http::make_text_response;
using hawser::http::Request;

namespace {

using Connection = hawser::HttpConnection;

/// A route that holds every request back.
class HoldingRoute final : public hawser::Route {
public:
    hawser::HeadVerdict judge(const hawser::http::RequestHead& head,
                              const hawser::PeerFacts&) override {
        if (head.method == "DELETE") return {.answer = make_text_response(405, "")};
        return {.body_limit = 10, .too_big = make_text_response(413, "At most 10.\n")};
    }
    void handle(Request request, const hawser::PeerFacts& peer, Responder with) override {
        address = peer.address;
        port = peer.port;
        if (holds) with.hold(holder, ++held, with.get_executor());
        requests.push_back(std::move(request));
        responder.emplace(std::move(with));
    }

    hawser::WebSocketEndpoint* upgrades_to() noexcept override { return upgrades; }

    std::shared_ptr<test::RecordingHolder> holder = std::make_shared<test::RecordingHolder>();
    hawser::WebSocketEndpoint* upgrades = nullptr;
    bool holds = true;
    std::uint64_t held = 0;
    std::string address;
    std::uint16_t port = 0;
    std::vector<Request> requests;
    std::optional<Responder> responder;
};

hawser::http::Response echo(const Request& request) {
    return make_text_response(200, hawser::as_characters(request.body));
}

struct Fixture {
    test::World world;
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    std::shared_ptr<HoldingRoute> held = std::make_shared<HoldingRoute>();
    std::vector<Channel<WebSocket>> opened;
    std::string admitted;
    std::shared_ptr<hawser::WebSocketEndpoint> websocket =
        std::make_shared<hawser::WebSocketEndpoint>(
            std::vector{world.executor()},
            hawser::WebSocketOptions{.admit =
                                         [this](const auto&, const hawser::PeerFacts& from) {
                                             admitted = from.address;
                                             return std::nullopt;
                                         }},
            [this](auto carrier) { opened.emplace_back(std::move(carrier)); });
    std::weak_ptr<Connection> connection;
    hawser::Roster<hawser::HttpPeer> roster;

    explicit Fixture(const hawser::http::ServerConnectionOptions& http = {}) {
        hawser::Router router;
        router.add("/hold", std::shared_ptr<hawser::Route>{held});
        router.add("/ws", std::shared_ptr<hawser::Route>{websocket});
        router.add("/echo", echo, {.methods = {"POST"}});
        auto host = std::make_shared<hawser::HttpHost>(hawser::HttpHost{
            .router = std::move(router), .http = http, .link = {}, .trusted_proxies = {"proxy"}});
        const auto made = std::make_shared<Connection>(
            std::move(pair.near), hawser::PeerFacts{.address = "proxy", .port = 81},
            std::move(host), hawser::net::Loop::of(world.executor()));
        roster.join(*made);
        made->start();
        connection = made;
    }

    void await_request(std::size_t count = 1) {
        world.run_until("a request", [&] { return held->requests.size() == count; });
    }
    void await_told(const std::vector<std::string>& told) {
        world.run_until("what the holder is told", [&] { return held->holder->told == told; });
    }
    void answer(unsigned status = 204) {
        std::move(*held->responder).respond(make_text_response(status, ""), world.executor());
    }
};

struct ImpatientFixture : Fixture {
    ImpatientFixture() : Fixture{{.answer_timeout = std::chrono::milliseconds{1}}} {}
};

std::string get(std::string_view target) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: here\r\n\r\n";
}

std::string post(std::string_view target, std::string_view body) {
    return "POST " + std::string{target} +
           " HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" +
           std::string{body};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "requests are answered one after the other on one connection") {
    CHECK(peer.exchange(world, post("/echo", "one")).body == "one");
    CHECK(peer.exchange(world, post("/echo", "two")).body == "two");
    CHECK(roster.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "pipelined requests are answered in their order") {
    std::string requests;
    for (int i = 0; i != 50; ++i) requests += post("/echo", std::to_string(i));
    peer.write(requests);
    for (int i = 0; i != 50; ++i) REQUIRE(peer.response(world).body == std::to_string(i));
}

TEST_CASE_FIXTURE(Fixture, "a path to nowhere is answered 404, and the connection goes on") {
    CHECK(peer.exchange(world, get("/nowhere")).status == 404);
    CHECK(peer.exchange(world, post("/echo", "on")).body == "on");
}

TEST_CASE_FIXTURE(Fixture, "a route judges by the head, and by how long the body is") {
    CHECK(peer.exchange(world, "DELETE /hold HTTP/1.1\r\nHost: here\r\n\r\n").status == 405);
    const auto refusal = peer.exchange(world, post("/hold", "too long a body"));
    CHECK(refusal.status == 413);
    CHECK(refusal.body == "At most 10.\n");
    CHECK(refusal.field("Connection") == "close");
    CHECK(held->requests.empty());
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "who holds a request is told that its answer was written") {
    peer.write(get("/hold"));
    await_request();
    CHECK(held->holder->told.empty());
    answer();
    CHECK(peer.response(world).status == 204);
    await_told({"written 1"});
}

TEST_CASE_FIXTURE(Fixture, "who holds a request is told to hurry when the next one comes") {
    peer.write(get("/hold"));
    await_request();
    peer.write(get("/hold"));
    await_told({"hurry 1"});
    CHECK(held->requests.size() == 1);
    answer();
    CHECK(peer.response(world).status == 204);
    await_request(2);
    answer();
    CHECK(peer.response(world).status == 204);
    await_told({"hurry 1", "written 1", "written 2"});
}

TEST_CASE_FIXTURE(Fixture, "who holds a request may still answer a peer that has half closed") {
    peer.write(get("/hold"));
    await_request();
    peer.end_output();
    await_told({"hurry 1"});
    answer();
    CHECK(peer.response(world).status == 204);
    await_told({"hurry 1", "written 1"});
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "a long answer reaches a peer that has half closed to its end") {
    peer.write(get("/hold"));
    await_request();
    peer.end_output();
    await_told({"hurry 1"});
    const std::string body(4 << 20, 'x');  // more than the socket takes at once
    std::move(*held->responder).respond(make_text_response(200, body), world.executor());
    CHECK((peer.response(world).body == body));
    await_told({"hurry 1", "written 1"});
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "a long answer counts as written when the stream has taken all of it") {
    constexpr std::size_t size = 8 << 20;
    peer.write(get("/hold"));
    await_request();
    std::move(*held->responder)
        .respond(make_text_response(200, std::string(size, 'x')), world.executor());
    await_told({"written 1"});
    CHECK(peer.received().size() > size / 2);  // the socket has room for less
}

TEST_CASE_FIXTURE(Fixture, "an answer that a broken connection swallows is not told as written") {
    peer.write(get("/hold"));
    await_request();
    connection.lock()->stream()->end_output();
    answer();
    await_told({"give up 1"});
}

TEST_CASE_FIXTURE(Fixture, "an answer to a peer that is gone is not told as written") {
    peer.write(get("/hold"));
    await_request();
    peer.close();
    await_told({"hurry 1"});
    answer();
    await_told({"hurry 1", "give up 1"});
}

TEST_CASE_FIXTURE(Fixture, "an answer to what is answered already is ignored") {
    const auto answer_again = [&] {
        connection.lock()->answer(1, make_text_response(200, "again"));
        world.run_ready();
        CHECK(peer.received().empty());
    };
    peer.write(get("/hold"));
    await_request();
    answer();
    CHECK(peer.response(world).status == 204);
    answer_again();
    peer.write(get("/hold"));
    await_request(2);
    answer_again();
    answer();
    CHECK(peer.response(world).status == 204);
}

TEST_CASE_FIXTURE(Fixture, "who holds what is answered already is told so") {
    peer.write(get("/hold"));
    await_request();
    answer();
    CHECK(peer.response(world).status == 204);
    await_told({"written 1"});
    connection.lock()->hold(1, held->holder, 7);
    CHECK(held->holder->told.back() == "give up 7");
    peer.write(get("/hold"));
    await_request(2);
    connection.lock()->hold(1, held->holder, 8);
    CHECK(held->holder->told.back() == "give up 8");
    answer();
    await_told({"written 1", "give up 7", "give up 8", "written 2"});
}

TEST_CASE_FIXTURE(Fixture, "an answer that nobody hurries reaches a peer that has half closed") {
    held->holds = false;
    peer.write(get("/hold"));
    await_request();
    peer.end_output();
    world.run_ready();
    CHECK_FALSE(peer.has_ended());
    answer(200);
    CHECK(peer.response(world).status == 200);
    peer.await_end(world);
}

TEST_CASE_FIXTURE(ImpatientFixture, "who holds a request too long is told that it was given up") {
    peer.write(get("/hold"));
    CHECK(peer.response(world).status == 503);
    CHECK(held->holder->told == std::vector<std::string>{"give up 1"});  // before the linger's end
    answer();  // comes too late, and is no harm
    CHECK(held->holder->told.size() == 1);
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "who holds a request is told that the last answer was written, too") {
    peer.write("GET /hold HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    await_request();
    answer();
    CHECK(peer.response(world).status == 204);
    await_told({"written 1"});
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "an answer counts as written while the next request is still at work") {
    peer.write(get("/hold") + get("/hold"));
    await_told({"hurry 1"});
    held->holds = false;
    answer();
    await_request(2);
    await_told({"hurry 1", "written 1"});
    answer(200);
    CHECK(peer.response(world).status == 204);
    CHECK(peer.response(world).status == 200);
}

TEST_CASE_FIXTURE(Fixture, "who holds a request is told that the connection was cut") {
    peer.write(get("/hold"));
    await_request();
    connection.lock()->cut_off();
    await_told({"give up 1"});
    answer();  // comes too late, and is no harm
    held->responder.reset();
    peer.await_end(world);
    world.run_until("the end", [&] { return connection.expired() && roster.empty(); });
    CHECK(held->holder->told.size() == 1);
}

TEST_CASE("who holds a request is told that the connection went with its context") {
    std::optional<Fixture> fixture{std::in_place};
    const auto holder = fixture->held->holder;
    fixture->peer.write(get("/hold"));
    fixture->await_request();
    fixture.reset();
    CHECK(holder->told == std::vector<std::string>{"give up 1"});
}

TEST_CASE_FIXTURE(Fixture, "a request that is lost is answered 500") {
    peer.write(get("/hold"));
    await_request();
    held->responder.reset();
    CHECK(peer.response(world).status == 500);
    CHECK(peer.exchange(world, post("/echo", "on")).body == "on");
}

TEST_CASE_FIXTURE(Fixture, "a request through a trusted proxy comes from whom the proxy names") {
    peer.write("GET /hold HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
    await_request();
    CHECK(held->address == "192.0.2.7");
    CHECK(held->port == 0);  // that of the proxy says nothing
    answer();
    CHECK(peer.response(world).status == 204);
    peer.write("GET /hold HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: ,,,\r\n\r\n");
    await_request(2);
    CHECK(held->address == "proxy");
    CHECK(held->port == 81);
}

TEST_CASE_FIXTURE(Fixture, "an upgrade through a trusted proxy comes from whom the proxy names") {
    peer.write(test::upgrade_request("/ws", "X-Forwarded-For: 192.0.2.7\r\n"));
    CHECK(peer.response(world).status == 101);
    world.run_until("a channel", [&] { return opened.size() == 1; });
    CHECK(admitted == "192.0.2.7");
    CHECK(opened[0].info().peer_address() == "192.0.2.7");
}

TEST_CASE_FIXTURE(Fixture, "a route may take upgrades and answer the rest, or all of it") {
    peer.write(test::upgrade_request("/hold"));
    await_request();
    answer();
    CHECK(peer.response(world).status == 204);
    held->upgrades = websocket.get();
    peer.write(get("/hold"));
    await_request(2);
    answer();
    CHECK(peer.response(world).status == 204);
    CHECK(peer.exchange(world, test::upgrade_request("/hold")).status == 101);
}

TEST_CASE_FIXTURE(Fixture, "an upgrade takes what was read behind its head along") {
    peer.write(test::upgrade_request("/ws") + test::masked_text("early"));
    CHECK(peer.response(world).status == 101);
    world.run_until("a channel", [&] { return opened.size() == 1; });
    CHECK(test::receive(world, opened[0]).message().view() == "early");
    CHECK(roster.empty());
    CHECK(connection.expired());
}

TEST_CASE_FIXTURE(Fixture, "an upgrade waits until the answers before it have left") {
    const std::string body(60'000, 'x');
    peer.write(post("/echo", body) + test::upgrade_request("/ws") + test::masked_text("early"));
    const auto first = peer.response(world);
    CHECK(first.status == 200);
    CHECK((first.body == body));
    CHECK(peer.response(world).status == 101);
    world.run_until("a channel", [&] { return opened.size() == 1; });
    CHECK(test::receive(world, opened[0]).message().view() == "early");
}

TEST_CASE_FIXTURE(Fixture, "an upgrade waits until the socket has taken a long answer before it") {
    held->holds = false;
    peer.write(get("/hold") + test::upgrade_request("/ws"));
    await_request();
    const std::string body(4 << 20, 'x');  // more than the socket takes at once
    std::move(*held->responder).respond(make_text_response(200, body), world.executor());
    CHECK((peer.response(world).body == body));
    CHECK(peer.response(world).status == 101);
    world.run_until("a channel", [&] { return opened.size() == 1; });
}

TEST_CASE_FIXTURE(Fixture, "a connection that was upgraded is none of HTTP, whoever still has it") {
    const auto kept = connection.lock();
    CHECK(peer.exchange(world, test::upgrade_request("/ws")).status == 101);
    CHECK(roster.empty());
}

TEST_CASE_FIXTURE(Fixture, "a refused upgrade leaves the connection as it was") {
    const auto refusal = peer.exchange(world, test::upgrade_request("/ws", "Origin: http://x\r\n"));
    CHECK(refusal.status == 403);
    CHECK(peer.exchange(world, post("/echo", "on")).body == "on");
}

TEST_CASE_FIXTURE(Fixture, "a busy connection is shut down when it has answered") {
    peer.write(get("/hold"));
    await_request();
    connection.lock()->shut_down();
    world.run_ready();
    CHECK_FALSE(peer.has_ended());
    answer();
    CHECK(peer.response(world).field("Connection") == "close");
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "an idle connection is shut down at once") {
    CHECK(peer.exchange(world, post("/echo", "one")).status == 200);
    connection.lock()->shut_down();
    peer.await_end(world);
    CHECK(peer.received().empty());
}
