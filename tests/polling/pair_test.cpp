#include <polling/simulated_path.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hawser;
using namespace hawser::polling;

namespace {

/// The message with the number `number` of one direction, long or short, text or binary.
Message numbered(std::uint64_t number) {
    std::string text = std::to_string(number);
    if (number % 97 == 0) text += std::string(5'000, '.');
    return number % 3 == 0 ? Message::binary(as_bytes(text)) : Message::text(text);
}

/// Both sides send numbered messages in bursts, read slowly, and compare what arrives.
struct Conversation {
    std::uint64_t goal;
    SimulatedPath path;
    bool reads_eagerly = false;
    std::uint64_t sent_by_client = 0;
    std::uint64_t sent_by_server = 0;
    std::uint64_t seen_by_client = 0;
    std::uint64_t seen_by_server = 0;

    Conversation(std::uint64_t messages, const ClientOptions& client, const ServerOptions& server,
                 Faults faults, std::uint64_t seed)
        : goal{messages}, path{client, server, faults, seed} {
        path.to_client = [this](const Message& message) {
            REQUIRE(message == numbered(++seen_by_client));
        };
        path.to_server = [this](const Message& message) {
            REQUIRE(message == numbered(++seen_by_server));
        };
    }

    /// What an application does now and then: sends some, makes room or has none.
    void act() {
        for (unsigned burst = path.below(40); burst != 0 && sent_by_client < goal; --burst) {
            if (!path.client.try_send_message(numbered(sent_by_client + 1), path.now)) break;
            ++sent_by_client;
        }
        path.client.set_room(some_room(), path.now);
        if (path.server() == nullptr) return;
        path.server()->set_room(some_room(), path.now);
        for (unsigned burst = path.below(40); burst != 0 && sent_by_server < goal; --burst) {
            if (!path.server()->try_send_message(numbered(sent_by_server + 1), path.now)) break;
            ++sent_by_server;
        }
    }
    InboxRoom some_room() {
        if (reads_eagerly) return {1'000'000, 1'000};
        if (path.below(5) == 0) return {};
        return {path.below(100'000), path.below(100)};
    }
    bool is_done() const { return seen_by_client == goal && seen_by_server == goal; }

    /// Until everything has arrived, or a side has given up.
    void talk() {
        while (!is_done() && path.client_closed.empty()) {
            act();
            REQUIRE(path.step());
            REQUIRE(path.now < TimePoint{1h} + 1000h);
        }
    }
    void hang_up() {
        path.client.close({.code = 4000, .text = "done"}, path.now);
        while (path.step()) {
            if (path.server() != nullptr) path.server()->set_room({1000, 10}, path.now);
            path.client.set_room({1000, 10}, path.now);
        }
    }
};

/// Small limits, so that everything is full now and then, and patience, so that a session outlives
/// the worst of paths.
BacklogOptions narrow() { return {.limits = {.high = 40'000, .low = 10'000, .hard = 80'000}}; }
ServerOptions server_options() {
    ServerOptions options;
    options.message.bytes = 10'000;
    options.backlog = narrow();
    options.reply_bytes = 4'000;
    options.unused = 10min;
    options.grace = 1h;
    return options;
}
ClientOptions client_options() {
    ClientOptions options;
    options.message.bytes = 10'000;
    options.backlog = narrow();
    options.request_bytes = 4'000;
    options.connect_timeout = 10min;
    options.close_timeout = 60s;
    return options;
}

}  // namespace

TEST_CASE("ten thousand messages each way arrive once and in order over a bad path") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        CAPTURE(seed);
        Conversation conversation{10'000, client_options(), server_options(), Faults::all(30),
                                  seed};
        conversation.talk();
        CHECK(conversation.seen_by_client == 10'000);
        CHECK(conversation.seen_by_server == 10'000);
        CHECK(conversation.path.client_closed.empty());
        CHECK(conversation.path.faults_made > 1'000);
        CHECK(conversation.path.client.counters().retransmitted > 0);
        MESSAGE("seed " << seed << ": " << conversation.path.requests << " requests, "
                        << conversation.path.faults_made << " faults");
    }
}

TEST_CASE("short polling loses nothing either") {
    auto client = client_options();
    client.hold = 0s;
    for (const std::uint64_t seed : {11U, 12U, 13U}) {
        CAPTURE(seed);
        Conversation conversation{2'000, client, server_options(), Faults::all(30), seed};
        conversation.talk();
        CHECK(conversation.is_done());
    }
}

TEST_CASE("over a good path nothing is sent twice, and the end is clean") {
    for (const std::uint64_t seed : {21U, 22U, 23U}) {
        CAPTURE(seed);
        Conversation conversation{1'000, client_options(), server_options(), {}, seed};
        conversation.reads_eagerly = true;
        conversation.talk();
        CHECK(conversation.is_done());
        CHECK(conversation.path.client.counters().retransmitted == 0);
        conversation.hang_up();
        REQUIRE(conversation.path.client_closed.size() == 1);
        CHECK(conversation.path.client_closed[0] == CloseReason{.code = 4000, .text = "done"});
        REQUIRE(conversation.path.server_closed.size() == 1);
        CHECK(conversation.path.server_closed[0] ==
              CloseReason{Error::closed, 4000, "done", Party::peer});
    }
}

TEST_CASE("over a bad path the end is reported once on each side all the same") {
    for (std::uint64_t seed = 31; seed != 71; ++seed) {
        CAPTURE(seed);
        Conversation conversation{50, client_options(), server_options(), Faults::all(30), seed};
        conversation.talk();
        REQUIRE(conversation.is_done());
        conversation.hang_up();
        CHECK(conversation.path.client_closed.size() == 1);
        CHECK(conversation.path.server_closed.size() == 1);
        CHECK(conversation.path.server() == nullptr);
    }
}

TEST_CASE("a path that carries nothing any more ends the session on both sides") {
    Conversation conversation{100, client_options(), server_options(), {}, 81};
    conversation.talk();
    conversation.path.faults = Faults::all(100);
    while (conversation.path.step()) {}
    REQUIRE(conversation.path.client_closed.size() == 1);
    CHECK(conversation.path.client_closed[0].error == Error::session_expired);
    REQUIRE(conversation.path.server_closed.size() == 1);
    CHECK(conversation.path.server_closed[0].error == Error::session_expired);
}

TEST_CASE("what the sides of a broken session say of its delivery is true") {
    auto server = server_options();
    server.grace = 60s;
    unsigned broken = 0;
    for (std::uint64_t seed = 101; seed != 141; ++seed) {
        CAPTURE(seed);
        Conversation conversation{2'000, client_options(), server, Faults::all(45), seed};
        conversation.talk();
        if (conversation.is_done()) continue;
        ++broken;
        while (conversation.path.step()) {}
        const auto of_client = conversation.path.client.delivery();
        CHECK(of_client.acknowledged <= conversation.seen_by_server);
        CHECK(of_client.not_sent_from > conversation.seen_by_server);
        const auto of_server = conversation.path.server_delivery;
        CHECK(of_server.acknowledged <= conversation.seen_by_client);
        CHECK(of_server.not_sent_from > conversation.seen_by_client);
    }
    CHECK(broken > 10);
    MESSAGE(broken << " of 40 sessions broke");
}
