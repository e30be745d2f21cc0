#pragma once

#include <hawser/core/time.hpp>
#include <hawser/net/any_stream.hpp>
#include <hawser/net/loop.hpp>

#include <asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>

namespace hawser::inline HAWSER_MODE {

/// Secures the streams of a server; the optional TLS part implements it.
class SecureAcceptor {
public:
    /// A secured stream, and what is known of it.
    struct Secured {
        net::AnyStream stream;
        std::string version;
        std::string cipher;
    };
    using Handler = std::function<void(Secured)>;

    virtual ~SecureAcceptor() = default;

    /// Begins the handshake of an accepted socket; `handler` is called once, on the loop's
    /// executor. Where it fails, or takes longer than `patience`, the socket is closed and
    /// `handler` destroyed uncalled.
    virtual void secure(const std::shared_ptr<net::Loop>& loop, asio::ip::tcp::socket socket,
                        Duration patience, Handler handler) const = 0;
};

}  // namespace hawser::inline HAWSER_MODE
