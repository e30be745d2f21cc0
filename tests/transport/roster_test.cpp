#include <hawser/transport/roster.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace {

struct Member : hawser::RosterMember<Member> {
    ~Member() = default;
    int visits = 0;
};

using Roster = hawser::Roster<Member>;

}  // namespace

TEST_CASE("members are visited while they are on the roster") {
    Roster roster;
    Member one;
    Member two;
    Member three;
    for (Member* member : {&one, &two, &three}) roster.join(*member);
    CHECK(roster.size() == 3);
    two.leave_roster();
    two.leave_roster();
    CHECK(roster.size() == 2);
    roster.for_each([](Member& member) { ++member.visits; });
    CHECK(one.visits == 1);
    CHECK(two.visits == 0);
    CHECK(three.visits == 1);
    roster.join(two);
    CHECK(roster.size() == 3);
}

TEST_CASE("a member that is destroyed leaves, wherever it stands") {
    for (std::size_t place = 0; place != 3; ++place) {
        Roster roster;
        std::vector<std::unique_ptr<Member>> members;
        for (int i = 0; i != 3; ++i) roster.join(*members.emplace_back(std::make_unique<Member>()));
        members[place].reset();
        CHECK(roster.size() == 2);
        roster.for_each([](Member& member) { ++member.visits; });
        for (const auto& member : members) CHECK((member == nullptr || member->visits == 1));
    }
}

TEST_CASE("a member may leave while it is visited") {
    Roster roster;
    Member one;
    Member two;
    roster.join(one);
    roster.join(two);
    roster.for_each([](Member& member) {
        ++member.visits;
        member.leave_roster();
    });
    CHECK(roster.empty());
    CHECK(one.visits + two.visits == 2);
}

TEST_CASE("who waits for the roster to be empty is told once, when the last has left") {
    Roster roster;
    int told = 0;
    roster.when_empty([&] { ++told; });
    CHECK(told == 1);
    Member one;
    Member two;
    roster.join(one);
    roster.join(two);
    roster.when_empty([&] { told += 10; });
    roster.when_empty([&] { told += 100; });
    one.leave_roster();
    CHECK(told == 1);
    two.leave_roster();
    CHECK(told == 111);
    roster.join(one);
    one.leave_roster();
    CHECK(told == 111);
}

TEST_CASE("a roster may go before its members, and then tells nobody") {
    int told = 0;
    Member member;
    {
        Roster roster;
        roster.join(member);
        roster.when_empty([&] { ++told; });
    }
    CHECK(told == 0);
    member.leave_roster();
    Roster other;
    other.join(member);
    CHECK(other.size() == 1);
}
