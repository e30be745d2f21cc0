#pragma once

#include <hawser/core/config.hpp>

#include <asio/buffer.hpp>
#include <asio/socket_base.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

namespace detail {
/// Stands for any completion handler of a read or write in the concepts below.
struct TransferHandler {
    void operator()(std::error_code, std::size_t) const {}
};
/// Stands for any completion handler of a wait.
struct WaitHandler {
    void operator()(std::error_code) const {}
};
}  // namespace detail

/// An Asio stream that reads some, writes some, closes and has an executor: TCP and local sockets,
/// TLS streams, the in-memory streams of tests. Destroying it closes it.
template <class Stream>
concept ByteStream =
    std::move_constructible<Stream> &&
    requires(Stream stream, asio::mutable_buffer into, std::array<asio::const_buffer, 2> from,
             std::error_code error) {
        stream.get_executor();
        stream.async_read_some(into, detail::TransferHandler{});
        stream.async_write_some(from, detail::TransferHandler{});
        stream.close(error);
    };

/// A stream that can be waited for and then read and written without blocking, so that nothing is
/// kept in memory while it is idle: plain sockets.
template <class Stream>
concept WaitableStream =
    ByteStream<Stream> &&
    requires(Stream stream, asio::mutable_buffer into, std::array<asio::const_buffer, 2> from,
             std::error_code error) {
        stream.async_wait(asio::socket_base::wait_read, detail::WaitHandler{});
        { stream.read_some(into, error) } -> std::same_as<std::size_t>;
        { stream.write_some(from, error) } -> std::same_as<std::size_t>;
        stream.non_blocking(true, error);
        stream.shutdown(asio::socket_base::shutdown_send, error);
        stream.cancel(error);
    };

}  // namespace hawser::inline HAWSER_MODE::net
