#include <hawser/net/stream.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/local/stream_protocol.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <system_error>
#include <type_traits>

using namespace hawser;

namespace {

/// The least that is a byte stream: move-only, with handlers of any type.
struct LeastStream {
    explicit LeastStream(int) {}
    LeastStream(LeastStream&&) = default;

    asio::any_io_executor get_executor() { return {}; }
    template <class Handler>
    void async_read_some(asio::mutable_buffer, Handler&&) {}
    template <class Buffers, class Handler>
    void async_write_some(const Buffers&, Handler&&) {}
    void close(std::error_code&) {}
};

/// The least that can be waited for.
struct LeastSocket : LeastStream {
    using LeastStream::LeastStream;

    template <class Handler>
    void async_wait(asio::socket_base::wait_type, Handler&&) {}
    std::size_t read_some(asio::mutable_buffer, std::error_code&) { return 0; }
    template <class Buffers>
    std::size_t write_some(const Buffers&, std::error_code&) {
        return 0;
    }
    void non_blocking(bool, std::error_code&) {}
    void shutdown(asio::socket_base::shutdown_type, std::error_code&) {}
    void cancel(std::error_code&) {}
};

struct Immovable : LeastStream {
    using LeastStream::LeastStream;
    Immovable(Immovable&&) = delete;
};
struct WithoutClose : LeastStream {
    using LeastStream::LeastStream;
    void close(std::error_code&) = delete;
};
struct WithoutShutdown : LeastSocket {
    using LeastSocket::LeastSocket;
    void shutdown(asio::socket_base::shutdown_type, std::error_code&) = delete;
};
struct WithoutCancel : LeastSocket {
    using LeastSocket::LeastSocket;
    void cancel(std::error_code&) = delete;
};

template <class Stream>
constexpr bool only_asynchronous = net::ByteStream<Stream> && !net::WaitableStream<Stream>;

}  // namespace

TEST_CASE_TEMPLATE("sockets of streams can be waited for", Socket, asio::ip::tcp::socket,
                   asio::local::stream_protocol::socket, LeastSocket) {
    CHECK(net::ByteStream<Socket>);
    CHECK(net::WaitableStream<Socket>);
}

TEST_CASE_TEMPLATE("what lacks a part of waiting is a stream all the same", Stream, LeastStream,
                   WithoutShutdown, WithoutCancel) {
    CHECK(only_asynchronous<Stream>);
}

TEST_CASE_TEMPLATE("what cannot stream is no stream", Other, asio::ip::udp::socket,
                   asio::ip::tcp::acceptor, Immovable, WithoutClose, int) {
    CHECK_FALSE(net::ByteStream<Other>);
}
