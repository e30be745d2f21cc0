#pragma once

#include <polling/simulated_path.hpp>

#include <support/random.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>

namespace hawser::polling {

/// The message with the number `number` of one direction, long or short, text or binary.
inline Message numbered(std::uint64_t number) {
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
                 Faults faults, test::Random random)
        : goal{messages}, path{client, server, faults, std::move(random)} {
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
inline BacklogOptions narrow() {
    return {.limits = {.high = 40'000, .low = 10'000, .hard = 80'000}};
}
inline ServerOptions patient_server() {
    ServerOptions options;
    options.message.bytes = 10'000;
    options.backlog = narrow();
    options.reply_bytes = 4'000;
    options.unused = 10min;
    options.grace = 1h;
    return options;
}
inline ClientOptions patient_client() {
    ClientOptions options;
    options.message.bytes = 10'000;
    options.backlog = narrow();
    options.request_bytes = 4'000;
    options.connect_timeout = 10min;
    options.close_timeout = 60s;
    return options;
}

}  // namespace hawser::polling
