#pragma once

#include <hawser/http/server_connection.hpp>
#include <hawser/net/any_stream.hpp>
#include <hawser/net/link.hpp>
#include <hawser/net/listener.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/server/connection_caps.hpp>

#include <asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

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

    /// Begins the handshake of an accepted socket; `handler` is called once, on the loop's executor.
    /// Where it fails, or takes longer than `patience`, the socket is closed and `handler` destroyed
    /// uncalled.
    virtual void secure(const std::shared_ptr<net::Loop>& loop, asio::ip::tcp::socket socket,
                        Duration patience, Handler handler) const = 0;
};

struct ServerOptions {
    http::ServerConnectionOptions http = {};
    net::LinkOptions link = {};
    net::ListenOptions listen = {};
    /// Connections at a time, HTTP and WebSocket together; those beyond are answered 503.
    ConnectionCaps caps = {};
    /// The proxies whose `X-Forwarded-For` is believed, by address.
    std::vector<std::string> trusted_proxies = {};
    /// Makes this a server of https and wss: what `tls_acceptor` of the optional TLS part makes.
    std::shared_ptr<const SecureAcceptor> tls = nullptr;
};

}  // namespace hawser::inline HAWSER_MODE
