#include <hawser/transport/websocket.hpp>

#include "framing/frames.hpp"
#include "net/scripted_stream.hpp"
#include "support/live_blocks.hpp"

#include <hawser/core/entropy.hpp>
#include <hawser/http/url.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A whole WebSocket channel on a stream each of whose operations fails in turn, until the scenario
// survives.

using namespace hawser;

namespace {

/// A channel on a scripted stream, which its application holds until it has ended.
template <class Stream>
class Carried {
public:
    Carried(Role role, std::size_t failing) : role_{role} {
        wire->failing = failing;
        wire->read_step = 5;
        wire->room = 7;
        const auto carrier = std::make_shared<WebSocketCarrier>(WebSocketCarrier::Parts{
            .stream = Stream{wire},
            .connection = connection(),
            .loop = net::Loop::of(io.get_executor()),
            .options = options_,
            .facts = {},
            .on_open = [this](std::error_code error, auto made) { open(error, made); },
            .place = place});
        weak = carrier;
        carrier->start();
        poll();
    }
    Carried(const Carried&) = delete;
    Carried& operator=(const Carried&) = delete;
    ~Carried() { wire->abandon(); }

    /// Runs all that is ready; as long as the stream is open, one timer is armed.
    void poll() {
        io.restart();
        io.poll();
        CHECK(io.stopped() == wire->is_closed);
    }
    void receive(std::string_view bytes) {
        wire->send(bytes);
        poll();
    }
    void receive(const test::Frame& frame, std::string_view payload) {
        test::Frame from_peer = frame;
        if (role_ == Role::server) from_peer.key = test::some_key;
        const auto bytes = test::encode(from_peer, payload);
        receive(as_characters(bytes));
    }
    /// The reply to a client's handshake.
    void accept() {
        if (role_ == Role::server) return;
        receive("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: " + request_.accept + "\r\n\r\n");
    }

    asio::io_context io{1};
    std::shared_ptr<test::Wire> wire = std::make_shared<test::Wire>(io.get_executor());
    std::shared_ptr<int> place = std::make_shared<int>(0);
    std::weak_ptr<WebSocketCarrier> weak;
    std::optional<Channel<WebSocket>> channel;
    int opened = 0;
    int refused = 0;
    std::vector<std::string> log;
    CloseReason reason;

private:
    websocket::Connection connection() {
        const auto& with = options_->connection;
        if (role_ == Role::client) {
            return websocket::Connection::client(request_, with, system_entropy(), Clock::now());
        }
        websocket::Upgrade upgrade{.response = {.status = 101}, .subprotocol = {}};
        return websocket::Connection::server(std::move(upgrade), with, Clock::now());
    }
    void open(std::error_code error, std::shared_ptr<WebSocketCarrier> carrier) {
        if (error) {
            ++refused;
            return;
        }
        ++opened;
        channel.emplace(std::move(carrier));
        channel->run({.message = [this](Message message) {
                          log.emplace_back(message.view());
                          (void)channel->try_send(std::move(message));
                      },
                      .closed = [this](const CloseReason& why) {
                          log.emplace_back("closed");
                          reason = why;
                      }});
    }

    Role role_;
    std::shared_ptr<const WebSocketOptions> options_ = std::make_shared<WebSocketOptions>();
    websocket::UpgradeRequest request_ = *websocket::make_upgrade_request(
        *http::parse_url("ws://here/"), {}, system_entropy(), nullptr);
};

/// Messages, a ping and a close from the peer, answers that do not fit. Returns whether no
/// operation failed.
template <class Stream>
bool survives(Role role, std::size_t failing) {
    CAPTURE(failing);
    Carried<Stream> side{role, failing};
    side.wire->take(99);
    side.accept();
    side.receive({.opcode = 1}, "one");
    side.receive({.opcode = 9}, "ping");
    side.receive({.opcode = 1, .fin = false}, "tw");
    side.wire->take(test::Wire::no_limit);
    side.receive({.opcode = 0}, "o");
    side.receive({.opcode = 8}, "\x03\xE8");
    side.wire->end();
    side.poll();

    CHECK(side.wire->is_closed);
    CHECK(side.opened + side.refused == 1);
    if (side.opened == 1) {
        REQUIRE(!side.log.empty());
        CHECK(std::ranges::count(side.log, "closed") == 1);
        CHECK(side.log.back() == "closed");
    }
    side.channel.reset();
    side.poll();
    CHECK(side.weak.expired());
    CHECK(side.place.use_count() == 1);
    if (side.wire->operations > failing) return false;
    CHECK(side.log == std::vector<std::string>{"one", "two", "closed"});
    CHECK(side.reason.code == 1000);
    return true;
}

}  // namespace

TEST_CASE_TEMPLATE("A26 whichever operation fails, a WebSocket ends once and leaves nothing behind",
                   Stream, test::ScriptedSocket, test::ScriptedStream) {
    for (const Role role : {Role::server, Role::client}) {
        std::size_t failing = 0;
        survives<Stream>(role, test::Wire::no_limit);  // what is kept for ever is not counted
        const test::LeavingNothing leaving_nothing;
        while (!leaving_nothing([&] { return survives<Stream>(role, failing); })) {
            ++failing;
            REQUIRE(failing < 1000);
        }
        CHECK(failing > 15);
    }
}
