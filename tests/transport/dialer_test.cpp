#include <hawser/transport/dialer.hpp>

#include "support/full_queue.hpp"
#include "support/world.hpp"
#include "transport/patient_dialer.hpp"

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

using hawser::Error;
using hawser::http::Scheme;
using hawser::http::Url;
using hawser::net::AnyStream;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    test::World world;
    asio::ip::tcp::acceptor acceptor{world.io(), {asio::ip::address_v4::loopback(), 0}};
    std::uint16_t port = acceptor.local_endpoint().port();
    int calls = 0;
    std::error_code error;
    AnyStream stream;

    hawser::Duration patience = 30s;

    [[nodiscard]] auto dial(const Url& url, const hawser::SecureDialer* secure = nullptr) {
        return hawser::dial_url(hawser::net::Loop::of(world.executor()), url, secure, patience,
                                [this](std::error_code failed, AnyStream made) {
                                    ++calls;
                                    error = failed;
                                    stream = std::move(made);
                                });
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "http and ws are dialled by plain TCP") {
    for (const Scheme scheme : {Scheme::http, Scheme::ws}) {
        calls = 0;
        const auto attempt = dial({.scheme = scheme, .host = "127.0.0.1", .port = port});
        CHECK(calls == 0);  // never from inside the call
        world.run_until("a stream", [&] { return calls == 1; });
        CHECK_FALSE(error);
        REQUIRE(stream);
        auto accepted = acceptor.accept();
        CHECK(stream->is_plain());
        hawser::Output output;
        output.append("x");
        stream->write(output, error);
        std::array<char, 2> byte{};
        CHECK(accepted.read_some(asio::buffer(byte)) == 1);
    }
}

TEST_CASE_FIXTURE(Fixture, "a port where nobody listens gives the system's error") {
    acceptor.close();
    const auto attempt = dial({.host = "127.0.0.1", .port = port});
    world.run_until("an error", [&] { return calls == 1; });
    CHECK(error == asio::error::connection_refused);
    CHECK_FALSE(stream);
}

TEST_CASE_FIXTURE(Fixture, "who does not answer is borne as long as was asked") {
    const test::FullQueue queue{world.io()};
    patience = 1ms;
    const auto attempt = dial({.host = "127.0.0.1", .port = queue.port()});
    world.run_until("an error", [&] { return calls == 1; });
    CHECK(error == Error::connect_timeout);
}

TEST_CASE_FIXTURE(Fixture, "an attempt that is destroyed calls nobody") {
    dial({.host = "127.0.0.1", .port = port}).reset();
    world.run_dry();
    CHECK(calls == 0);
}

TEST_CASE_FIXTURE(Fixture, "https and wss go to the part that secures, or fail") {
    const test::PatientDialer secure;
    for (const Scheme scheme : {Scheme::https, Scheme::wss}) {
        calls = 0;
        const auto attempt = dial({.scheme = scheme, .host = "here", .port = port}, &secure);
        CHECK(secure.remote.host == "here");
        CHECK(secure.remote.port == port);
        CHECK(secure.patience == 30s);
        CHECK(calls == 0);
        const auto hopeless = dial({.scheme = scheme, .host = "127.0.0.1", .port = port});
        CHECK(calls == 0);
        world.run_until("an error", [&] { return calls == 1; });
        CHECK(error == Error::tls_required);
    }
}
