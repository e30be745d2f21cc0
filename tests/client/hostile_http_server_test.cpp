#include "support/raw_frames.hpp"
#include "support/raw_peer.hpp"

#include <hawser/client/connect.hpp>

#include <chrono>
#include <list>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

// A server that breaks HTTP, against a polling client over a real socket; the engine's tests have
// the same and more, split at each byte.

using hawser::Channel;
using hawser::LongPolling;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view opened =
    "HTTP/1.1 201 Created\r\nHawser: 1\r\nHawser-Session: good\r\nHawser-Received: 0\r\n"
    "Content-Length: 0\r\n\r\n";

/// A reply with one message.
std::string reply(std::string_view message) {
    const std::string body = test::plain_frame(0x81, message);
    return "HTTP/1.1 200 OK\r\nHawser: 1\r\nHawser-First: 1\r\nHawser-Received: 0\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Fixture {
    test::World world;
    asio::ip::tcp::acceptor acceptor{world.io(), {asio::ip::address_v4::loopback(), 0}};
    std::list<test::RawPeer> peers;
    test::Outcome<std::error_code, Channel<LongPolling>> connected;

    Fixture() {
        accept();
        hawser::ConnectOptions<LongPolling> options;
        options.transport.client.back_off = {.base = 1ms, .most = 2ms};
        hawser::connect<LongPolling>(
            world.executor(),
            "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/",
            std::move(options), connected.handler());
    }
    void accept() {
        acceptor.async_accept([this](std::error_code failed, asio::ip::tcp::socket socket) {
            if (failed) return;
            peers.emplace_back(std::move(socket));
            accept();
        });
    }
    /// The connection on which a request has come that begins with `method`.
    test::RawPeer& await_request(std::string_view method) {
        test::RawPeer* asked = nullptr;
        world.run_until("a request", [&] {
            for (auto& peer : peers) {
                if (peer.received().ends_with("\r\n\r\n")) asked = &peer;
            }
            return asked != nullptr;
        });
        CHECK(asked->received().starts_with(method));
        asked->received().clear();
        return *asked;
    }
    Channel<LongPolling>& channel() {
        world.run_until("a channel", connected);
        REQUIRE_FALSE(connected.error());
        return std::get<1>(connected.result());
    }
    /// The client has left `peer`, asks anew, and takes what is right then.
    void check_asks_again(test::RawPeer& peer) {
        peer.await_end(world);
        await_request("GET ").write(reply("right"));
        CHECK(test::receive(world, channel()).message().view() == "right");
    }
};

/// A good reply made into one that is none, or that could be taken for two different ones; empty
/// when there are no more.
std::string broken(std::size_t which, std::string_view good) {
    const std::string line{good.substr(0, good.find("\r\n"))};
    const std::string rest{good.substr(line.size() + 2)};
    switch (which) {
    case 0:
        return line + "\rX: y\r\n" + rest;
    case 1:
        return line + "\n" + rest;
    case 2:
        return line + "\r\nTransfer-Encoding: chunked\r\n" + rest;
    case 3:
        return line + "\r\nContent-Length: 7\r\n" + rest;
    case 4:
        return line + "\r\nX: a\r\n b\r\n" + rest;
    case 5:
        return line + "\r\nX:\rY: a\r\n" + rest;
    case 6:
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + std::string{good};
    case 7:
        return "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello" + std::string{good};
    case 8:
        return "HTTP/2.0" + std::string{good.substr(8)};
    default:
        return {};
    }
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "A25 a broken reply opens no session, and the client asks again") {
    for (std::size_t which = 0; !broken(which, opened).empty(); ++which) {
        CAPTURE(which);
        test::RawPeer& peer = await_request("POST ");
        peer.write(broken(which, opened));
        peer.await_end(world);
        CHECK_FALSE(connected.has_come());
    }
    await_request("POST ").write(opened);
    CHECK_FALSE(channel().is_closed());
}

TEST_CASE_FIXTURE(Fixture, "A25 a broken reply costs a connection, and no message") {
    await_request("POST ").write(opened);
    for (std::size_t which = 0; !broken(which, reply("wrong")).empty(); ++which) {
        CAPTURE(which);
        test::RawPeer& peer = await_request("GET ");
        peer.write(broken(which, reply("wrong")));
        peer.await_end(world);
    }
    await_request("GET ").write(reply("right"));
    CHECK(test::receive(world, channel()).message().view() == "right");
}

TEST_CASE_FIXTURE(Fixture,
                  "A25 a second reply that comes before its request is not taken for one") {
    test::RawPeer& peer = await_request("POST ");
    peer.write(std::string{opened} + reply("wrong"));
    check_asks_again(peer);
}

TEST_CASE_FIXTURE(Fixture, "A25 a body where there can be none is not taken for a reply") {
    await_request("POST ").write(opened);
    test::RawPeer& peer = await_request("GET ");
    const std::string wrong = reply("wrong");
    peer.write("HTTP/1.1 204 No Content\r\nHawser: 1\r\nHawser-Received: 0\r\nContent-Length: " +
               std::to_string(wrong.size()) + "\r\n\r\n" + wrong);
    check_asks_again(peer);
}
