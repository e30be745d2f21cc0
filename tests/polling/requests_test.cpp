#include <hawser/polling/requests.hpp>

#include <doctest/doctest.h>

using namespace hawser::polling;

TEST_CASE("the greatest number is one that a double counts exactly") {
    CHECK(greatest_number == 9'007'199'254'740'991);
    CHECK(static_cast<double>(greatest_number) != static_cast<double>(greatest_number - 1));
}

TEST_CASE("the first requests of a session are the default") {
    CHECK(ReceiveRequest{}.request == 1);
    CHECK(ReceiveRequest{}.after == 0);
    CHECK_FALSE(ReceiveRequest{}.hold);
    CHECK(SendRequest{}.first == 1);
    CHECK_FALSE(SendRequest{}.after);
}
