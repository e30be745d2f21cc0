#include "server/hostile.hpp"

#include <asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

// A server whose process may really open no more descriptors; the listener's tests have every error
// that the system could give instead.

using namespace std::chrono_literals;

namespace {

/// As long as it lives the process can open no descriptor, but for as many as it has closed. It
/// keeps one that it can give back.
class NoDescriptors {
public:
    NoDescriptors() : spare_{::open("/dev/null", O_RDONLY)} {
        // Of those that are free; all below are taken.
        const int lowest = ::open("/dev/null", O_RDONLY);
        REQUIRE(lowest > spare_);
        REQUIRE(::close(lowest) == 0);
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit limit{.rlim_cur = static_cast<rlim_t>(lowest), .rlim_max = before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;
    ~NoDescriptors() {
        ::setrlimit(RLIMIT_NOFILE, &before_);
        give_back();
    }

    void give_back() {
        if (spare_ != -1) ::close(std::exchange(spare_, -1));
    }

private:
    int spare_;
    rlimit before_{};
};

/// A town, and sockets that have their descriptors already.
struct Crowded : test::Town {
    explicit Crowded(hawser::Duration rest) : Town{{.listen = {.rest = rest}}} {
        for (int i = 0; i != 3; ++i) {
            callers.emplace_back(world.io()).open(asio::ip::tcp::v4());
        }
    }
    /// The kernel lets them all in; the server has not looked at them.
    void call() {
        const asio::ip::tcp::endpoint server_end{asio::ip::address_v4::loopback(), server.port()};
        for (auto& caller : callers) caller.connect(server_end);
    }

    std::vector<asio::ip::tcp::socket> callers;
};

}  // namespace

TEST_CASE("E05 a server that can open no descriptor has nothing to do until it has rested") {
    Crowded town{1h};
    const NoDescriptors none;
    town.call();
    std::size_t handlers = 0;
    for (town.world.io().restart(); town.world.io().poll_one() != 0; ++handlers) {
        REQUIRE(handlers < 20);
    }
    CHECK(handlers != 0);
    CHECK(town.server.connections() == 1);
    town.check_neighbour();
}

TEST_CASE("E05 a server accepts as many as it has descriptors for, and the others afterwards") {
    Crowded town{1ms};
    NoDescriptors none;
    town.call();
    for (int i = 0; i != 20; ++i) REQUIRE(town.world.io().run_one() == 1);
    CHECK(town.server.connections() == 1);
    town.check_neighbour();
    none.give_back();
    for (auto& caller : town.callers) {
        test::RawClient client{town.world, std::move(caller)};
        CHECK(test::status_of(client.ask(test::get(""))) == 200);
        if (&caller == &town.callers.front()) CHECK(town.server.connections() == 2);
    }
}
