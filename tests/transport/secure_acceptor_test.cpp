#include <hawser/transport/secure_acceptor.hpp>

#include "support/raw_peer.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace {

/// Secures nothing, and says so: what an application may bring along.
class PlainAcceptor final : public hawser::SecureAcceptor {
public:
    void secure(const std::shared_ptr<hawser::net::Loop>&, asio::ip::tcp::socket socket,
                hawser::Duration patience, Handler handler) const override {
        if (patience <= hawser::Duration::zero()) return;
        handler({.stream = hawser::net::AnyStream{std::move(socket)},
                 .version = "none",
                 .cipher = "none"});
    }
};

struct Fixture {
    test::World world;
    std::optional<hawser::SecureAcceptor::Secured> secured;
    std::shared_ptr<int> held = std::make_shared<int>(0);

    void secure(hawser::Duration patience) {
        const std::unique_ptr<const hawser::SecureAcceptor> acceptor =
            std::make_unique<PlainAcceptor>();
        acceptor->secure(hawser::net::Loop::of(world.executor()),
                         asio::ip::tcp::socket{world.io()}, patience,
                         [this, keep = held](auto stream) { secured = std::move(stream); });
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an application's acceptor gives any stream, and says what it knows") {
    secure(std::chrono::seconds{10});
    REQUIRE(secured);
    CHECK(secured->version == "none");
    CHECK(secured->stream.get_executor() == world.executor());
}

TEST_CASE_FIXTURE(Fixture, "where it fails the handler is destroyed uncalled") {
    secure({});
    CHECK_FALSE(secured);
    CHECK(held.use_count() == 1);
}
