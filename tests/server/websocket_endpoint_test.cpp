#include <hawser/server/websocket_endpoint.hpp>

#include "support/raw_peer.hpp"
#include "transport/recording_asker.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using hawser::WebSocketOptions;
using hawser::http::RequestHead;
using hawser::http::Response;

namespace {

RequestHead upgrade_head() {
    return {.target = "/chat?room=7",
            .fields = {{"Host", "here"},
                       {"Upgrade", "websocket"},
                       {"Connection", "Upgrade"},
                       {"Sec-WebSocket-Version", "13"},
                       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                       {"Sec-WebSocket-Protocol", "old, new"}}};
}

struct Fixture {
    test::World world;
    asio::io_context second_io;
    std::vector<hawser::Channel<hawser::WebSocket>> opened;
    std::shared_ptr<hawser::WebSocketEndpoint> endpoint;

    void make(WebSocketOptions options = {}) {
        endpoint = std::make_shared<hawser::WebSocketEndpoint>(
            std::vector{world.executor(), asio::any_io_executor{second_io.get_executor()}},
            std::move(options),
            [this](auto carrier) { opened.emplace_back(std::move(carrier)); });
    }
    [[nodiscard]] auto judge(const RequestHead& head = upgrade_head(),
                             const hawser::PeerFacts& peer = {}) {
        return endpoint->judge_upgrade(head, peer, world.executor());
    }
    /// The status that refuses an upgrade; 101 where it is good.
    [[nodiscard]] unsigned status(const RequestHead& head) {
        const auto verdict = judge(head);
        const auto* const refusal = std::get_if<Response>(&verdict);
        return refusal == nullptr ? 101 : refusal->status;
    }
    /// Makes a channel of one end of a pair of sockets.
    void adopt(test::SocketPair& pair, hawser::PeerFacts peer = {}, std::string_view unread = {}) {
        auto upgrade = std::get<hawser::websocket::Upgrade>(judge());
        endpoint->adopt(std::move(pair.near), upgrade_head(), std::move(upgrade),
                        hawser::as_bytes(unread), peer);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a good upgrade is accepted, with the subprotocol preferred here") {
    make({.handshake = {.subprotocols = {"new", "old"}}});
    const auto verdict = judge();
    REQUIRE(std::holds_alternative<hawser::websocket::Upgrade>(verdict));
    CHECK(std::get<hawser::websocket::Upgrade>(verdict).subprotocol == "new");
}

TEST_CASE_FIXTURE(Fixture, "a bad upgrade is refused, and so is one from a strange page") {
    make();
    CHECK(status(upgrade_head()) == 101);
    RequestHead no_key = upgrade_head();
    no_key.fields.remove("Sec-WebSocket-Key");
    CHECK(status(no_key) == 400);
    RequestHead strange = upgrade_head();
    strange.fields.add("Origin", "http://elsewhere");
    CHECK(status(strange) == 403);
}

TEST_CASE_FIXTURE(Fixture, "D17 an upgrade that names a session of polling is refused") {
    make();
    RequestHead head = upgrade_head();
    head.fields.add("hawser-session", "t0ken");
    CHECK(status(head) == 400);
}

TEST_CASE_FIXTURE(Fixture, "the application has its say, after the handshake was found good") {
    int asked = 0;
    make({.admit = [&](const RequestHead& head, const hawser::PeerFacts& peer) {
        ++asked;
        CHECK(head.query() == "room=7");
        CHECK(peer.address == "192.0.2.7");
        return std::optional{hawser::http::make_text_response(401, "Who are you?\n")};
    }});
    const auto verdict = judge(upgrade_head(), {.address = "192.0.2.7"});
    REQUIRE(std::holds_alternative<Response>(verdict));
    CHECK(std::get<Response>(verdict).status == 401);
    CHECK(status({.fields = {{"Host", "here"}, {"Upgrade", "websocket"}}}) != 401);
    CHECK(asked == 1);
}

TEST_CASE_FIXTURE(Fixture, "an adopted stream becomes a channel that knows its peer") {
    make({.handshake = {.subprotocols = {"old"}}});
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    adopt(pair, {.address = "192.0.2.7", .port = 1234}, test::masked_text("early"));
    CHECK(peer.response(world).status == 101);
    world.run_until("a channel", [&] { return !opened.empty(); });
    const auto info = opened[0].info();
    CHECK(info.peer_address() == "192.0.2.7");
    CHECK(info.peer_port() == 1234);
    CHECK(info.target() == "/chat?room=7");
    CHECK(info.subprotocol() == "old");
    CHECK(info.header("host") == "here");
    CHECK(test::receive(world, opened[0]).message().view() == "early");
}

TEST_CASE_FIXTURE(Fixture, "the head of an upgrade is kept only where that is wanted") {
    make({.keep_head = false});
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    adopt(pair, {.address = "192.0.2.7"});
    world.run_until("a channel", [&] { return !opened.empty(); });
    CHECK(opened[0].info().peer_address() == "192.0.2.7");
    CHECK(opened[0].info().target().empty());
}

TEST_CASE_FIXTURE(Fixture, "a page's origin is judged by how the request came") {
    make();
    RequestHead head = upgrade_head();
    head.fields.add("Origin", "http://here");
    CHECK(status(head) == 101);
    const auto secure = judge(head, {.security = hawser::http::Security::tls});
    REQUIRE(std::holds_alternative<Response>(secure));
    CHECK(std::get<Response>(secure).status == 403);
}

TEST_CASE_FIXTURE(Fixture, "a place is held until the connection has ended") {
    make();
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    auto place = std::make_shared<int>(0);
    adopt(pair, {.place = place});
    world.run_until("a channel", [&] { return !opened.empty(); });
    CHECK(place.use_count() == 2);
    peer.close();
    world.run_until("the end", [&] { return place.use_count() == 1; });
    CHECK(opened[0].is_closed());
}

TEST_CASE_FIXTURE(Fixture, "a drain closes the channels with 1001, and refuses new ones with 503") {
    make();
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    adopt(pair);
    CHECK(peer.response(world).status == 101);
    int drained = 0;
    endpoint->drain(world.executor());
    endpoint->when_drained(world.executor(), [&] { ++drained; });
    CHECK(drained == 0);
    world.run_until("a close frame", [&] { return peer.received().size() == 4; });
    CHECK(peer.received() == "\x88\x02\x03\xe9");
    const auto refusal = std::get<Response>(judge());
    CHECK(refusal.status == 503);
    CHECK(refusal.fields.contains("Retry-After"));
    peer.write(std::string("\x88\x82\0\0\0\0\x03\xe9", 8));
    peer.end_output();
    world.run_until("the end of the drain", [&] { return drained == 1; });
    CHECK(opened[0].close_reason()->code == 1001);
}

TEST_CASE_FIXTURE(Fixture, "an abort ends the channels at once") {
    make();
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    adopt(pair);
    world.run_until("a channel", [&] { return !opened.empty(); });
    endpoint->abort(world.executor());
    CHECK(test::reason_of(world, opened[0]).error == hawser::Error::aborted);
    peer.await_end(world);
}

TEST_CASE_FIXTURE(Fixture, "a stream that is aborted before its first turn opens, and ends") {
    make();
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    adopt(pair);
    endpoint->abort(world.executor());
    peer.await_end(world);
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].close_reason()->error == hawser::Error::aborted);
}

