#include <hawser/net/tls_stream.hpp>

#include "net/line_host.hpp"
#include "net/socket_pair.hpp"
#include "net/tls_certificate.hpp"

#include <hawser/net/any_stream.hpp>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace hawser;
using Entries = std::vector<std::string>;

namespace {

/// A client and a server that have shaken hands, or not.
struct Ends {
    explicit Ends(const std::string& wanted = "host.test", const std::string& shown = "host.test") {
        const test::Certificate certificate{shown};
        auto [one, other] = test::connected_pair(io);
        client = std::make_unique<net::TlsStream>(std::move(one), certificate.client());
        server = std::make_unique<net::TlsStream>(std::move(other), certificate.server());
        CHECK_FALSE(client->expect_host(wanted));
        client->async_handshake(Role::client, [this](std::error_code e) {
            client_error = e;
            if (e) client.reset();
        });
        server->async_handshake(Role::server, [this](std::error_code e) { server_error = e; });
        io.run();
        io.restart();
    }

    asio::io_context io{1};
    std::unique_ptr<net::TlsStream> client;
    std::unique_ptr<net::TlsStream> server;
    std::error_code client_error = asio::error::in_progress;
    std::error_code server_error = asio::error::in_progress;
};

/// The two as links.
struct LinkedEnds : Ends {
    using Host = test::LineHost<net::TlsStream>;

    LinkedEnds() {
        const auto loop = net::Loop::of(io.get_executor());
        client_host = std::make_shared<Host>(std::move(*client), loop, client_log, linger);
        server_host = std::make_shared<Host>(std::move(*server), loop, server_log, linger);
        client_host->start();
        server_host->start();
    }

    net::LinkOptions linger{.linger = std::chrono::hours{1}};
    Host::Log client_log;
    Host::Log server_log;
    std::shared_ptr<Host> client_host;
    std::shared_ptr<Host> server_host;
};

}  // namespace

TEST_CASE("a handshake tells the version and the cipher suite") {
    const Ends ends;
    CHECK_FALSE(ends.client_error);
    CHECK_FALSE(ends.server_error);
    CHECK(ends.client->version() == "TLSv1.3");
    CHECK_FALSE(ends.server->cipher().empty());
    CHECK(ends.server->cipher() == ends.client->cipher());
}

TEST_CASE("a client refuses the certificate of another host") {
    const Ends ends{"host.test", "other.test"};
    CHECK(net::is_refused_certificate(ends.client_error));
    CHECK(ends.server_error);
    CHECK_FALSE(net::is_refused_certificate(ends.server_error));
}

TEST_CASE("a client refuses a certificate of nobody it trusts") {
    asio::io_context io{1};
    auto [one, other] = test::connected_pair(io);
    const test::Certificate trusted{"host.test"};
    const test::Certificate forged{"host.test"};
    net::TlsStream client{std::move(one), trusted.client()};
    net::TlsStream server{std::move(other), forged.server()};
    CHECK_FALSE(client.expect_host("host.test"));
    std::error_code client_error;
    client.async_handshake(Role::client, [&](std::error_code error) { client_error = error; });
    server.async_handshake(Role::server, [](std::error_code) {});
    io.run();
    CHECK(net::is_refused_certificate(client_error));
}

TEST_CASE("lines go both ways, and each side says goodbye") {
    LinkedEnds ends;
    ends.server_host->on_line = test::echo<net::TlsStream>;
    ends.client_host->on_line = [](auto& host, const std::string& text) {
        if (text == "two") host.engine().close();
    };
    ends.client_host->command([](auto& engine) { engine.send("one\ntwo\n"); });
    ends.io.run();  // which it does not for an hour
    CHECK(ends.client_log.entries == Entries{"line one", "line two", "closed", "end"});
    CHECK(ends.server_log.entries == Entries{"line one", "line two", "closed", "end"});
    CHECK_FALSE(ends.client_log.error);
    CHECK_FALSE(ends.server_log.error);
}

TEST_CASE("a large output arrives whole, in records of any size") {
    LinkedEnds ends;
    std::string expected;
    std::string line;
    ends.client_host->command([&](auto& engine) {
        for (std::size_t size = 1; size < 500'000; size = size * 2 + 1) {
            line = std::string(size, static_cast<char>('a' + size % 26)) + "\n";
            // A frame from 4 KiB on is shared, not copied, so there is much to gather.
            const Message message = Message::text(line);
            engine.send(message);
            expected += "line " + std::string{as_characters(message.frame())};
        }
        engine.close();
    });
    ends.io.run();
    std::string received;
    for (const std::string& entry : ends.server_log.entries) {
        if (entry.starts_with("line ")) received += entry + "\n";
    }
    CHECK(received == expected);
    CHECK_FALSE(ends.server_log.error);
}

TEST_CASE("what the peer still writes after our goodbye is dropped, and not answered by a reset") {
    LinkedEnds ends;
    ends.client_host->command([](auto& engine) { engine.close(); });
    ends.server_host->engine().is_deaf = true;
    ends.server_host->command([](auto& engine) {
        engine.send(std::string(3'000'000, 'x'));
        engine.close();
    });
    ends.io.run();
    CHECK(ends.server_log.entries == Entries{"closed", "end"});
    CHECK_FALSE(ends.server_log.error);
    CHECK(ends.server_log.unsent == 0);
    CHECK_FALSE(ends.client_log.error);
}

TEST_CASE("an end without a goodbye is an error") {
    LinkedEnds ends;
    ends.client_host->cut();
    ends.io.run();
    CHECK(ends.client_log.entries == Entries{"end"});
    CHECK(ends.server_log.entries == Entries{"closed", "end"});
    CHECK(ends.server_log.error == Error::connection_lost);
}

TEST_CASE("short buffers are written together, in one record") {
    Ends ends;
    const std::string text = "abc";
    const std::string large(100'000, 'x');
    const std::array<asio::const_buffer, 4> buffers{
        asio::buffer(text, 1), asio::buffer(text.substr(1, 0)), asio::buffer(text),
        asio::buffer(large)};
    std::size_t written = 0;
    ends.client->async_write_some(buffers, [&](std::error_code, std::size_t n) { written = n; });
    ends.io.run();
    CHECK(written == 16 * 1024);
    ends.io.restart();
    ends.client->async_write_some(std::array{asio::buffer(text, 2), asio::buffer(text)},
                                  [&](std::error_code, std::size_t n) { written = n; });
    std::string received(100, ' ');
    ends.server->async_read_some(asio::buffer(received), [](std::error_code, std::size_t) {});
    ends.io.run();
    CHECK(written == 5);
    CHECK(received.starts_with("aabcx"));
}

TEST_CASE("a stream may be destroyed whatever it is at") {
    Ends ends;
    std::vector<std::error_code> errors;
    std::array<char, 10> into{};
    ends.client->async_read_some(asio::buffer(into), [&](std::error_code error, std::size_t) {
        errors.push_back(error);
    });
    ends.io.poll();
    SUBCASE("reading") {}
    SUBCASE("saying goodbye") { ends.client->end_output(); }
    SUBCASE("having said goodbye") {
        ends.client->end_output();
        ends.io.poll();
    }
    CHECK(errors.empty());
    ends.client.reset();
    ends.io.run();
    REQUIRE(errors.size() == 1);
    CHECK(errors.front());
}
