#include <hawser/server/server.hpp>

#include "net/scripted_stream.hpp"
#include "support/live_blocks.hpp"
#include "support/raw_client.hpp"
#include "support/raw_frames.hpp"

#include <hawser/server/endpoint.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A whole polling channel of a server, one connection of whose client fails at each of its
// operations in turn, until the scenario survives. A second connection is healthy.

using namespace hawser;

namespace {

/// A connection to the server, whose client is played by the test.
template <class Stream>
struct Asking {
    Asking(asio::io_context& context, Server& server, std::size_t failing)
        : io{context}, wire{std::make_shared<test::Wire>(context.get_executor())} {
        wire->failing = failing;
        server.serve(Stream{wire}, {.address = "192.0.2.7"});
        poll();
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking() { wire->abandon(); }

    void poll() {
        io.restart();
        io.poll();
    }
    /// Sends a request; what has been written since is the answer, if there is one yet.
    std::string ask(std::string_view request) {
        wire->send(request);
        poll();
        return answer();
    }
    std::string answer() { return std::exchange(wire->written, {}); }

    asio::io_context& io;
    std::shared_ptr<test::Wire> wire;
};

/// A client that asks as the protocol has it, and keeps what it gets.
struct Client {
    std::string token;
    std::vector<std::string> received;
    unsigned request = 0;

    static std::string open() { return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"; }
    std::string receive(std::string_view hold = "25000") {
        return "GET / HTTP/1.1\r\nHost: a\r\nHawser-Session: " + token + "\r\nHawser-Request: " +
               std::to_string(++request) + "\r\nHawser-After: " +
               std::to_string(received.size()) + "\r\nHawser-Hold: " + std::string{hold} +
               "\r\n\r\n";
    }
    std::string send(std::string_view body) const {
        return "POST / HTTP/1.1\r\nHost: a\r\nHawser-Session: " + token +
               "\r\nHawser-First: 1\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + std::string{body};
    }
    /// Takes the frames of a whole answer, those that are new.
    void take(std::string_view answer) {
        const auto body = answer.find("\r\n\r\n");
        if (test::status_of(answer) != 200 || body == std::string_view::npos) return;
        const std::string_view bytes = answer.substr(body + 4);
        if (std::to_string(bytes.size()) != test::field_of(answer, "Content-Length")) return;
        const auto first = std::stoul(test::field_of(answer, "Hawser-First"));
        REQUIRE(first <= received.size() + 1);
        auto frames = framing::decode_frames(as_bytes(bytes), {});
        REQUIRE(frames);
        for (auto number = first; frames->messages() != 0; ++number) {
            const std::string text{frames->next().view()};
            if (number > received.size()) received.push_back(text);
        }
    }
};

/// The server, and what its application sees.
struct Served {
    asio::io_context io{1};
    Endpoint<LongPolling> endpoint{io.get_executor()};
    std::optional<Server> server;
    std::optional<Channel<LongPolling>> channel;
    std::vector<std::string> log;
    int opened = 0;
    std::vector<std::string> said;

    Served() {
        endpoint.each([this](Channel<LongPolling> made) {
            ++opened;
            channel.emplace(std::move(made));
            channel->run({.message = [this](const Message& message) {
                              log.emplace_back(message.view());
                          },
                          .closed = [this](const CloseReason&) { log.emplace_back("closed"); }});
        });
        Router router;
        router.add("/", endpoint);
        server.emplace(io.get_executor(), std::move(router));
    }
    void say(std::string_view text) {
        if (!channel) return;
        REQUIRE_FALSE(channel->try_send(Message::text(text)));
        said.emplace_back(text);
    }
};

/// A poll that is held, a reply that does not fit, a send behind a poll, a half-close. Returns
/// whether no operation failed.
template <class Stream>
bool survives(std::size_t failing) {
    CAPTURE(failing);
    Served served;
    Client client;
    Asking<Stream> shaky{served.io, *served.server, failing};
    client.token = test::field_of(shaky.ask(Client::open()), "Hawser-Session");
    Asking<Stream> healthy{served.io, *served.server, test::Wire::no_limit};
    if (client.token.empty()) {
        CHECK(shaky.wire->is_closed);
        client.token = test::field_of(healthy.ask(Client::open()), "Hawser-Session");
    }
    shaky.wire->room = 20;
    shaky.ask(client.receive());
    served.say("one");
    shaky.poll();
    shaky.wire->take(test::Wire::no_limit);
    shaky.poll();
    client.take(shaky.answer());
    shaky.ask(client.receive());
    shaky.ask(client.send(test::plain_frame(0x81, "up")));
    served.say("two");
    shaky.wire->end();
    shaky.poll();

    // Whatever that has come to, nothing is lost or doubled.
    CHECK(shaky.wire->is_closed);
    CHECK(served.server->connections() == 1);
    client.take(healthy.ask(client.receive("0")));
    served.say("three");
    const std::string close = test::plain_frame(0x88, "\x03\xE8");
    const auto answer = healthy.ask(client.send(test::plain_frame(0x81, "up") + close));
    CHECK(test::status_of(answer) == 204);
    client.take(healthy.ask(client.receive("0")));
    CHECK(served.opened == 1);
    CHECK(served.log == std::vector<std::string>{"up", "closed"});
    CHECK(client.received == served.said);
    CHECK(served.said.back() == "three");
    served.channel.reset();
    return shaky.wire->operations <= failing;
}

}  // namespace

TEST_CASE_TEMPLATE("A26 whichever operation of a connection fails, its session loses nothing",
                   Stream, test::ScriptedSocket, test::ScriptedStream) {
    std::size_t failing = 0;
    survives<Stream>(test::Wire::no_limit);  // what is kept for ever is not counted
    const test::LeavingNothing leaving_nothing;
    while (!leaving_nothing([&] { return survives<Stream>(failing); })) {
        ++failing;
        REQUIRE(failing < 1000);
    }
    CHECK(failing > 10);
}
