#include <hawser/net/best_stream.hpp>

#include "net/socket_pair.hpp"

#include <asio/io_context.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

using namespace hawser;

namespace {

#if defined(HAWSER_HAS_EPOLL)
template <class>
using StreamOfContext = net::EpollStream;
#else
template <class Socket>
using StreamOfContext = Socket;
#endif

/// Whether `Stream` is what is chosen for `socket`, and writes to its peer.
template <class Stream, class Socket>
bool becomes(Socket socket, Socket peer) {
    bool is_stream = false;
    net::with_best_stream(std::move(socket), [&](auto chosen) {
        is_stream = std::is_same_v<decltype(chosen), Stream>;
        std::error_code error;
        CHECK(chosen.write_some(asio::buffer("x", 1), error) == 1);
    });
    std::array<char, 2> byte{};
    return is_stream && peer.read_some(asio::buffer(byte)) == 1 && byte[0] == 'x';
}

using Tcp = asio::ip::tcp::socket;
using Local = asio::local::stream_protocol::socket;

template <class Context>
bool local_stays_a_socket(const Context& context) {
    Local one{context};
    Local two{context};
    asio::local::connect_pair(one, two);
    return becomes<Local>(std::move(one), std::move(two));
}

}  // namespace

TEST_CASE("a plain socket of an io_context gets the stream that costs the system least") {
    asio::io_context io;
    auto [one, two] = test::connected_pair(io);
    CHECK(becomes<StreamOfContext<Tcp>>(std::move(one), std::move(two)));
    Local first{io};
    Local second{io};
    asio::local::connect_pair(first, second);
    CHECK(becomes<StreamOfContext<Local>>(std::move(first), std::move(second)));
}

TEST_CASE("a socket of a strand or of another context stays as it is") {
    asio::io_context io;
    CHECK(local_stays_a_socket(asio::any_io_executor{asio::make_strand(io)}));
    asio::thread_pool pool{1};
    CHECK(local_stays_a_socket(asio::any_io_executor{pool.get_executor()}));
}
