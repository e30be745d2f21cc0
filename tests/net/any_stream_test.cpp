#include <hawser/net/any_stream.hpp>

#include "net/scripted_stream.hpp"

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

using namespace hawser;

static_assert(std::is_convertible_v<test::ScriptedStream, net::AnyStream>);
static_assert(!std::is_constructible_v<net::AnyStream, int>);
static_assert(!std::is_copy_constructible_v<net::AnyStream>);

TEST_CASE_TEMPLATE("a stream of any type is waited for, read, written, ended and closed", Stream,
                   test::ScriptedSocket, test::ScriptedStream) {
    asio::io_context io{1};
    const auto wire = std::make_shared<test::Wire>(io.get_executor());
    net::AnyStream moved = Stream{wire};
    const net::AnyStream stream = std::move(moved);
    CHECK(stream.get_executor() == asio::any_io_executor{io.get_executor()});
    CHECK(stream->is_plain() == std::is_same_v<Stream, test::ScriptedSocket>);

    std::array<std::byte, 10> into{};
    std::size_t size = 0;
    std::error_code error;
    wire->send("three");
    stream->wait_read(into.size(), net::Waiter{[&](std::error_code failed) {
                          CHECK_FALSE(failed);
                          size = stream->read(into, error);
                      }});
    Output output;
    output.append("one");
    stream->write(output, error);
    if (stream->is_writing()) {
        stream->wait_write(net::Waiter{[&](std::error_code) { stream->go_on(error); }});
    }
    io.run();
    CHECK_FALSE(error);
    CHECK(as_characters(std::span{into}.first(size)) == "three");
    CHECK(wire->written == "one");
    CHECK(stream->unsent() == 0);

    stream->end_output();
    CHECK(wire->is_output_ended);
    stream->close();
    CHECK(wire->is_closed);
}

TEST_CASE("destroying it destroys the stream, and moving leaves none behind") {
    asio::io_context io{1};
    const auto wire = std::make_shared<test::Wire>(io.get_executor());
    net::AnyStream none;
    CHECK_FALSE(none);
    {
        net::AnyStream stream = test::ScriptedSocket{wire};
        none = std::move(stream);
        CHECK_FALSE(stream);
        CHECK(none);
        CHECK_FALSE(wire->is_closed);
        const net::AnyStream last = std::move(none);
    }
    CHECK(wire->is_closed);
}
