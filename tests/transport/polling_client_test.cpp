#include <hawser/transport/polling_client.hpp>

#include "support/raw_peer.hpp"

#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

using hawser::Error;
using hawser::Message;
using namespace std::chrono_literals;

namespace {

using Opened = test::Outcome<std::error_code, std::shared_ptr<hawser::PollingClientCarrier>>;

/// A client's carrier for a port where nobody listens.
std::shared_ptr<hawser::PollingClientCarrier> client_of_nobody(test::World& world, Opened& opened,
                                                               hawser::Duration patience) {
    const asio::ip::tcp::acceptor nobody{world.io(), {asio::ip::address_v4::loopback(), 0}};
    hawser::PollingOptions options;
    options.client.connect_timeout = patience;
    options.client.back_off = {.base = 1ms, .most = 2ms};
    auto carrier =
        std::make_shared<hawser::PollingClientCarrier>(hawser::PollingClientCarrier::Parts{
            .url = {.host = "127.0.0.1", .port = nobody.local_endpoint().port()},
            .options = std::make_shared<const hawser::PollingOptions>(options),
            .secure = nullptr,
            .loop = hawser::net::Loop::of(world.executor()),
            .on_open = opened.handler(),
        });
    carrier->start();
    return carrier;
}

}  // namespace

TEST_CASE("a session that cannot be opened is given up, and told once") {
    test::World world;
    Opened opened;
    const auto carrier = client_of_nobody(world, opened, 20ms);
    CHECK_FALSE(opened.has_come());
    world.run_until("the end of an attempt", opened);
    CHECK(opened.error());
    CHECK(std::get<1>(opened.result()) == nullptr);
    CHECK(carrier->port().is_closed());
}

TEST_CASE("an abort ends the opening, and lets go of the carrier") {
    test::World world;
    Opened opened;
    std::weak_ptr<hawser::PollingClientCarrier> alive;
    {
        const auto carrier = client_of_nobody(world, opened, 1h);
        alive = carrier;
        CHECK_FALSE(carrier->send(Message::text("early"), hawser::WhenFull::refuse));
        carrier->abort();
        CHECK(carrier->send(Message::text("late"), hawser::WhenFull::refuse) == Error::closed);
    }
    world.run_until("the end of an attempt", opened);
    CHECK(opened.error() == Error::aborted);
    world.run_until("its release", [&] { return alive.expired(); });
}
