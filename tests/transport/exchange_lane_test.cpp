#include <hawser/transport/exchange_lane.hpp>

#include "support/raw_peer.hpp"
#include "transport/patient_dialer.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

using hawser::Error;
using hawser::ExchangeLane;
using hawser::http::ExchangeTimes;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct Fixture {
    test::World world;
    asio::ip::tcp::acceptor acceptor{world.io(), {asio::ip::address_v4::loopback(), 0}};
    std::list<test::RawPeer> peers;
    /// Whether peers close with a reset.
    bool resets = false;
    int outcomes = 0;
    /// What is done from inside the next outcome.
    std::function<void()> then;
    std::error_code error;
    hawser::http::ReceivedResponse response;
    std::shared_ptr<ExchangeLane> lane =
        std::make_shared<ExchangeLane>(ExchangeLane::Parts{
            .loop = hawser::net::Loop::of(world.executor()),
            .url = {.host = "127.0.0.1", .port = acceptor.local_endpoint().port()},
            .connection = {},
            .link = {},
            .secure = nullptr,
            .on_outcome = [this](std::error_code failed, hawser::http::ReceivedResponse received) {
                ++outcomes;
                error = failed;
                response = std::move(received);
                if (then) std::exchange(then, nullptr)();
            }});

    Fixture() { accept(); }

    /// Performs an exchange, so that there is a kept connection.
    void keep_connection() {
        perform();
        await_request().write(ok);
        await_outcome();
        CHECK_FALSE(error);
    }
    /// The second exchange has failed, on the only connection there was.
    void check_given_up() {
        await_outcome(2);
        world.run_ready();
        CHECK(peers.size() == 1);
        CHECK(outcomes == 2);
    }
    void accept() {
        acceptor.async_accept([this](std::error_code failed, asio::ip::tcp::socket socket) {
            if (failed) return;
            if (resets) socket.set_option(asio::socket_base::linger{true, 0});
            peers.emplace_back(std::move(socket));
            accept();
        });
    }
    void perform(const ExchangeTimes& times = {}) {
        hawser::Output body;
        body.append("body");
        lane->perform({.method = "POST", .target = "/lane", .fields = {{"Host", "here"}}},
                      std::move(body), times);
    }
    test::RawPeer& await_request(std::size_t connection = 1) {
        world.run_until("a request", [&] {
            return peers.size() == connection && peers.back().received().ends_with("body");
        });
        CHECK(peers.back().received().starts_with("POST /lane HTTP/1.1\r\n"));
        peers.back().received().clear();
        return peers.back();
    }
    void await_outcome(int count = 1) {
        world.run_until("an outcome", [&] { return outcomes == count; });
    }
};

}  // namespace

TEST_CASE("a lane dials with the patience for progress, until it has given up") {
    test::World world;
    const auto dialer = std::make_shared<const test::PatientDialer>();
    const auto lane = std::make_shared<ExchangeLane>(
        ExchangeLane::Parts{.loop = hawser::net::Loop::of(world.executor()),
                            .url = {.scheme = hawser::http::Scheme::https, .host = "here"},
                            .connection = {},
                            .link = {},
                            .secure = dialer,
                            .on_outcome = {}});
    lane->perform({.method = "GET", .target = "/"}, {}, {.first_byte = 1h, .progress = 7s});
    CHECK(dialer->patience == 7s);
    CHECK(dialer->is_dialling());
    lane->cancel();
    CHECK_FALSE(dialer->is_dialling());
}

TEST_CASE_FIXTURE(Fixture, "exchanges follow each other on one connection") {
    for (int i = 1; i != 4; ++i) {
        perform();
        await_request().write(ok);
        await_outcome(i);
        CHECK_FALSE(error);
        CHECK(response.head.status == 200);
        CHECK(hawser::as_characters(response.body) == "ok");
    }
}

TEST_CASE_FIXTURE(Fixture, "a connection that the server ends is not used again") {
    perform();
    await_request().write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    await_outcome();
    perform();
    await_request(2).write(ok);
    await_outcome(2);
    CHECK_FALSE(error);
}

TEST_CASE_FIXTURE(Fixture, "an exchange may begin inside the outcome of another") {
    then = [this] { perform(); };
    perform();
    await_request().write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    await_outcome();
    await_request(2).write(ok);
    await_outcome(2);
    CHECK_FALSE(error);
}

TEST_CASE_FIXTURE(Fixture, "a request whose kept connection has died is made once more") {
    keep_connection();
    perform();
    await_request().close();
    await_request(2).write(ok);
    await_outcome(2);
    CHECK_FALSE(error);
    // A second time, and on a new connection, it is a failure.
    perform();
    await_request(2).close();
    await_request(3).close();
    await_outcome(3);
    CHECK(error == hawser::Condition::unreachable);
    CHECK(peers.size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a request whose kept connection was reset is made once more") {
    resets = true;
    keep_connection();
    perform();
    await_request().close();
    await_request(2).write(ok);
    await_outcome(2);
    CHECK_FALSE(error);
}

TEST_CASE_FIXTURE(Fixture, "a response that breaks off is not asked for again") {
    std::string_view part = ok.substr(0, ok.size() - 1);
    SUBCASE("by an end in its body") {}
    SUBCASE("by an end in its head") { part = "H"; }
    SUBCASE("by a reset") { resets = true; }
    keep_connection();
    perform();
    test::RawPeer& peer = await_request();
    peer.write(part);
    world.run_ready();
    peer.close();
    check_given_up();
    CHECK(error == hawser::Condition::unreachable);
}

TEST_CASE_FIXTURE(Fixture, "a response that cannot be read is not asked for again") {
    keep_connection();
    perform();
    await_request().write("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n");
    check_given_up();
    CHECK(error == Error::bad_content_length);
}

TEST_CASE_FIXTURE(Fixture, "a silent server is not asked again on another connection") {
    keep_connection();
    perform({.first_byte = 1ms, .progress = 30s});
    check_given_up();
    CHECK(error == Error::exchange_timeout);
}

TEST_CASE_FIXTURE(Fixture, "a new connection that dies is a failure at once") {
    perform();
    await_request().close();
    await_outcome();
    CHECK(error);
    world.run_ready();
    CHECK(peers.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a server that says nothing is given up in time") {
    perform({.first_byte = 1ms, .progress = 30s});
    await_outcome();
    CHECK(error == Error::exchange_timeout);
    perform({.first_byte = 30s, .progress = 20ms});
    world.run_until("a request", [&] {
        return peers.size() == 2 && peers.back().received().ends_with("body");
    });
    peers.back().write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
    await_outcome(2);
    CHECK(error == Error::exchange_timeout);
}

TEST_CASE_FIXTURE(Fixture, "a cancelled exchange has no outcome, and ends its connection") {
    perform();
    test::RawPeer& peer = await_request();
    lane->cancel();
    peer.await_end(world);
    CHECK(outcomes == 0);
    perform();
    await_request(2).write(ok);
    await_outcome();
    CHECK_FALSE(error);
}

TEST_CASE_FIXTURE(Fixture, "a lane that is cancelled or destroyed while it connects calls nobody") {
    perform();
    lane->cancel();
    perform();
    lane.reset();
    acceptor.close();
    world.run_dry();
    CHECK(outcomes == 0);
}

TEST_CASE_FIXTURE(Fixture, "a lane that is destroyed ends its connection") {
    perform();
    test::RawPeer& peer = await_request();
    lane.reset();
    peer.await_end(world);
    CHECK(outcomes == 0);
}
