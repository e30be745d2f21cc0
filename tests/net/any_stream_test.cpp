#include <hawser/net/any_stream.hpp>

#include "net/line_host.hpp"
#include "net/scripted_stream.hpp"
#include "net/socket_pair.hpp"

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace hawser;

static_assert(net::ByteStream<net::AnyStream>);
static_assert(!net::WaitableStream<net::AnyStream>);
static_assert(!std::is_constructible_v<net::AnyStream, int>);
static_assert(!std::is_copy_constructible_v<net::AnyStream>);

TEST_CASE("a stream of any type is read, written, ended and closed") {
    asio::io_context io{1};
    const auto wire = std::make_shared<test::Wire>(io.get_executor());
    net::AnyStream moved{test::ScriptedStream{wire}};
    net::AnyStream stream = std::move(moved);
    CHECK(stream.get_executor() == asio::any_io_executor{io.get_executor()});

    std::string read(10, ' ');
    stream.async_read_some(asio::buffer(read), [&](std::error_code error, std::size_t size) {
        CHECK_FALSE(error);
        read.resize(size);
    });
    const std::array<asio::const_buffer, 2> buffers{asio::buffer("one", 3), asio::buffer("two", 3)};
    std::size_t written = 0;
    stream.async_write_some(buffers, [&](std::error_code, std::size_t size) { written = size; });
    wire->send("three");
    io.run();
    CHECK(read == "three");
    CHECK(written == 6);
    CHECK(wire->written == "onetwo");

    stream.end_output();
    CHECK(wire->is_output_ended);
    std::error_code error = asio::error::in_progress;
    stream.close(error);
    CHECK_FALSE(error);
    CHECK(wire->is_closed);
}

TEST_CASE("destroying it destroys the stream") {
    asio::io_context io{1};
    const auto wire = std::make_shared<test::Wire>(io.get_executor());
    { const net::AnyStream stream{test::ScriptedSocket{wire}}; }
    CHECK(wire->is_closed);
}

TEST_CASE("a link runs over it, and ends the output of a socket") {
    asio::io_context io{1};
    const auto loop = net::Loop::of(io.get_executor());
    auto [one, other] = test::connected_pair(io);
    using Host = test::LineHost<net::AnyStream>;
    Host::Log log;
    Host::Log peer_log;
    const auto host = std::make_shared<Host>(net::AnyStream{std::move(one)}, loop, log);
    const auto peer = std::make_shared<Host>(net::AnyStream{std::move(other)}, loop, peer_log);
    peer->on_line = test::echo<net::AnyStream>;
    host->on_line = [](auto& self, const std::string&) { self.engine().close(); };
    host->start();
    peer->start();
    host->command([](auto& engine) { engine.send("one\n"); });
    io.run();
    using Entries = std::vector<std::string>;
    CHECK(log.entries == Entries{"line one", "closed", "end"});
    CHECK(peer_log.entries == Entries{"line one", "closed", "end"});
    CHECK_FALSE(peer_log.error);
}