TEST_CASE_FIXTURE(Fixture, "a channel lives on its stream's executor, and ends with that one's") {
    make();
    test::SocketPair pair{second_io.get_executor()};
    adopt(pair);
    second_io.poll();
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].get_executor() == second_io.get_executor());
    endpoint->abort(world.executor());
    world.run_ready();
    second_io.poll();
    CHECK_FALSE(opened[0].is_closed());
    endpoint->abort(second_io.get_executor());
    second_io.poll();
    CHECK(opened[0].is_closed());
}

TEST_CASE_FIXTURE(Fixture, "what is no upgrade is told what is missing") {
    make();
    const auto verdict = endpoint->judge({.fields = {{"Host", "here"}}}, {});
    REQUIRE(verdict.answer);
    CHECK(verdict.answer->status == 400);
    CHECK_FALSE(verdict.answer->body.empty());
    CHECK_FALSE(endpoint->judge(upgrade_head(), {}).answer);
    const auto asker = std::make_shared<test::RecordingAsker>(world.executor());
    endpoint->handle({}, {}, hawser::Responder{asker, 1});
    world.run_until("an answer", [&] { return asker->is_answered(); });
    CHECK(asker->status() == 400);
}

TEST_CASE_FIXTURE(Fixture, "options that do not fit together are a mistake of the application") {
    CHECK_THROWS_AS(make({.inbox = {.messages = 0}}), std::system_error);
    CHECK_THROWS_AS(make({.connection = {.message = {.bytes = 8 << 20}}}), std::system_error);
    CHECK_THROWS_AS(make({.handshake = {.subprotocols = {"no token"}}}), std::system_error);
}
