#include <hawser/server/server.hpp>

#include "net/scripted_stream.hpp"
#include "server/hostile.hpp"
#include "support/raw_peer.hpp"
#include "transport/recording_asker.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What many clients, or one for long, may cost a server. Most of them are streams in memory.

using namespace hawser;
using namespace std::chrono_literals;

namespace {

/// A server that keeps its channels, whose clients are streams in memory.
struct Crowd {
    test::World world;
    Endpoint<WebSocket> websockets{world.executor()};
    Endpoint<LongPolling> polling;
    std::vector<AnyChannel> channels;
    std::optional<Server> server;
    std::vector<std::shared_ptr<test::Wire>> wires;

    explicit Crowd(PollingOptions options = {}) : polling{world.executor(), std::move(options)} {
        const auto keep = [this](auto channel) { channels.emplace_back(std::move(channel)); };
        websockets.each(keep);
        polling.each(keep);
        Router router;
        router.add("/", websockets);
        router.add("/", polling);
        server.emplace(world.executor(), std::move(router));
    }
    ~Crowd() {
        for (const auto& wire : wires) wire->abandon();
    }

    void poll() {
        world.io().restart();
        world.io().poll();
    }
    test::Wire& join() {
        wires.push_back(std::make_shared<test::Wire>(world.executor()));
        server->serve(test::ScriptedSocket{wires.back()}, {.address = "192.0.2.7"});
        return *wires.back();
    }
    void join_websockets(std::size_t count) {
        for (std::size_t i = 0; i != count; ++i) join().send(test::upgrade_request("/"));
        world.run_ready();
        REQUIRE(channels.size() == count);
        for (const auto& wire : wires) wire->written.clear();
    }
};

/// What the system has given to this program.
std::size_t resident_kib() {
    std::size_t all = 0;
    std::size_t resident = 0;
    std::ifstream{"/proc/self/statm"} >> all >> resident;
    return resident * 4;
}

const std::string close_1001{"\x88\x02\x03\xE9", 4};

}  // namespace

