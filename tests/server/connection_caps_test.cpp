#include <hawser/server/connection_caps.hpp>

#include "support/allocated_bytes.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hawser::ConnectionCaps;
using hawser::ConnectionCounter;

TEST_CASE("no cap is unlimited by default") {
    CHECK(ConnectionCaps{}.connections == 65536);
    CHECK(ConnectionCaps{}.per_address == 65536);
}

TEST_CASE("connections beyond the cap get no place, until one is given back") {
    ConnectionCounter counter{{.connections = 2, .per_address = 2}};
    auto first = counter.admit("1.1.1.1");
    const auto second = counter.admit("2.2.2.2");
    CHECK(first != nullptr);
    CHECK(second != nullptr);
    CHECK(counter.size() == 2);
    CHECK(counter.admit("3.3.3.3") == nullptr);
    first = nullptr;
    CHECK(counter.size() == 1);
    CHECK(counter.admit("3.3.3.3") != nullptr);
}

TEST_CASE("each address has a cap of its own") {
    ConnectionCounter counter{{.connections = 10, .per_address = 1}};
    auto one = counter.admit("1.1.1.1");
    CHECK(counter.admit("1.1.1.1") == nullptr);
    CHECK(counter.size() == 1);
    const auto other = counter.admit("::1");
    CHECK(other != nullptr);
    one = nullptr;
    CHECK(counter.admit("1.1.1.1") != nullptr);
}

TEST_CASE("a cap of none admits none") {
    CHECK(ConnectionCounter{{.connections = 0}}.admit("1.1.1.1") == nullptr);
    ConnectionCounter counter{{.per_address = 0}};
    CHECK(counter.admit("1.1.1.1") == nullptr);
    CHECK(counter.admit("1.1.1.1") == nullptr);
    CHECK(counter.size() == 0);
}

TEST_CASE("an address without a connection takes no memory") {
    ConnectionCounter counter{{.per_address = 1}};
    ConnectionCounter closed{{.per_address = 0}};
    const auto come_and_go = [&](char first) {
        const std::string address(100, first);
        CHECK(counter.admit(address) != nullptr);
        CHECK(closed.admit(address) == nullptr);
    };
    come_and_go('a');
    const std::size_t before = test::allocated_bytes();
    for (char first = 'b'; first != 'z'; ++first) come_and_go(first);
    CHECK(test::allocated_bytes() <= before);
}

TEST_CASE("a place counts once, however many hold it") {
    ConnectionCounter counter{{.connections = 1}};
    auto place = counter.admit("1.1.1.1");
    auto shared = place;
    place = nullptr;
    CHECK(counter.size() == 1);
    shared = nullptr;
    CHECK(counter.size() == 0);
}

TEST_CASE("places may outlive the counter, and its rehashing") {
    std::optional<ConnectionCounter> counter{std::in_place, ConnectionCaps{}};
    std::vector<ConnectionCounter::Place> places;
    for (int i = 0; i != 1000; ++i) {
        places.push_back(counter->admit("10.0." + std::to_string(i / 250) + '.' +
                                        std::to_string(i % 250)));
    }
    places.resize(500);
    CHECK(counter->size() == 500);
    counter.reset();
    places.clear();
}
