#pragma once

#include "socket.hpp"

#include <hawser/server.hpp>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <chrono>
#include <system_error>
#include <utility>

namespace bench {

/// How a server's application takes its messages.
enum class Form { callbacks, coroutine };

/// What is wrong with a server. A benchmark that does not notice measures nothing.
enum class Fault { none, changed_byte };

/// Serves what `router` leads to, on a port that the system chooses, until the other end of
/// `control` is closed. What a `ServerProcess` runs.
inline void host(asio::io_context& io, hawser::Router router, Descriptor control) {
    hawser::ServerOptions options;
    options.http.idle_timeout = std::chrono::minutes{10};  // a generator may be busy elsewhere
    hawser::Server server{io.get_executor(), std::move(router), std::move(options)};
    if (const auto error = server.listen("127.0.0.1", 0)) throw std::system_error{error, "listen"};
    const std::uint16_t port = server.port();
    if (::write(control.number(), &port, sizeof port) != sizeof port) throw_errno("write");

    using Local = asio::local::stream_protocol;
    Local::socket line{io, Local{}, control.release()};
    // Not drained: the clients are gone, and can answer to no close.
    line.async_wait(Local::socket::wait_read, [&](std::error_code) { server.stop(); });
    io.run();
}

}  // namespace bench
