#pragma once

#include <hawser/net/loop.hpp>
#include <hawser/server/route.hpp>
#include <hawser/server/shards.hpp>
#include <hawser/transport/websocket.hpp>

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// What stands behind `Endpoint<WebSocket>`: judges upgrades, and makes channels of streams.
class WebSocketEndpoint final : public Route,
                                public std::enable_shared_from_this<WebSocketEndpoint> {
public:
    /// Takes each channel's carrier when it is open, on its executor.
    using OnOpen = std::function<void(std::shared_ptr<WebSocketCarrier>)>;

    /// Throws std::system_error (`Error::bad_argument`) where options do not fit together.
    WebSocketEndpoint(const std::vector<asio::any_io_executor>& executors, WebSocketOptions options,
                      OnOpen on_open);

    /// Judges an upgrade for a stream of `executor`. One that names a session of polling is
    /// refused.
    [[nodiscard]] std::variant<websocket::Upgrade, http::Response>
    judge_upgrade(const http::RequestHead& head, const PeerFacts& peer,
                  const asio::any_io_executor& executor);

    /// Makes a channel of a stream whose upgrade was judged well. `unread` follows the request's
    /// head.
    void adopt(net::AnyStream stream, const http::RequestHead& head, websocket::Upgrade upgrade,
               ByteView unread, const PeerFacts& peer);

    // Route
    HeadVerdict judge(const http::RequestHead& head, const PeerFacts& peer) override;
    void handle(http::Request request, const PeerFacts& peer, Responder responder) override;
    WebSocketEndpoint* upgrades_to() noexcept override { return this; }
    void drain(const asio::any_io_executor& executor) override;
    void when_drained(const asio::any_io_executor& executor, std::function<void()> then) override;
    void abort(const asio::any_io_executor& executor) override;

private:
    /// What is alive on one executor.
    struct Shard {
        explicit Shard(std::shared_ptr<net::Loop> of) noexcept : loop{std::move(of)} {}

        std::shared_ptr<net::Loop> loop;
        Roster<WebSocketCarrier> carriers;
        bool is_draining = false;
    };

    [[nodiscard]] http::Response refuse_draining() const;

    std::shared_ptr<const WebSocketOptions> options_;
    OnOpen on_open_;
    Shards<Shard> shards_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/websocket_endpoint.ipp>
#endif
