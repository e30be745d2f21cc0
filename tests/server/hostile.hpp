#pragma once

#include "support/raw_client.hpp"
#include "support/raw_frames.hpp"
#include "support/world.hpp"

#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace test {

/// Sends everything back; lives until its channel has ended.
class Echo : public std::enable_shared_from_this<Echo> {
public:
    explicit Echo(hawser::AnyChannel channel) : channel_{std::move(channel)} {}

    void start() {
        channel_.run({.message = [this](hawser::Message message) {
                          static_cast<void>(channel_.try_send(std::move(message)));
                      },
                      .closed = [self = shared_from_this()](const hawser::CloseReason&) {}});
    }

private:
    hawser::AnyChannel channel_;
};

/// A server with an echo on each transport, and a neighbour: a healthy client that nothing that
/// others do may harm.
class Town {
public:
    explicit Town(hawser::ServerOptions options = {},
                  hawser::WebSocketOptions websocket_options = {},
                  hawser::PollingOptions polling_options = {})
        : websockets_{world.executor(), std::move(websocket_options)},
          polling_{world.executor(), std::move(polling_options)}, server{world.executor(),
                                                                         make_router(),
                                                                         std::move(options)} {
        REQUIRE_FALSE(server.listen("127.0.0.1", 0));
        neighbour_.emplace(connect());
        open_websocket(*neighbour_);
        check_neighbour();
    }
    ~Town() {
        if (std::uncaught_exceptions() == 0) check_neighbour();
    }
    Town(const Town&) = delete;
    Town& operator=(const Town&) = delete;

    [[nodiscard]] RawClient connect() { return {world, server.port()}; }
    /// Writes `bytes` on a connection of its own, and returns all that comes until it is closed.
    std::string answer_to(std::string_view bytes) {
        RawClient client = connect();
        client.write(bytes);
        return client.read_to_end();
    }
    /// A connection that has become a WebSocket.
    [[nodiscard]] RawClient connect_websocket() {
        RawClient client = connect();
        open_websocket(client);
        return client;
    }
    void check_neighbour() {
        neighbour_->write(masked_frame(0x81, "neighbour"));
        CHECK(neighbour_->read(11) == plain_frame(0x81, "neighbour"));
    }

    World world;

private:
    static void open_websocket(RawClient& client) {
        const std::string response = client.ask(
            "GET /websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        REQUIRE(status_of(response) == 101);
    }
    hawser::Router make_router() {
        websockets_.each([](hawser::AnyChannel channel) {
            std::make_shared<Echo>(std::move(channel))->start();
        });
        polling_.each([](hawser::AnyChannel channel) {
            std::make_shared<Echo>(std::move(channel))->start();
        });
        hawser::Router router;
        router.add("/websocket", websockets_);
        router.add("/polling", polling_);
        router.add("/plain", [](const hawser::http::Request& request) {
            return hawser::http::make_text_response(200, request.head.target + '\n');
        }, {.methods = {"GET", "POST"}});
        return router;
    }

    hawser::Endpoint<hawser::WebSocket> websockets_;
    hawser::Endpoint<hawser::LongPolling> polling_;

public:
    hawser::Server server;

private:
    std::optional<RawClient> neighbour_;
};

// Hostile requests to the town's `/plain`.

/// What follows a hostile request: it would be a second one, were it smuggled in.
inline constexpr std::string_view smuggled = "GET /plain?smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

[[nodiscard]] inline std::string get(std::string_view fields, std::string_view target = "/plain") {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}
[[nodiscard]] inline std::string post(std::string_view fields, std::string_view body = {}) {
    return "POST /plain HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

/// Checks that `request` is answered with one of `statuses`, whole and in two pieces, and that
/// nothing behind it is.
inline void check_refused(Town& town, std::string_view request,
                          std::initializer_list<unsigned> statuses) {
    CAPTURE(request.substr(0, 200));
    const std::string bytes = std::string{request} + std::string{smuggled};
    const std::string answer = town.answer_to(bytes);
    CAPTURE(answer);
    CHECK(std::ranges::find(statuses, status_of(answer)) != statuses.end());
    CHECK(field_of(answer, "Connection") == "close");
    CHECK(answer.find("smuggled") == std::string::npos);
    CHECK(answer.rfind("HTTP/1.1") == 0);  // there is but one

    RawClient client = town.connect();
    client.write(bytes.substr(0, request.size() / 2));
    town.world.run_ready();
    client.write(bytes.substr(request.size() / 2));
    CHECK(client.read_to_end() == answer);
}

}  // namespace test
