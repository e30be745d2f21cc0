#include <hawser/net/transfer.hpp>

#include "net/scripted_stream.hpp"
#include "support/random.hpp"

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#define STREAMS test::ScriptedSocket, test::ScriptedStream

using namespace hawser;

namespace {

/// A transfer on a scripted stream.
template <class Stream>
struct Moving {
    ~Moving() { wire->abandon(); }

    /// Writes `output` to its end; says how many waits that took.
    std::size_t write(Output output) {
        std::size_t waits = 0;
        transfer.write(output, error);
        CHECK(output.empty());
        while (transfer.is_writing() && !error) {
            ++waits;
            transfer.wait_write(net::Waiter{[this](std::error_code e) {
                error = e;
                if (!e) transfer.go_on(error);
            }});
            io.restart();
            if (io.run() == 0) break;
        }
        return waits;
    }

    asio::io_context io{1};
    std::shared_ptr<test::Wire> wire = std::make_shared<test::Wire>(io.get_executor());
    net::TransferOf<Stream> transfer{Stream{wire}};
    std::error_code error;
};

std::string characters(const Output& output) {
    const auto bytes = output.flatten();
    return std::string{as_characters(bytes)};
}

/// Short pieces that are copied between long ones that are shared.
Output random_output(test::Random& random, std::size_t pieces) {
    Output output;
    for (std::size_t i = 0; i != pieces; ++i) {
        const std::size_t size = random.one_in(2) ? random.below(50) : random.below(20'000);
        output.append_frame(Message::text(random.text(size)));
    }
    return output;
}

}  // namespace

TEST_CASE("the pieces of an output become the buffers of one write, without a copy") {
    const Message large = Message::text(std::string(5000, 'x'));
    Output output;
    output.append("head");
    output.append_frame(large);
    output.append("tail");
    const net::Gathered gathered{output};
    REQUIRE(gathered.buffers().size() == 3);
    CHECK(gathered.buffers()[1].data() == large.frame().data());
    CHECK(gathered.size() == output.size());
    CHECK(net::Gathered{Output{}}.buffers().empty());
}

TEST_CASE("no more pieces are gathered than one write takes") {
    const Message large = Message::text(std::string(5000, 'x'));
    Output output;
    for (std::size_t i = 0; i != 100; ++i) output.append_frame(large);
    const net::Gathered gathered{output};
    CHECK(gathered.buffers().size() == net::Gathered::most);
    CHECK(gathered.size() == net::Gathered::most * large.frame().size());
}

TEST_CASE_TEMPLATE("large outputs arrive byte by byte as they are", Stream, STREAMS) {
    test::Random random;
    CAPTURE(random.seed());
    Moving<Stream> moving;
    std::string expected;
    for (unsigned round = 0; round != 30; ++round) {
        moving.wire->write_step = random.one_in(3) ? test::Wire::no_limit : 1 + random.below(9000);
        Output output = random_output(random, 1 + random.below(60));
        expected += characters(output);
        moving.write(std::move(output));
        REQUIRE(moving.wire->written.size() == expected.size());
    }
    CHECK(moving.wire->written == expected);
    CHECK(moving.transfer.unsent() == 0);
}

TEST_CASE("a socket is written to at once, and waited for only where it takes no more") {
    Moving<test::ScriptedSocket> moving;
    Output output;
    output.append("all of it");
    CHECK(moving.write(std::move(output)) == 0);
    CHECK(moving.wire->writes == 1);
    moving.wire->room = 3;
    output.append("part");
    std::error_code error;
    moving.transfer.write(output, error);
    CHECK(moving.transfer.unsent() == 1);
    CHECK(moving.wire->writes == 2);
}

TEST_CASE("what a broken socket does not take is dropped") {
    Moving<test::ScriptedSocket> moving;
    Output output;
    output.append("lost");
    SUBCASE("at the first write") { moving.wire->failing = 0; }
    SUBCASE("at a later one") {
        moving.wire->room = 1;
        std::error_code error;
        moving.transfer.write(output, error);
        REQUIRE(moving.transfer.is_writing());
        moving.wire->failing = moving.wire->operations;
        moving.transfer.go_on(moving.error);
    }
    if (!output.empty()) moving.write(std::move(output));
    CHECK(moving.error == asio::error::connection_reset);
    CHECK_FALSE(moving.transfer.is_writing());
}

TEST_CASE("a socket that has nothing is no error") {
    Moving<test::ScriptedSocket> moving;
    std::array<std::byte, 10> into{};
    CHECK(moving.transfer.read(into, moving.error) == 0);
    CHECK_FALSE(moving.error);
    moving.wire->end();
    CHECK(moving.transfer.read(into, moving.error) == 0);
    CHECK(moving.error == asio::error::eof);
}

TEST_CASE("what an asynchronous stream has read is given out bit by bit") {
    Moving<test::ScriptedStream> moving;
    std::error_code told = asio::error::in_progress;
    moving.wire->send("abcde");
    moving.transfer.wait_read(4, net::Waiter{[&](std::error_code e) { told = e; }});
    moving.io.run();
    CHECK_FALSE(told);
    std::array<std::byte, 3> into{};
    CHECK(moving.transfer.has_more());
    CHECK(moving.transfer.read(into, moving.error) == 3);
    CHECK(as_characters(into) == "abc");
    moving.transfer.rest();  // there is something left, so it does nothing
    CHECK(moving.transfer.read(into, moving.error) == 1);
    CHECK(into[0] == std::byte{'d'});
    CHECK_FALSE(moving.transfer.has_more());
    moving.transfer.rest();
    CHECK(moving.transfer.read(into, moving.error) == 0);
}
