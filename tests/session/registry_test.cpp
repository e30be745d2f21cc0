#include <hawser/session/registry.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace hawser;
using session::Admission;
using session::make_token;
using Registry = session::Registry<std::unique_ptr<int>>;

namespace {

constexpr std::string_view here = "192.0.2.1";
constexpr std::string_view there = "192.0.2.2";

std::string token() { return make_token(system_entropy(), 0); }

/// A registry that remembers whom it evicted.
struct Desk {
    explicit Desk(session::Caps caps) : registry{caps} {}

    Admission admit(std::string_view address) {
        return registry.make_room(address, [this](auto value) { evicted.push_back(*value); });
    }
    /// Opens a session with `value`; it must be admitted.
    std::string open(std::string_view address, int value) {
        REQUIRE(admit(address) == Admission::granted);
        std::string name = token();
        REQUIRE(registry.insert(name, address, std::make_unique<int>(value)) != nullptr);
        return name;
    }

    Registry registry;
    std::vector<int> evicted;
};

}  // namespace

TEST_CASE("a session is found by its token") {
    Desk desk{{}};
    const auto one = desk.open(here, 1);
    const auto two = desk.open(here, 2);
    REQUIRE(desk.registry.find(one) != nullptr);
    CHECK(**desk.registry.find(one) == 1);
    CHECK(**desk.registry.find(two) == 2);
    CHECK(**desk.registry.find(*session::parse_token(two)) == 2);
    CHECK(desk.registry.size() == 2);
}

TEST_CASE("D01 unknown and altered tokens find nothing") {
    Desk desk{{}};
    const auto name = desk.open(here, 1);
    CHECK(desk.registry.find("") == nullptr);
    CHECK(desk.registry.find(token()) == nullptr);
    CHECK(desk.registry.find(name.substr(0, 35)) == nullptr);
    // From the thirteenth character on a change leaves the selector as it was.
    for (std::size_t at = 2; at != name.size(); ++at) {
        std::string altered = name;
        altered[at] = altered[at] == 'A' ? 'B' : 'A';
        CHECK(desk.registry.find(altered) == nullptr);
        CHECK_FALSE(desk.registry.erase(altered));
    }
    CHECK(desk.registry.size() == 1);
}

TEST_CASE("an erased session is gone and its address no longer counted") {
    Desk desk{{}};
    const auto name = desk.open(here, 1);
    CHECK(desk.registry.size_of(here) == 1);
    CHECK(desk.registry.erase(name));
    CHECK_FALSE(desk.registry.erase(name));
    CHECK(desk.registry.find(name) == nullptr);
    CHECK(desk.registry.size() == 0);
    CHECK(desk.registry.size_of(here) == 0);
}

TEST_CASE("D11 no more sessions than the cap are admitted") {
    Desk desk{{.sessions = 2}};
    const auto name = desk.open(here, 1);
    desk.open(there, 2);
    CHECK(desk.admit(here) == Admission::too_many);
    desk.registry.erase(name);
    CHECK(desk.admit(here) == Admission::granted);
    CHECK(desk.evicted.empty());
}

TEST_CASE("D11 no more sessions of one address than its cap are admitted") {
    Desk desk{{.per_address = 1}};
    const auto name = desk.open(here, 1);
    CHECK(desk.admit(here) == Admission::too_many_of_address);
    CHECK(desk.admit(there) == Admission::granted);
    desk.registry.erase(name);
    CHECK(desk.admit(here) == Admission::granted);
}

TEST_CASE("a cap of none admits none") {
    CHECK(Desk{{.sessions = 0}}.admit(here) == Admission::too_many);
    CHECK(Desk{{.per_address = 0}}.admit(here) == Admission::too_many_of_address);
}

TEST_CASE("at the cap the session that retired first makes room") {
    Desk desk{{.sessions = 3}};
    const auto one = desk.open(here, 1);
    const auto two = desk.open(there, 2);
    const auto three = desk.open(here, 3);
    desk.registry.retire(three);
    desk.registry.retire(two);
    desk.registry.retire(two);
    CHECK(desk.admit(there) == Admission::granted);
    CHECK(desk.evicted == std::vector{3});
    desk.open(here, 4);
    CHECK(desk.admit(there) == Admission::granted);
    CHECK(desk.evicted == std::vector{3, 2});
    desk.open(here, 5);
    CHECK(desk.admit(there) == Admission::too_many);
    CHECK(desk.registry.find(one) != nullptr);
}

TEST_CASE("at the cap of an address only a session of that address makes room") {
    Desk desk{{.per_address = 1}};
    const auto one = desk.open(here, 1);
    const auto two = desk.open(there, 2);
    desk.registry.retire(two);
    CHECK(desk.admit(here) == Admission::too_many_of_address);
    desk.registry.retire(one);
    CHECK(desk.admit(here) == Admission::granted);
    CHECK(desk.evicted == std::vector{1});
    CHECK(desk.registry.find(two) != nullptr);
}

TEST_CASE("room that is there evicts nobody") {
    Desk desk{{}};
    desk.registry.retire(desk.open(here, 1));
    CHECK(desk.admit(here) == Admission::granted);
    CHECK(desk.evicted.empty());
}

TEST_CASE("a retired session can be erased like any other") {
    Desk desk{{.sessions = 1}};
    const auto one = desk.open(here, 1);
    desk.registry.retire(one);
    desk.registry.erase(one);
    desk.open(here, 2);
    CHECK(desk.admit(here) == Admission::too_many);
}

TEST_CASE("a session stays where it is while others come and go") {
    Desk desk{{}};
    const auto name = desk.open(here, 1);
    const auto* place = desk.registry.find(name);
    for (int i = 0; i != 1000; ++i) desk.open(there, i);
    CHECK(desk.registry.find(name) == place);
}

TEST_CASE("every session is visited once") {
    Desk desk{{}};
    for (int i = 1; i != 101; ++i) desk.open(here, i);
    int sum = 0;
    desk.registry.for_each([&sum](const auto& value) { sum += *value; });
    CHECK(sum == 5050);
}

TEST_CASE("a token whose selector is taken is not inserted") {
    Desk desk{{}};
    const auto name = desk.open(here, 1);
    CHECK(desk.registry.insert(name, here, std::make_unique<int>(2)) == nullptr);
    CHECK(**desk.registry.find(name) == 1);
    CHECK(desk.registry.size_of(here) == 1);
}
