#include <hawser/polling/reply.hpp>

#include <doctest/doctest.h>

using namespace hawser::polling;

TEST_CASE("a reply says nothing until something is said") {
    const Reply reply;
    CHECK(reply.status == 204);
    CHECK_FALSE(reply.refusal);
    CHECK_FALSE(reply.received);
    CHECK_FALSE(reply.first);
    CHECK(reply.body.empty());
}

TEST_CASE("a refusal is a reply with its own status") {
    const Reply reply = refuse(Refusal::gap);
    CHECK(reply.status == 409);
    CHECK(reply.refusal == Refusal::gap);
    CHECK(reply.body.empty());
}
