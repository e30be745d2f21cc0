#pragma once

#include <hawser/core/config.hpp>

#if defined(HAWSER_HAS_EPOLL)

#include <hawser/net/epoll_set.hpp>

#include <asio/basic_stream_socket.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/socket_base.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// A connected socket of any protocol, waited for in the epoll set of its context. Never blocks.
///
/// Its operations take plain handlers, and call them on the context, whatever executor or allocator
/// is associated with them. One read or wait to read may be under way, and one write or wait to
/// write; only waits survive a move of the stream.
class EpollStream {
public:
    using executor_type = asio::io_context::executor_type;

    /// Takes the descriptor out of `socket`; one that is not open fails at the first operation.
    template <class Protocol, class Executor>
    EpollStream(EpollSet& set, asio::basic_stream_socket<Protocol, Executor> socket)
        : watch_{set, take_out(socket)} {}

    [[nodiscard]] executor_type get_executor() const noexcept { return watch_.set().executor(); }

    /// Waits to read or to write. A wait may end although nothing has come.
    template <class Handler>
    void async_wait(asio::socket_base::wait_type what, Handler handler) {
        if (what == asio::socket_base::wait_write) {
            return watch_.wait_write(Waiter{std::move(handler)});
        }
        watch_.wait_read(Waiter{std::move(handler)});
    }

    /// Reads what has arrived; the error says `would_block` where nothing has.
    std::size_t read_some(asio::mutable_buffer into, std::error_code& error) noexcept;
    /// Writes what the socket takes of the first `most_parts` buffers; the error says `would_block`
    /// where it takes nothing.
    template <class Buffers>
    std::size_t write_some(const Buffers& from, std::error_code& error) noexcept {
        std::array<asio::const_buffer, most_parts> parts;
        std::size_t count = 0;
        const auto end = asio::buffer_sequence_end(from);
        for (auto at = asio::buffer_sequence_begin(from); at != end && count != most_parts; ++at) {
            parts[count++] = asio::const_buffer{*at};
        }
        return write_parts(std::span{parts}.first(count), error);
    }

    template <class Handler>
    void async_read_some(asio::mutable_buffer into, Handler handler) {
        watch_.wait_read(Waiter{
            [this, into, handler = std::move(handler)](std::error_code error) mutable {
                const std::size_t size = error ? 0 : read_some(into, error);
                if (is_for_later(error)) return async_read_some(into, std::move(handler));
                handler(error, size);
            }});
    }
    /// The buffers stay the caller's until the handler is called; their sequence is copied.
    template <class Buffers, class Handler>
    void async_write_some(const Buffers& from, Handler handler) {
        watch_.wait_write(Waiter{
            [this, from, handler = std::move(handler)](std::error_code error) mutable {
                const std::size_t size = error ? 0 : write_some(from, error);
                if (is_for_later(error)) return async_write_some(from, std::move(handler));
                handler(error, size);
            }});
    }

    /// Does nothing: no call blocks anyhow.
    void non_blocking(bool, std::error_code& error) noexcept { error.clear(); }
    void shutdown(asio::socket_base::shutdown_type what, std::error_code& error) noexcept;
    /// Whoever is called later learns of `operation_aborted`.
    void cancel(std::error_code& error) {
        watch_.cancel();
        error.clear();
    }
    void close(std::error_code& error) {
        watch_.close();
        error.clear();
    }

    static constexpr std::size_t most_parts = 16;

private:
    template <class Socket>
    [[nodiscard]] static int take_out(Socket& socket) {
        std::error_code not_open;
        const int descriptor = socket.release(not_open);
        return not_open ? -1 : descriptor;
    }
    [[nodiscard]] static bool is_for_later(std::error_code error) noexcept {
        return error == asio::error::would_block || error == asio::error::interrupted;
    }
    std::size_t write_parts(std::span<const asio::const_buffer> parts,
                            std::error_code& error) noexcept;

    Watch watch_;
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/epoll_stream.ipp>
#endif

#endif  // HAWSER_HAS_EPOLL
