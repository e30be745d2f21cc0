#include <polling/conversation.hpp>

#include <doctest/doctest.h>

using namespace hawser;
using namespace hawser::polling;

TEST_CASE("ten thousand messages each way arrive once and in order over a bad path") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        CAPTURE(seed);
        Conversation conversation{10'000, patient_client(), patient_server(), Faults::all(30),
                                  test::Random{seed}};
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
    auto client = patient_client();
    client.hold = 0s;
    for (const std::uint64_t seed : {11U, 12U, 13U}) {
        CAPTURE(seed);
        Conversation conversation{2'000, client, patient_server(), Faults::all(30),
                                  test::Random{seed}};
        conversation.talk();
        CHECK(conversation.is_done());
    }
}

TEST_CASE("over a good path nothing is sent twice, and the end is clean") {
    for (const std::uint64_t seed : {21U, 22U, 23U}) {
        CAPTURE(seed);
        Conversation conversation{1'000, patient_client(), patient_server(), {},
                                  test::Random{seed}};
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
        Conversation conversation{50, patient_client(), patient_server(), Faults::all(30),
                                  test::Random{seed}};
        conversation.talk();
        REQUIRE(conversation.is_done());
        conversation.hang_up();
        CHECK(conversation.path.client_closed.size() == 1);
        CHECK(conversation.path.server_closed.size() == 1);
        CHECK(conversation.path.server() == nullptr);
    }
}

TEST_CASE("a path that carries nothing any more ends the session on both sides") {
    Conversation conversation{100, patient_client(), patient_server(), {}, test::Random{81}};
    conversation.talk();
    conversation.path.faults = Faults::all(100);
    while (conversation.path.step()) {}
    REQUIRE(conversation.path.client_closed.size() == 1);
    CHECK(conversation.path.client_closed[0].error == Error::session_expired);
    REQUIRE(conversation.path.server_closed.size() == 1);
    CHECK(conversation.path.server_closed[0].error == Error::session_expired);
}

TEST_CASE("what the sides of a broken session say of its delivery is true") {
    auto server = patient_server();
    server.grace = 60s;
    unsigned broken = 0;
    for (std::uint64_t seed = 101; seed != 141; ++seed) {
        CAPTURE(seed);
        Conversation conversation{2'000, patient_client(), server, Faults::all(45),
                                  test::Random{seed}};
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
