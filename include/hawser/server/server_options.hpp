#pragma once

#include <hawser/http/server_connection.hpp>
#include <hawser/net/link.hpp>
#include <hawser/net/listener.hpp>
#include <hawser/server/connection_caps.hpp>
#include <hawser/transport/secure_acceptor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace hawser::inline HAWSER_MODE {

struct ServerOptions {
    http::ServerConnectionOptions http = {};
    net::LinkOptions link = {};
    net::ListenOptions listen = {};
    /// Connections at a time, HTTP and WebSocket together; those beyond are answered 503. With TLS
    /// they count from the beginning of the handshake, and those beyond are closed without one.
    ConnectionCaps caps = {};
    /// The proxies whose `X-Forwarded-For` is believed, by address.
    std::vector<std::string> trusted_proxies = {};
    /// Makes this a server of https and wss: what `tls_acceptor` of the optional TLS part makes.
    std::shared_ptr<const SecureAcceptor> tls = nullptr;
};

}  // namespace hawser::inline HAWSER_MODE
