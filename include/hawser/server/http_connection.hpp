#pragma once

#include <hawser/http/server_connection.hpp>
#include <hawser/net/link.hpp>
#include <hawser/server/forwarded.hpp>
#include <hawser/server/held_request.hpp>
#include <hawser/server/router.hpp>
#include <hawser/server/websocket_endpoint.hpp>
#include <hawser/transport/responder.hpp>
#include <hawser/transport/roster.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// What all connections of one server share; outlives them.
struct HttpHost {
    Router router;
    http::ServerConnectionOptions http;
    net::LinkOptions link;
    std::vector<std::string> trusted_proxies;
};

/// An HTTP connection of a server, as its roster sees it.
class HttpPeer : public RosterMember<HttpPeer> {
public:
    virtual ~HttpPeer() = default;

    /// Ends the connection when it has answered what it is at; at once where it is idle.
    virtual void shut_down() = 0;
    /// Closes the connection at once.
    virtual void cut_off() = 0;
};

/// One HTTP connection of a server: takes requests from the engine to the routes and answers back,
/// and gives the stream away when it becomes a WebSocket.
class HttpConnection final : public Asker,
                             public HttpPeer,
                             public std::enable_shared_from_this<HttpConnection>,
                             public net::Link<HttpConnection, http::ServerConnection> {
public:
    HttpConnection(net::AnyStream stream, PeerFacts peer, std::shared_ptr<const HttpHost> host,
                   std::shared_ptr<net::Loop> loop);
    ~HttpConnection() override { held_.give_up(loop().executor()); }

    // Asker
    [[nodiscard]] asio::any_io_executor executor() const override {
        return loop().executor();
    }
    [[nodiscard]] const std::shared_ptr<net::Mailroom>& mailroom() const noexcept override {
        return loop().mailroom();
    }
    void answer(AskNumber number, http::Response response) override;
    void hold(AskNumber number, std::weak_ptr<Holder> holder, std::uint64_t request) override;

    // HttpPeer
    void shut_down() override;
    void cut_off() override { cut(); }

    // net::Link
    void on_event(http::ServerConnection::Event&& event);
    void on_output(std::size_t unsent);
    void on_end();

private:
    void judge(const http::RequestHead& head, const PeerFacts& peer);
    /// Calls `use(const PeerFacts&)` with where a request comes from.
    template <class Use>
    void with_peer_of(const http::RequestHead& head, Use use);
    void handle(http::Request request);
    void interrupted();
    void upgrade();
    void upgrade(const http::RequestHead& head, const PeerFacts& peer);
    /// Whether all answers have been written.
    [[nodiscard]] bool has_written() const noexcept {
        return !is_broken() && unsent() == 0 && !engine().has_output();
    }

    std::shared_ptr<const HttpHost> host_;
    std::unique_ptr<PeerFacts> peer_;
    /// Where the present request goes.
    std::shared_ptr<Route> route_;
    /// An upgrade that waits for earlier answers to leave.
    std::unique_ptr<http::Request> upgrade_;
    AskNumber asked_ = 0;
    HeldRequest held_;
    /// The request that `held_` is about, and the latest that its route has answered.
    AskNumber held_number_ = 0;
    AskNumber answered_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/http_connection.ipp>
#endif
