#include <hawser/websocket/connection.hpp>

#include <hawser/websocket/deflate.hpp>

#include <websocket/driven.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

// A client and a server that have agreed on permessage-deflate.

using namespace hawser;
using namespace hawser::websocket;
using test::Bytes;
using test::Driven;
using Events = std::vector<std::string>;

namespace {

/// Both sides, after the handshake.
struct Conversation {
    std::shared_ptr<const Compression> at_client;
    std::shared_ptr<const Compression> at_server;
    UpgradeRequest request = test::upgrade_request(at_client);
    Driven server{Role::server, {}, test::upgrade(request.head, at_server.get())};
    Driven client{Role::client, {}, test::upgrade(), request};

    Conversation(const DeflateOptions& client_options, const DeflateOptions& server_options)
        : at_client{deflate(client_options)}, at_server{deflate(server_options)} {
        client.sent.clear();
        carry(server, client);
    }

    static void carry(Driven& from, Driven& to) {
        to.receive(from.sent);
        from.sent.clear();
    }
};

Events messages_of(const Driven& side) {
    Events messages{side.events.begin() + 1, side.events.end()};
    return messages;
}

std::string line(std::size_t number) {
    return "line " + std::to_string(number * number) + " of a text that repeats itself";
}

const std::vector<DeflateOptions> all_options = [] {
    std::vector<DeflateOptions> all;
    for (const int bits : {9, 15}) {
        for (const bool takeover : {false, true}) {
            all.push_back({.send = {bits, takeover}, .receive = {15, takeover}, .threshold = 1});
            all.push_back({.send = {15, takeover}, .receive = {bits, !takeover}, .threshold = 1});
        }
    }
    return all;
}();

}  // namespace

TEST_CASE("messages arrive whatever each side asks for") {
    for (const auto& client_options : all_options) {
        for (const auto& server_options : all_options) {
            Conversation conversation{client_options, server_options};
            auto& [at_client, at_server, request, server, client] = conversation;
            Events expected;
            for (std::size_t i = 0; i != 20; ++i) {
                const std::string text = i % 7 == 0 ? "" : line(i);
                client.send(text);
                server.send(text);
                expected.push_back("text " + text);
                if (i % 3 != 0) continue;
                Conversation::carry(client, server);
                Conversation::carry(server, client);
            }
            Conversation::carry(client, server);
            Conversation::carry(server, client);
            CHECK(messages_of(client) == expected);
            CHECK(messages_of(server) == expected);
        }
    }
}

TEST_CASE("a compressed message arrives wherever its frame is cut") {
    const std::string text(300, 'x');
    std::size_t size = 1;
    for (std::size_t at = 0; at != size; ++at) {
        Conversation conversation{all_options[2], all_options[2]};
        conversation.client.send(line(1));
        conversation.client.send(text);
        const Bytes sent = conversation.client.sent;
        size = sent.size();
        REQUIRE(size < 100);
        conversation.server.receive(ByteView{sent}.first(at));
        conversation.server.receive(ByteView{sent}.subspan(at));
        REQUIRE(messages_of(conversation.server) == Events{"text " + line(1), "text " + text});
    }
}

TEST_CASE("with a window kept, a message like the last one costs next to nothing") {
    const DeflateOptions keeps{.send = {.context_takeover = true},
                               .receive = {.context_takeover = true},
                               .threshold = 1};
    Conversation conversation{keeps, keeps};
    for (std::size_t i = 0; i != 10; ++i) {
        conversation.server.sent.clear();
        conversation.server.send(line(7));
    }
    CHECK(conversation.server.sent.size() < 12);
}

TEST_CASE("long messages both ways are whole, and the mask does not harm them") {
    test::Random random;
    CAPTURE(random.seed());
    Conversation conversation{{}, {}};
    std::string text;
    while (text.size() < 700'000)
        text += random.text(10) + std::string(random.below(100), 'x');
    conversation.client.send(text);
    CHECK(conversation.client.sent.size() < text.size() / 2);
    Conversation::carry(conversation.client, conversation.server);
    CHECK(conversation.server.last_event() == "text " + text);
    conversation.server.send(text);
    Conversation::carry(conversation.server, conversation.client);
    CHECK(conversation.client.last_event() == "text " + text);
}
