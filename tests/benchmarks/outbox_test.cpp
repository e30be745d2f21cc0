#include "../benchmarks/ruler/outbox.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <sys/socket.h>

TEST_CASE("an outbox sends copied and shared pieces in order, however little the kernel takes") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    const bench::Descriptor near{ends[0], "near"};
    const bench::Descriptor far{ends[1], "far"};
    const int small = 4096;
    REQUIRE(::setsockopt(near.number(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);

    bench::Outbox outbox;
    std::string expected;
    const std::string shared(10'000, 's');
    for (int i = 0; i != 100; ++i) {
        outbox.copied() += "head " + std::to_string(i);
        outbox.append_shared(shared);
        outbox.append_shared("short");
        expected += "head " + std::to_string(i) + shared + "short";
    }

    std::string received;
    std::vector<char> room(3000);
    bool is_sent = false;
    while (received.size() < expected.size()) {
        if (!is_sent) is_sent = outbox.flush(near);
        received += bench::read_some(far, room, bench::Waiting::allowed);
    }
    CHECK(is_sent);
    CHECK(outbox.is_empty());
    CHECK(received == expected);
}
