#pragma once

#include <hawser/core/config.hpp>
#include <hawser/net/epoll_stream.hpp>

#include <asio/basic_stream_socket.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// Calls `use` with the best stream for what `socket` is connected to: the one place where that is
/// chosen.
///
/// * An `EpollStream` on Linux, unless the program was built with HAWSER_NO_EPOLL, where the socket
///   is on the executor of an `io_context` itself, which then has one thread.
/// * The socket as it is everywhere else: on strands, which several threads may run, and on other
///   execution contexts, where there is no set, and other systems.
///
/// TLS is not asked: it reads and writes through Asio's sockets. Nor are streams that an
/// application brings: they are used as they are.
template <class Protocol, class Executor, class Use>
void with_best_stream(asio::basic_stream_socket<Protocol, Executor> socket, Use use) {
#if defined(HAWSER_HAS_EPOLL)
    if (EpollSet* const set = EpollSet::of(socket.get_executor())) {
        return use(EpollStream{*set, std::move(socket)});
    }
#endif
    use(std::move(socket));
}

}  // namespace hawser::inline HAWSER_MODE::net
