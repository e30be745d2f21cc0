#include <hawser/net/dial.hpp>

#include "support/full_queue.hpp"

#include <hawser/core/error.hpp>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

using namespace hawser;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

/// Dials, and keeps what came of it.
struct Dialling {
    void start(const net::Remote& remote, Duration patience = 1h) {
        dial = std::make_shared<net::Dial>(
            loop, [this, held = token](std::error_code e, tcp::socket s) {
            ++calls;
            error = e;
            socket.emplace(std::move(s));
        });
        dial->start(remote, patience);
        CHECK(calls == 0);
    }

    asio::io_context io{1};
    std::shared_ptr<net::Loop> loop = net::Loop::of(io.get_executor());
    std::shared_ptr<int> token = std::make_shared<int>();
    std::shared_ptr<net::Dial> dial;
    unsigned calls = 0;
    std::error_code error = asio::error::in_progress;
    std::optional<tcp::socket> socket;
};

tcp::acceptor listen(asio::io_context& io) {
    return {io, {asio::ip::address_v4::loopback(), 0}};
}

}  // namespace

TEST_CASE("an address or a name leads to a connection") {
    Dialling dialling;
    tcp::acceptor acceptor = listen(dialling.io);
    const std::uint16_t port = acceptor.local_endpoint().port();
    SUBCASE("an address") { dialling.start({"127.0.0.1", port}); }
    SUBCASE("a name") { dialling.start({"localhost", port}); }
    dialling.dial.reset();  // the attempt keeps itself
    dialling.io.run();
    CHECK(dialling.calls == 1);
    CHECK_FALSE(dialling.error);
    CHECK(dialling.socket->remote_endpoint() == acceptor.local_endpoint());
    tcp::no_delay no_delay;
    dialling.socket->get_option(no_delay);
    CHECK(no_delay.value());
    CHECK(dialling.token.use_count() == 1);
}

TEST_CASE("a port where nobody listens refuses") {
    Dialling dialling;
    const std::uint16_t port = listen(dialling.io).local_endpoint().port();
    dialling.start({"127.0.0.1", port});
    dialling.io.run();
    CHECK(dialling.calls == 1);
    CHECK(dialling.error == asio::error::connection_refused);
}

TEST_CASE("an address of IPv6 is tried as one") {
    Dialling dialling;
    const std::uint16_t port = listen(dialling.io).local_endpoint().port();
    dialling.start({"::1", port});
    dialling.io.run();
    // Which of the system's errors depends on whether it has IPv6.
    CHECK(dialling.calls == 1);
    CHECK(dialling.error);
    CHECK(dialling.error != Error::connect_timeout);
}

TEST_CASE("who does not answer in time is given up") {
    Dialling dialling;
    std::optional<test::FullQueue> queue{dialling.io};
    dialling.start({"127.0.0.1", queue->port()}, 1ms);
    while (dialling.calls == 0) dialling.io.run_one();
    CHECK(dialling.error == Error::connect_timeout);
    queue.reset();
    dialling.io.run();
    CHECK(dialling.calls == 1);
    CHECK(dialling.token.use_count() == 1);
}

TEST_CASE("without patience even who answers comes too late, or not") {
    Dialling dialling;
    tcp::acceptor acceptor = listen(dialling.io);
    dialling.start({"localhost", acceptor.local_endpoint().port()}, Duration::zero());
    dialling.io.run();
    CHECK(dialling.calls == 1);
    CHECK((!dialling.error || dialling.error == Error::connect_timeout));
}

TEST_CASE("a cancelled attempt calls nobody") {
    Dialling dialling;
    tcp::acceptor acceptor = listen(dialling.io);
    const std::uint16_t port = acceptor.local_endpoint().port();
    SUBCASE("while it resolves") { dialling.start({"localhost", port}); }
    SUBCASE("while it connects") { dialling.start({"127.0.0.1", port}); }
    dialling.dial->cancel();
    CHECK(dialling.token.use_count() == 1);
    dialling.io.run();  // no alarm is left
    CHECK(dialling.calls == 0);
    dialling.dial->cancel();
}

TEST_CASE("a context may be destroyed while somebody dials") {
    const auto held = std::make_shared<int>();
    {
        asio::io_context io{1};
        tcp::acceptor acceptor = listen(io);
        const auto dial = std::make_shared<net::Dial>(
            net::Loop::of(io.get_executor()), [held](std::error_code, const tcp::socket&) {});
        dial->start({"127.0.0.1", acceptor.local_endpoint().port()}, 1h);
    }
    CHECK(held.use_count() == 1);
}
