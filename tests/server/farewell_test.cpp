#include <hawser/server/farewell.hpp>

#include "support/raw_peer.hpp"

#include <hawser/http/response.hpp>

#include <string>
#include <utility>

using hawser::net::Loop;

TEST_CASE("last words are an engine that reads nothing, and has finished when they are taken") {
    hawser::Output words;
    words.append("good bye");
    hawser::LastWords engine{std::move(words)};
    CHECK(engine.read_limit() == 0);
    CHECK_FALSE(engine.finished());
    hawser::Output taken;
    engine.take_output(taken, 1, {});
    CHECK(engine.finished());
    CHECK(taken.size() == 8);
}

TEST_CASE("last words are written, and the connection is closed") {
    test::World world;
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    hawser::bid_farewell(std::move(pair.near), hawser::http::make_text_response(503, "Not now.\n"),
                         Loop::of(world.executor()));
    const auto response = peer.response(world);
    CHECK(response.status == 503);
    CHECK(response.body == "Not now.\n");
    CHECK(response.field("Connection") == "close");
    peer.await_end(world);
}

TEST_CASE("long last words are written whole, and what the peer says meanwhile is ignored") {
    test::World world;
    test::SocketPair pair{world};
    test::RawPeer peer{std::move(pair.far)};
    const std::string text(3'000'000, 'x');
    peer.write("GET / HTTP/1.1\r\n");
    hawser::bid_farewell(std::move(pair.near), hawser::http::make_text_response(503, text),
                         Loop::of(world.executor()));
    CHECK(peer.response(world).body == text);
    peer.close();
    world.run_dry();
}
