#include <fuzz/target.hpp>

#include <polling/conversation.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

using namespace hawser;
using namespace hawser::polling;

// A client and a server with a path between them on which everything happens that the input says:
// requests and replies are lost, doubled, cut, delayed so that they overtake each other; meanwhile
// both sides send, make room or have none, and close.

namespace {

constexpr std::uint64_t messages_each_way = 200;

ServerOptions server_of(test::Random& random) {
    ServerOptions options = patient_server();
    options.hold = random.one_in(4) ? 0s : random.one_in(4) ? 1s : 25s;
    options.reply_bytes = random.one_in(2) ? 20 : 4'000;
    options.backlog.limits.messages = random.one_in(4) ? 10 : 1'000;
    return options;
}

ClientOptions client_of(test::Random& random) {
    ClientOptions options = patient_client();
    options.hold = random.one_in(4) ? 0s : 25s;
    options.request_bytes = random.one_in(2) ? 20 : 4'000;
    options.backlog.limits.messages = random.one_in(4) ? 10 : 1'000;
    return options;
}

Faults faults_of(test::Random& random) {
    const auto some = [&random] { return static_cast<unsigned>(random.below(50)); };
    Faults faults;
    for (unsigned* const percent :
         {&faults.request_lost, &faults.reply_lost, &faults.request_doubled,
          &faults.connection_dropped, &faults.foreign_reply, &faults.reply_cut}) {
        *percent = some();
    }
    return faults;
}

/// The conversation, and what may be said of it at any time.
struct Story : Conversation {
    bool client_closes = false;
    bool server_closes = false;
    std::size_t rest_steps = 0;

    explicit Story(test::Random random)
        : Conversation{messages_each_way, client_of(random), server_of(random), faults_of(random),
                       random} {}

    void act_or_close() {
        switch (path.below(64)) {
        case 0:
            client_closes = true;
            return path.client.close({.code = 4000, .text = "client"}, path.now);
        case 1:
            if (path.server() == nullptr) return;
            server_closes = true;
            return path.server()->close({.code = 4001, .text = "server"}, path.now);
        default:
            if (path.below(3) == 0) act();
        }
    }

    /// What each side says of its delivery is true; behind the messages a close frame has a number.
    void check_delivery() {
        const auto of_client = path.client.delivery();
        CHECK(std::min(of_client.acknowledged, sent_by_client) <= seen_by_server);
        CHECK(of_client.not_sent_from > seen_by_server);
        const auto of_server = path.server_delivery;
        CHECK(std::min(of_server.acknowledged, sent_by_server) <= seen_by_client);
        CHECK(of_server.not_sent_from > seen_by_client);
    }

    [[nodiscard]] bool has_ended() const {
        return !path.client_closed.empty() || !path.server_closed.empty();
    }
    [[nodiscard]] bool all_arrived() const {
        return seen_by_server == sent_by_client && seen_by_client == sent_by_server;
    }

    void step() {
        // There is nothing more to do only behind the end.
        if (!path.step()) REQUIRE(has_ended());
        check_delivery();
        // No state makes requests without end while nothing comes of it.
        REQUIRE(++rest_steps < 20'000);
    }

    /// With nothing more to say and a good path everything arrives, or the session has ended.
    void rest() {
        path.faults = {};
        reads_eagerly = true;
        while (!has_ended() && !all_arrived()) {
            path.client.set_room(some_room(), path.now);
            if (path.server() != nullptr) path.server()->set_room(some_room(), path.now);
            step();
        }
    }
};

void fuzz(ByteView input) {
    test::Random random{input};
    Story story{std::move(random)};
    while (!story.path.is_exhausted() && !story.has_ended()) {
        story.act_or_close();
        story.step();
        story.rest_steps = 0;
    }
    story.rest();
    const bool alive = !story.has_ended() && !story.client_closes && !story.server_closes;
    if (alive) CHECK(story.all_arrived());
    story.hang_up();
    story.check_delivery();
    REQUIRE(story.path.client_closed.size() == 1);
    CHECK(story.path.server_closed.size() <= 1);
    CHECK(story.path.server() == nullptr);
    if (alive) CHECK(story.path.client_closed[0] == CloseReason{.code = 4000, .text = "done"});
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("whatever a path does to requests and replies, each message arrives once and in order") {
    CHECK(offered);
    test::replay("polling_pair", fuzz);
    test::try_at_random("polling_pair", fuzz, 200);
}
