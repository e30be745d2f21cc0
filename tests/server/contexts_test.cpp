#include <hawser/server/server.hpp>

#include "support/raw_peer.hpp"

#include <hawser/server/endpoint.hpp>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hawser::Channel;
using hawser::Endpoint;
using hawser::LongPolling;
using hawser::Server;

namespace {

/// A server on each of two contexts of the test's thread, which share an endpoint. Who destroys
/// them decides in which order.
struct TwoContexts {
    test::World outside;
    std::optional<asio::io_context> first{1};
    std::optional<asio::io_context> second{1};
    std::shared_ptr<int> shared = std::make_shared<int>();
    std::optional<Channel<LongPolling>> channel;
    std::optional<test::RawPeer> peer;

    /// Runs all contexts until `done()`.
    template <class Condition>
    void run_until(std::string_view awaited, Condition done) {
        outside.run_until(awaited, [&] {
            first->poll();
            second->poll();
            asio::post(outside.io(), [] {});  // the others are to have their turn, too
            return done();
        });
    }
    /// Has a session of `second` held at `first`.
    void hold_a_poll() {
        const std::vector<asio::any_io_executor> executors{first->get_executor(),
                                                           second->get_executor()};
        const auto admit = [kept = shared](const auto&, const auto&) { return std::nullopt; };
        Endpoint<LongPolling> polls{executors, {.admit = admit}};
        polls.each([this](auto made) { channel.emplace(std::move(made)); });
        hawser::Router router;
        router.add("/poll", polls);
        Server at_first{executors[0], router};
        Server at_second{executors[1], router};
        REQUIRE_FALSE(at_first.listen("127.0.0.1", 0));
        REQUIRE_FALSE(at_second.listen("127.0.0.1", 0));

        test::RawPeer opening{test::RawPeer::dial(outside, at_second.port())};
        opening.write("POST /poll HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n");
        run_until("a session", [&] { return opening.received().ends_with("\r\n\r\n"); });
        const auto token = opening.received().substr(opening.received().find("Hawser-Session:"));
        peer.emplace(test::RawPeer::dial(outside, at_first.port()));
        peer->write("GET /poll HTTP/1.1\r\nHost: here\r\nHawser-Request: 1\r\nHawser-After: 0\r\n" +
                    token.substr(0, token.find('\r')) + "\r\n\r\n");
        run_until("a channel", [&] { return channel.has_value(); });
        CHECK(channel->get_executor() == executors[1]);
        first->poll();
    }
};

}  // namespace

TEST_CASE_FIXTURE(TwoContexts, "a held poll goes with its context and that of its session") {
    hold_a_poll();
    CHECK(shared.use_count() == 2);
    channel.reset();
    SUBCASE("its own first") {
        first.reset();
        second.reset();
    }
    SUBCASE("that of the session first") {
        second.reset();
        first.reset();
    }
    CHECK(shared.use_count() == 1);
}
