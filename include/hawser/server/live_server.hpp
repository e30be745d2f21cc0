#pragma once

#include <hawser/channel/completion.hpp>
#include <hawser/net/any_stream.hpp>
#include <hawser/net/best_stream.hpp>
#include <hawser/net/listener.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/server/connection_caps.hpp>
#include <hawser/server/farewell.hpp>
#include <hawser/server/http_connection.hpp>
#include <hawser/server/router.hpp>
#include <hawser/server/server_options.hpp>

#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// What stands behind a `Server`: its listeners, its connections, and the course of its drain.
class LiveServer final : public std::enable_shared_from_this<LiveServer>,
                         private net::Timer,
                         private net::Deferred {
public:
    using Done = Completion<void(std::error_code)>;

    LiveServer(const asio::any_io_executor& executor, Router router, ServerOptions options);
    LiveServer(const LiveServer&) = delete;
    LiveServer& operator=(const LiveServer&) = delete;
    ~LiveServer() { loop_->disarm(*this); }

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept {
        return loop_->executor();
    }
    [[nodiscard]] std::size_t connections() const noexcept { return counter_.size(); }

    [[nodiscard]] std::error_code listen(const asio::ip::tcp::endpoint& endpoint);
    [[nodiscard]] std::error_code listen(const asio::local::stream_protocol::endpoint& endpoint);
    [[nodiscard]] std::uint16_t port() const;

    void serve(net::AnyStream stream, PeerFacts peer);

    void drain(Duration within, Done done);
    void stop();

private:
    using Tcp = asio::ip::tcp;
    using Local = asio::local::stream_protocol;

    void accepted(Tcp::socket socket);
    /// Serves a plain socket that was accepted here, of either protocol.
    void serve_best(asio::generic::stream_protocol::socket socket, PeerFacts peer);
    /// Serves a stream whose peer has its place.
    void serve_admitted(net::AnyStream stream, PeerFacts peer);
    void end_service();
    void channels_over();
    void expired() noexcept override;
    void end_of_turn() override;

    std::shared_ptr<net::Loop> loop_;
    ServerOptions options_;
    std::shared_ptr<const HttpHost> host_;
    ConnectionCounter counter_;
    std::vector<std::shared_ptr<net::Listener<Tcp>>> listeners_;
    std::vector<std::shared_ptr<net::Listener<Local>>> local_listeners_;
    Roster<HttpPeer> peers_;
    /// Routes that have not drained yet.
    std::size_t draining_ = 0;
    /// Nobody is served any more.
    bool is_over_ = false;
    std::vector<Done> drained_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/live_server.ipp>
#endif