TEST_CASE("E07 of ten thousand live channels each is told 1001, and the drain ends with the last") {
    Crowd crowd;
    crowd.join_websockets(10'000);
    const test::Done drained;
    crowd.server->async_drain(1h, drained.handler());
    crowd.world.run_ready();
    for (const auto& wire : crowd.wires) {
        REQUIRE(wire->written == close_1001);
        REQUIRE_FALSE(drained.has_come());
        wire->send(test::masked_frame(0x88, test::close_payload(1001)));
        wire->end();
    }
    crowd.world.run_until("the end of the drain", drained);
    CHECK(crowd.server->connections() == 0);
    for (const AnyChannel& channel : crowd.channels) REQUIRE(channel.close_reason()->code == 1001);
}

TEST_CASE("E07 of ten thousand live channels whose clients are stuck none outlives the drain") {
    Crowd crowd;
    crowd.join_websockets(10'000);
    for (std::size_t i = 0; i != crowd.wires.size(); ++i) {
        if (i % 2 == 0) crowd.wires[i]->take(0);
        REQUIRE_FALSE(crowd.channels[i].try_send(Message::text("waits")));
    }
    const test::Done drained;
    crowd.server->async_drain(0s, drained.handler());
    crowd.world.run_until("the end of the drain", drained);
    crowd.world.run_ready();
    for (const auto& wire : crowd.wires) REQUIRE(wire->is_closed);
    for (const AnyChannel& channel : crowd.channels) REQUIRE(channel.is_closed());
    CHECK(crowd.server->connections() == 0);
}

TEST_CASE("E01 connections that say nothing are closed in time, however many") {
    test::Town town{{.http = {.head_timeout = 200ms}}};
    std::vector<std::unique_ptr<test::RawPeer>> peers;
    for (int i = 0; i != 500; ++i) {
        peers.push_back(std::make_unique<test::RawPeer>(
            test::RawPeer::dial(town.world, town.server.port())));
    }
    town.world.run_until("the connections", [&] { return town.server.connections() > 400; });
    for (const auto& peer : peers) {
        peer->await_end(town.world);
        CHECK(peer->received().empty());
    }
    peers.clear();
    town.world.run_until("the end of all but the neighbour",
                         [&] { return town.server.connections() == 1; });
}

TEST_CASE("E02 a client that reads nothing costs no more than the limit, and is cut off in time") {
    constexpr std::size_t limit = 256 * 1024;
    test::Town town{{},
                    {.connection = {.message = {.bytes = 64 * 1024},
                                    .backlog = {.limits = {.high = limit / 4,
                                                           .low = limit / 8,
                                                           .hard = limit}}},
                     .link = {.write_stall = 300ms}}};
    test::RawClient client = town.connect_websocket();
    const std::string message = test::masked_frame(0x82, std::string(60'000, 'x'));
    const std::size_t before = test::allocated_bytes();
    std::size_t most = before;
    for (int written = 0; town.server.connections() == 2; ++written) {
        REQUIRE(written < 50'000);
        client.write(message);
        most = std::max(most, test::allocated_bytes());
    }
    CHECK(most - before > limit / 2);
    CHECK(most - before < 2 * limit);
}

TEST_CASE("E06 what is known of a peer stays known when it has reset the connection") {
    Crowd crowd;
    REQUIRE_FALSE(crowd.server->listen("127.0.0.1", 0));
    for (int i = 0; i != 20; ++i) {
        test::RawClient client{crowd.world, crowd.server->port()};
        client.write(test::upgrade_request("/"));
        client.reset();  // perhaps before the server has read it
    }
    for (int i = 0; i != 20; ++i) {
        asio::ip::tcp::socket socket{crowd.world.io()};
        socket.connect({asio::ip::address_v4::loopback(), crowd.server->port()});
        test::RawClient{crowd.world, std::move(socket)}.reset();  // before it is accepted
    }
    test::RawClient client{crowd.world, crowd.server->port()};
    CHECK(test::status_of(client.ask(test::upgrade_request("/"))) == 101);
    client.reset();
    crowd.world.run_until("the end of all", [&] { return crowd.server->connections() == 0; });
    REQUIRE(!crowd.channels.empty());
    for (AnyChannel& channel : crowd.channels) {
        CHECK(channel.is_closed());
        CHECK(channel.info().peer_address() == "127.0.0.1");
        CHECK(channel.info().peer_port() != 0);
    }
}

namespace {

/// What polling clients ask of an endpoint that has no server before it.
struct Pollers {
    test::World world;
    std::vector<std::shared_ptr<PollingCarrier>> carriers;
    std::shared_ptr<PollingEndpoint> endpoint;

    explicit Pollers(PollingOptions options)
        : endpoint{std::make_shared<PollingEndpoint>(
              std::vector{world.executor()}, std::move(options),
              [this](auto carrier) { carriers.push_back(std::move(carrier)); })} {}

    std::shared_ptr<test::RecordingAsker> ask(http::Request request) {
        const auto asker = std::make_shared<test::RecordingAsker>(world.executor());
        endpoint->handle(std::move(request), {.address = "192.0.2.7"}, Responder{asker, 1});
        world.run_ready();
        return asker;
    }
    std::shared_ptr<test::RecordingAsker> open() {
        return ask({.head = {.method = "POST", .target = "/"}, .body = {}});
    }
    std::shared_ptr<test::RecordingAsker> receive(const std::string& token, int number) {
        return ask({.head = {.fields = {{"Hawser-Session", token},
                                        {"Hawser-Request", std::to_string(number)},
                                        {"Hawser-After", "0"}}},
                    .body = {}});
    }
};

}  // namespace

TEST_CASE("D11 each session parks one receive, so the cap of sessions is that of parked polls") {
    Pollers pollers{{.server = {.caps = {.sessions = 9, .per_address = 5}}}};
    std::vector<std::shared_ptr<test::RecordingAsker>> parked;
    for (int i = 0; i != 9; ++i) {
        const auto opened = pollers.open();
        CHECK(opened->status() == (i < 5 ? 201 : 429));
        if (i >= 5) continue;
        for (int number = 1; number != 5; ++number) {
            parked.push_back(pollers.receive(opened->field("Hawser-Session"), number));
        }
    }
    CHECK(std::ranges::count_if(parked, [](auto& asker) { return !asker->is_answered(); }) == 5);
    pollers.endpoint->abort(pollers.world.executor());
    pollers.world.run_ready();
}

TEST_CASE("E08 channels that come and go leave no memory behind") {
    const char* const more = std::getenv("HAWSER_TEST_CYCLES");
    const std::size_t cycles = more == nullptr ? 3'000 : std::strtoull(more, nullptr, 10);
    Crowd crowd;
    std::size_t base = 0;
    for (std::size_t cycle = 0; cycle != 1'000 + cycles; ++cycle) {
        if (cycle == 1'000) base = test::allocated_bytes();
        test::Wire& wire = crowd.join();
        wire.send(test::upgrade_request("/") + test::masked_frame(0x81, "hello"));
        crowd.poll();
        REQUIRE(crowd.channels.size() == 1);
        REQUIRE_FALSE(crowd.channels.back().try_send(Message::text("welcome")));
        wire.send(test::masked_frame(0x88, test::close_payload(1000)));
        wire.end();
        crowd.poll();
        REQUIRE(wire.is_closed);
        crowd.channels.clear();
        crowd.wires.clear();
    }
    CHECK(test::allocated_bytes() < base + 16 * 1024);
    if (more != nullptr) MESSAGE("resident after " << cycles << ": " << resident_kib() << " KiB");
}

TEST_CASE("E08 sessions that are abandoned leave no memory behind") {
    constexpr std::size_t sessions = 10'000;
    Pollers pollers{{.server = {.interval = 1ms, .grace = 1s, .unused = 1s}}};
    std::size_t base = 0;
    for (int flood = 0; flood != 3; ++flood) {
        for (std::size_t i = 0; i != sessions; ++i) {
            const auto opened = pollers.open();
            if (i % 2 != 0) continue;  // others are used, and left while they wait
            const auto held = pollers.receive(opened->field("Hawser-Session"), 1);
            held->holder.lock()->give_up(held->held_request, pollers.world.executor());
        }
        pollers.carriers.clear();
        pollers.world.run_dry();
        if (flood == 0) base = test::allocated_bytes();
    }
    // The list of what is done at the end of a turn keeps its room, which is of the most sessions
    // that ever ended in one turn: that depends on the clock. Two floods must not leave even a
    // pointer for each of their sessions.
    CHECK(test::allocated_bytes() < base + 2 * sessions * sizeof(void*));
}
