#include <hawser/net/epoll_stream.hpp>

#include "net/kernel_interest.hpp"

#include <hawser/net/stream.hpp>
#include <hawser/net/transfer.hpp>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/epoll.h>

using namespace hawser;
using net::EpollStream;

static_assert(net::WaitableStream<EpollStream>);
static_assert(!std::is_copy_constructible_v<EpollStream>);
// A write that takes less than it was given is taken for one to a full socket.
static_assert(EpollStream::most_parts >= net::Gathered::most);
// With the place in the set, what an idle channel has for its socket; Asio's takes 88 bytes, and
// some 200 more in its reactor.
static_assert(sizeof(EpollStream) <= 64);

namespace {

using Socket = asio::local::stream_protocol::socket;

struct Fixture {
    Fixture() {
        Socket own{io};
        asio::local::connect_pair(own, peer);
        descriptor = own.native_handle();
        stream.emplace(stream_set(), std::move(own));
    }

    net::EpollSet& stream_set() { return *net::EpollSet::of(io.get_executor()); }
    void poll() {
        io.restart();
        io.poll();
    }
    void send(std::string_view bytes) { asio::write(peer, asio::buffer(bytes)); }
    /// What has arrived at the peer.
    std::string arrived() {
        std::string bytes(peer.available(), ' ');
        bytes.resize(peer.read_some(asio::buffer(bytes)));
        return bytes;
    }
    std::string read() {
        std::string bytes(100, ' ');
        bytes.resize(stream->read_some(asio::buffer(bytes), error));
        return bytes;
    }
    /// Writes until the stream takes no more; how much that was.
    std::size_t fill() {
        const std::string much(100'000, 'x');
        std::size_t size = 0;
        while (!error) size += stream->write_some(asio::buffer(much), error);
        CHECK(error == asio::error::would_block);
        return size;
    }

    asio::io_context io{1};
    Socket peer{io};
    int descriptor = -1;
    std::optional<EpollStream> stream;
    std::error_code error;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a stream takes over the descriptor of a socket, and closes it") {
    CHECK(stream->get_executor() == io.get_executor());
    EpollStream moved{*std::move(stream)};
    stream.reset();
    CHECK_NOTHROW(asio::write(peer, asio::buffer("x", 1)));
    SUBCASE("at its end") { const EpollStream last{std::move(moved)}; }
    SUBCASE("when it is told to") {
        moved.close(error);
        CHECK_FALSE(error);
        moved.close(error);
        CHECK_FALSE(error);
    }
    asio::write(peer, asio::buffer("x", 1), error);
    CHECK(error == asio::error::broken_pipe);
}

TEST_CASE_FIXTURE(Fixture, "a socket that is not open fails at each operation") {
    EpollStream closed{stream_set(), Socket{io}};
    std::string bytes(10, ' ');
    CHECK(closed.read_some(asio::buffer(bytes), error) == 0);
    CHECK(error == asio::error::bad_descriptor);
    CHECK(closed.write_some(asio::buffer(bytes), error) == 0);
    CHECK(error == asio::error::bad_descriptor);
    closed.shutdown(asio::socket_base::shutdown_send, error);
    CHECK(error == asio::error::bad_descriptor);
    std::vector<std::error_code> told;
    const auto note = [&](std::error_code e) { told.push_back(e); };
    closed.async_wait(asio::socket_base::wait_read, note);
    closed.async_wait(asio::socket_base::wait_write, note);
    CHECK(told.empty());
    io.run();
    CHECK(told == std::vector<std::error_code>(2, asio::error::bad_descriptor));
}

TEST_CASE_FIXTURE(Fixture, "it reads what has arrived, does not block, and tells the end") {
    CHECK(read().empty());
    CHECK(error == asio::error::would_block);
    send("one");
    CHECK(read() == "one");
    CHECK_FALSE(error);
    send("two");
    std::string two(2, ' ');
    CHECK(stream->read_some(asio::mutable_buffer{}, error) == 0);
    CHECK_FALSE(error);
    CHECK(stream->read_some(asio::buffer(two), error) == 2);
    CHECK(two == "tw");
    peer.close();
    CHECK(read() == "o");
    CHECK_FALSE(error);
    CHECK(read().empty());
    CHECK(error == asio::error::eof);
}

TEST_CASE_FIXTURE(Fixture, "it gathers the buffers of a write in their order") {
    stream->non_blocking(true, error);
    CHECK_FALSE(error);
    CHECK(stream->write_some(asio::buffer("one", 3), error) == 3);
    const std::array<asio::const_buffer, 3> parts{
        asio::buffer("t", 1), asio::const_buffer{}, asio::buffer("wo", 2)};
    CHECK(stream->write_some(parts, error) == 3);
    CHECK_FALSE(error);
    CHECK(arrived() == "onetwo");
    const std::vector<asio::const_buffer> many(2 * EpollStream::most_parts, asio::buffer("ab", 2));
    CHECK(stream->write_some(many, error) == 2 * EpollStream::most_parts);
    CHECK_FALSE(error);
    CHECK(arrived().size() == 2 * EpollStream::most_parts);
}

TEST_CASE_FIXTURE(Fixture, "a peer that has gone is an error of the write, and no signal") {
    peer.close();
    SUBCASE("one buffer") { stream->write_some(asio::buffer("x", 1), error); }
    SUBCASE("several") {
        stream->write_some(std::array{asio::buffer("x", 1), asio::buffer("y", 1)}, error);
    }
    CHECK(error == asio::error::broken_pipe);
}

TEST_CASE_FIXTURE(Fixture, "the peer learns of the end of the output, and can still be read") {
    stream->shutdown(asio::socket_base::shutdown_send, error);
    CHECK_FALSE(error);
    std::string bytes(10, ' ');
    peer.read_some(asio::buffer(bytes), error);
    CHECK(error == asio::error::eof);
    send("still");
    CHECK(read() == "still");
}

TEST_CASE_FIXTURE(Fixture, "it is waited for, to read and to write") {
    std::string order;
    stream->async_wait(asio::socket_base::wait_read, [&](std::error_code e) {
        CHECK_FALSE(e);
        order += 'r';
    });
    poll();
    CHECK(order.empty());
    send("x");
    poll();
    CHECK(order == "r");
    fill();
    stream->async_wait(asio::socket_base::wait_write, [&](std::error_code e) {
        CHECK_FALSE(e);
        order += 'w';
    });
    poll();
    CHECK(order == "r");
    while (peer.available() != 0) arrived();
    poll();
    CHECK(order == "rw");
}

TEST_CASE_FIXTURE(Fixture, "a message after another changes nothing that the kernel looks for") {
    int messages = 0;
    std::function<void(std::error_code)> echo = [&](std::error_code e) {
        if (e) return;
        ++messages;
        CHECK(stream->write_some(asio::buffer(read()), error) == 1);
        stream->async_wait(asio::socket_base::wait_read, echo);
        CHECK(test::kernel_interest(descriptor) == EPOLLIN);
    };
    stream->async_wait(asio::socket_base::wait_read, echo);
    for (int i = 0; i != 3; ++i) {
        CHECK(test::kernel_interest(descriptor) == EPOLLIN);
        send("x");
        poll();
    }
    CHECK(messages == 3);
    CHECK(arrived() == "xxx");
}

TEST_CASE_FIXTURE(Fixture, "those who wait are told that they wait in vain") {
    std::vector<std::error_code> told;
    stream->async_wait(asio::socket_base::wait_read, [&](std::error_code e) { told.push_back(e); });
    SUBCASE("by cancel") {
        stream->cancel(error);
        CHECK_FALSE(error);
    }
    SUBCASE("by close") { stream->close(error); }
    SUBCASE("by its end") { stream.reset(); }
    CHECK(told.empty());
    io.run();
    CHECK(told == std::vector<std::error_code>(1, asio::error::operation_aborted));
}

TEST_CASE_FIXTURE(Fixture, "a read that waits gives what arrives, whoever else has read before") {
    std::string bytes(10, ' ');
    std::size_t size = 0;
    std::error_code told = asio::error::in_progress;
    stream->async_read_some(asio::buffer(bytes), [&](std::error_code e, std::size_t s) {
        told = e;
        size = s;
    });
    send("one");
    CHECK(read() == "one");
    poll();
    CHECK(told == asio::error::in_progress);
    send("two");
    CHECK(told == asio::error::in_progress);
    poll();
    CHECK_FALSE(told);
    CHECK(bytes.substr(0, size) == "two");
}

TEST_CASE_FIXTURE(Fixture, "a read that is woken for nothing goes on waiting") {
    Socket own{io};
    Socket other{io};
    asio::local::connect_pair(own, other);
    EpollStream earlier{stream_set(), std::move(own)};
    // Called before the read, in the same batch, and takes what that was to get.
    earlier.async_wait(asio::socket_base::wait_read, [&](std::error_code) {
        CHECK(read() == "one");
    });
    std::string bytes(10, ' ');
    std::size_t size = 0;
    stream->async_read_some(asio::buffer(bytes), [&](std::error_code e, std::size_t s) {
        CHECK_FALSE(e);
        size = s;
    });
    asio::write(other, asio::buffer("x", 1));
    send("one");
    poll();
    CHECK(size == 0);
    send("two");
    poll();
    CHECK(bytes.substr(0, size) == "two");
}

TEST_CASE_FIXTURE(Fixture, "an asynchronous write waits until there is room") {
    const std::size_t filled = fill();
    std::size_t size = 0;
    const std::array<asio::const_buffer, 2> parts{asio::buffer("on", 2), asio::buffer("e", 1)};
    stream->async_write_some(parts, [&](std::error_code e, std::size_t s) {
        CHECK_FALSE(e);
        size = s;
    });
    poll();
    CHECK(size == 0);
    std::string all;
    while (peer.available() != 0) {
        all += arrived();
        poll();
    }
    CHECK(size == 3);
    CHECK(all == std::string(filled, 'x') + "one");
}
