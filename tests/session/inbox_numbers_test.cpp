#include <hawser/session/inbox_numbers.hpp>

#include <doctest/doctest.h>

using hawser::session::InboxNumbers;

TEST_CASE("numbering begins before the first message") {
    const InboxNumbers numbers;
    CHECK(numbers.last() == 0);
    CHECK(numbers.duplicates(1) == 0);
}

TEST_CASE("each taken message raises the number by one") {
    InboxNumbers numbers;
    numbers.take();
    numbers.take();
    CHECK(numbers.last() == 2);
    CHECK(numbers.duplicates(3) == 0);
}

TEST_CASE("what was taken before is a duplicate") {
    InboxNumbers numbers;
    for (int i = 0; i != 5; ++i) numbers.take();
    CHECK(numbers.duplicates(5) == 1);
    CHECK(numbers.duplicates(1) == 5);
}

TEST_CASE("a series that begins behind the next number leaves a gap") {
    InboxNumbers numbers;
    CHECK_FALSE(numbers.duplicates(2));
    numbers.take();
    CHECK(numbers.duplicates(2) == 0);
    CHECK_FALSE(numbers.duplicates(3));
    CHECK_FALSE(numbers.duplicates(~std::uint64_t{0}));
}

TEST_CASE("there is no message number 0") {
    InboxNumbers numbers;
    CHECK_FALSE(numbers.duplicates(0));
    numbers.take();
    CHECK_FALSE(numbers.duplicates(0));
}
