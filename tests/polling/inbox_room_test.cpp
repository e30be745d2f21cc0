#include <hawser/polling/inbox_room.hpp>

#include <doctest/doctest.h>

using hawser::polling::InboxRoom;

TEST_CASE("an empty inbox has the room of its limits") {
    CHECK(InboxRoom::of({.bytes = 10, .messages = 2}) == InboxRoom{10, 2});
}

TEST_CASE("a message fits while both numbers are above 0") {
    CHECK(InboxRoom{1, 1}.fits_one());
    CHECK_FALSE(InboxRoom{0, 1}.fits_one());
    CHECK_FALSE(InboxRoom{1, 0}.fits_one());
    CHECK_FALSE(InboxRoom{}.fits_one());
}

TEST_CASE("a message takes its bytes and a place") {
    InboxRoom room{10, 3};
    room.take(4);
    CHECK(room == InboxRoom{6, 2});
    room.take(0);
    CHECK(room == InboxRoom{6, 1});
}

TEST_CASE("a message longer than the room takes all of it") {
    InboxRoom room{10, 3};
    room.take(11);
    CHECK(room == InboxRoom{0, 2});
    CHECK_FALSE(room.fits_one());
}
