#include <hawser/polling/requests.hpp>

#include <doctest/doctest.h>

#include <polling/rude_peers.hpp>

#include <cstdint>

using namespace hawser;
using namespace hawser::polling;

TEST_CASE("a server session bears any requests and commands in any order") {
    unsigned opened = 0;
    unsigned messages = 0;
    for (std::uint64_t seed = 1; seed != 201; ++seed) {
        CAPTURE(seed);
        RudeClient client{test::Random{seed}};
        for (int step = 0; step != 300; ++step) client.act();
        opened += client.opened == 1 ? 1 : 0;
        messages += static_cast<unsigned>(client.messages.size());
        client.wait(1h);
        CHECK(client.session().finished());
        CHECK(client.closed.size() == static_cast<std::size_t>(client.opened));
    }
    CHECK(opened > 150);
    CHECK(messages > 400);
}

TEST_CASE("a client session bears any replies and commands in any order") {
    unsigned opened = 0;
    for (std::uint64_t seed = 1; seed != 401; ++seed) {
        CAPTURE(seed);
        RudeServer server{test::Random{seed}};
        (void)server.session();
        if (seed % 4 != 0) server.open();
        for (int step = 0; step != 300; ++step) server.act();
        opened += server.opened == 1 ? 1 : 0;
        server.wait(1h);
        CHECK(server.session().finished());
        CHECK(server.closed.size() == 1);
    }
    CHECK(opened >= 300);
}
