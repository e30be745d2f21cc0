#include <hawser/transport/polling_client.hpp>

#include "net/scripted_stream.hpp"
#include "support/live_blocks.hpp"
#include "support/raw_client.hpp"
#include "support/raw_frames.hpp"

#include <hawser/transport/polling.hpp>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
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

// A whole polling channel of a client, one connection of which fails at each of its operations in
// turn, the connecting included, until the scenario survives.

using namespace hawser;

namespace {

/// Gives scripted streams, the `failing_wire`-th of which fails at its operation `failing`; or does
/// not connect at all.
template <class Stream>
class ScriptedDialer final : public SecureDialer {
public:
    static constexpr std::size_t at_connecting = test::Wire::no_limit - 1;

    std::unique_ptr<DialAttempt> dial(std::shared_ptr<net::Loop> loop, const net::Remote&, Duration,
                                      OnStream handler) const override {
        const auto wire = std::make_shared<test::Wire>(loop->executor());
        wire->read_step = 50;
        const bool is_chosen = wires.size() == failing_wire;
        if (is_chosen) wire->failing = failing;
        wires.push_back(wire);
        auto attempt = std::make_unique<Attempt>();
        asio::post(loop->executor(), [=, this, under_way = std::weak_ptr{attempt->token},
                                      handler = std::move(handler)] {
            if (under_way.expired()) return;
            if (!is_chosen || failing != at_connecting) return handler({}, Stream{wire});
            wire->close();
            handler(asio::error::connection_refused, {});
        });
        return attempt;
    }

    mutable std::vector<std::shared_ptr<test::Wire>> wires;
    std::size_t failing_wire = 0;
    std::size_t failing = 0;

private:
    struct Attempt final : DialAttempt {
        std::shared_ptr<int> token = std::make_shared<int>();
    };
};

/// A server that says "one" and "two", and closes when it has got a message.
class Peer {
public:
    /// Answers what has come on `wire`, where there is something to say; else returns false.
    bool attend(test::Wire& wire) {
        const auto end = wire.written.find("\r\n\r\n");
        if (wire.is_closed || end == std::string::npos) return false;
        const std::string head = wire.written.substr(0, end + 2);
        const std::string length = test::field_of(head, "Content-Length");
        const std::size_t size = end + 4 + (length.empty() ? 0 : std::stoul(length));
        if (wire.written.size() < size) return false;
        const auto reply = answer(head, wire.written.substr(end + 4, size - end - 4));
        if (reply.empty()) return false;
        wire.written.erase(0, size);
        wire.send(reply);
        return true;
    }

    std::vector<std::string> received;

private:
    std::string answer(std::string_view head, const std::string& body) {
        if (test::field_of(head, "Hawser-Session").empty()) {
            return with("201 Created", "Hawser-Session: t0ken\r\nHawser-Hold: 25000\r\n", "");
        }
        if (head.starts_with("GET")) {
            return messages(std::stoul(test::field_of(head, "Hawser-After")));
        }
        const auto first = std::stoul(test::field_of(head, "Hawser-First"));
        if (!body.empty() && first == received.size() + 1) received.push_back(body);
        return with("204 No Content", "", "");
    }
    std::string messages(std::size_t after) const {
        std::vector<std::string> frames{test::plain_frame(0x81, "one"),
                                        test::plain_frame(0x81, "two")};
        if (!received.empty()) frames.push_back(test::plain_frame(0x88, "\x03\xE8"));
        if (after == 3) return with("204 No Content", "", "");
        if (after == frames.size()) return {};  // held
        return with("200 OK", "Hawser-First: " + std::to_string(after + 1) + "\r\n", frames[after]);
    }
    std::string with(std::string_view status, const std::string& fields,
                     const std::string& body) const {
        std::string text = "HTTP/1.1 " + std::string{status} + "\r\nHawser: 1\r\n" + fields +
                           "Hawser-Received: " + std::to_string(received.size()) + "\r\n";
        if (!status.starts_with("204")) {
            text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        return text + "\r\n" + body;
    }
};

/// A client on scripted streams, and what its application sees.
template <class Stream>
struct Polled {
    asio::io_context io{1};
    std::shared_ptr<ScriptedDialer<Stream>> dialer = std::make_shared<ScriptedDialer<Stream>>();
    Peer peer;
    std::weak_ptr<PollingClientCarrier> weak;
    std::optional<Channel<LongPolling>> channel;
    int opened = 0;
    std::vector<std::string> log;

    ~Polled() {
        for (const auto& wire : dialer->wires) wire->abandon();
    }
    void start() {
        PollingOptions options;
        options.client.back_off.base = Duration::zero();
        const auto carrier =
            std::make_shared<PollingClientCarrier>(PollingClientCarrier::Parts{
                .url = *http::parse_url("https://here/"),
                .options = std::make_shared<const PollingOptions>(options),
                .secure = dialer,
                .loop = net::Loop::of(io.get_executor()),
                .on_open = [this](std::error_code error, auto made) { open(error, made); }});
        weak = carrier;
        carrier->start();
    }
    void open(std::error_code error, std::shared_ptr<PollingClientCarrier> carrier) {
        REQUIRE_FALSE(error);
        ++opened;
        channel.emplace(std::move(carrier));
        channel->run(
            {.message = [this](const Message& message) { log.emplace_back(message.view()); },
             .closed = [this](const CloseReason&) { log.emplace_back("closed"); }});
        REQUIRE_FALSE(channel->try_send(Message::text("up")));
    }
    /// Until neither side has anything to do. One timer at least is armed, until it has closed.
    void talk() {
        for (bool goes_on = true; std::exchange(goes_on, false);) {
            io.restart();
            io.poll();
            CHECK((!io.stopped() || std::ranges::count(log, "closed") == 1));
            for (std::size_t i = 0; i != dialer->wires.size(); ++i) {
                goes_on |= peer.attend(*dialer->wires[i]);
            }
        }
    }
};

/// Returns whether no operation failed.
template <class Stream>
bool survives(std::size_t failing_wire, std::size_t failing) {
    CAPTURE(failing_wire);
    CAPTURE(failing);
    Polled<Stream> client;
    client.dialer->failing_wire = failing_wire;
    client.dialer->failing = failing;
    client.start();
    client.talk();
    CHECK(client.opened == 1);
    CHECK(client.log == std::vector<std::string>{"one", "two", "closed"});
    CHECK(client.peer.received == std::vector<std::string>{test::plain_frame(0x81, "up")});
    client.channel.reset();
    client.talk();
    CHECK(client.weak.expired());
    for (const auto& wire : client.dialer->wires) CHECK(wire->is_closed);
    client.io.restart();
    client.io.run();  // no alarm is left
    REQUIRE(client.dialer->wires.size() > failing_wire);
    return client.dialer->wires[failing_wire]->operations <= failing;
}

}  // namespace

TEST_CASE_TEMPLATE("A26 whichever operation of a client's connection fails, nothing is lost",
                   Stream, test::ScriptedSocket, test::ScriptedStream) {
    for (const std::size_t wire : {0U, 1U}) {
        CHECK(survives<Stream>(wire, ScriptedDialer<Stream>::at_connecting));
        std::size_t failing = 0;
        const test::LeavingNothing leaving_nothing;
        while (!leaving_nothing([&] { return survives<Stream>(wire, failing); })) {
            ++failing;
            REQUIRE(failing < 1000);
        }
        CHECK(failing > 3);
    }
}
