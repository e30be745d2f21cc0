#pragma once

#include <hawser/server/accept_queue.hpp>
#include <hawser/server/farewell.hpp>
#include <hawser/server/foreign_asker.hpp>
#include <hawser/server/polling_endpoint.hpp>
#include <hawser/server/websocket_endpoint.hpp>
#include <hawser/transport/polling.hpp>
#include <hawser/transport/websocket.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// Hands out the channels of one transport to the server that an application composes, as an Asio
/// acceptor hands out sockets. Fed by the library's own `Server` through a `Router`, or by a
/// foreign server with `serve` (WebSocket) and `async_handle` (polling).
///
/// Thread safety: `async_accept`, `close` and the destructor belong to the first executor; the rest
/// may be called on each of the endpoint's executors. Channels live on the executor that their
/// stream, or the request that opened their session, came from.
template <Transport T>
class Endpoint {
    static constexpr bool is_websocket = std::same_as<T, WebSocket>;
    using Behind = std::conditional_t<is_websocket, WebSocketEndpoint, PollingEndpoint>;
    using Queue = AcceptQueue<T>;

public:
    using Options = typename T::Options;

    /// An endpoint for one executor. Throws std::system_error (`Error::bad_argument`) where options
    /// do not fit together.
    explicit Endpoint(const asio::any_io_executor& executor, Options options = {})
        : Endpoint{std::vector{executor}, std::move(options)} {}
    /// An endpoint shared by the servers of several executors.
    explicit Endpoint(const std::vector<asio::any_io_executor>& executors, Options options = {})
        : queue_{std::make_shared<Queue>(executors.front(), most_waiting)},
          behind_{std::make_shared<Behind>(
              executors, adapt(std::move(options)), [queue = queue_](auto carrier) {
                  queue->put(Channel<T>{
                      std::static_pointer_cast<typename T::Carrier>(std::move(carrier))});
              })} {}
    Endpoint(Endpoint&&) noexcept = default;
    Endpoint& operator=(Endpoint&&) noexcept = default;
    ~Endpoint() {
        if (queue_) queue_->close();
    }

    /// Completes with the next open channel. Any number may be outstanding. Channels that nobody
    /// accepts wait, at most 1,024 of them. Errors: `aborted` after `close()`.
    /// Token: `void(std::error_code, Channel<T>)`.
    template <class Token>
    auto async_accept(Token&& token) {
        return asio::async_initiate<Token, void(std::error_code, Channel<T>)>(
            [](auto handler, const std::shared_ptr<Queue>& queue) {
                queue->accept({std::move(handler), queue->executor()});
            },
            token, queue_);
    }

    /// Has `take(Channel<T>)` called with every channel, on the channel's own executor. Instead of
    /// `async_accept`, and before the first channel comes.
    template <std::invocable<Channel<T>> Take>
    void each(Take take) {
        queue_->set_taker(std::move(take));
    }

    /// Ends outstanding accepts; open channels are not affected.
    void close() { queue_->close(); }

    /// What a `Router` puts at a path.
    [[nodiscard]] std::shared_ptr<Behind> route() const noexcept { return behind_; }

    /// Takes a stream over whose upgrade request a foreign server has read: answers it, and makes
    /// it a channel where it is good. `unread` is what was read after the request's head. The
    /// stream's executor must be one of the endpoint's.
    void serve(net::AnyStream stream, const http::RequestHead& head, ByteView unread = {},
               const PeerFacts& peer = {})
        requires is_websocket
    {
        auto verdict = behind_->judge_upgrade(head, peer, stream.get_executor());
        if (auto* const refusal = std::get_if<http::Response>(&verdict)) {
            auto loop = net::Loop::of(stream.get_executor());
            return bid_farewell(std::move(stream), std::move(*refusal), std::move(loop));
        }
        behind_->adopt(std::move(stream), head, std::move(std::get<websocket::Upgrade>(verdict)),
                       unread, peer);
    }

    /// Answers a request that a foreign server has read, now or after the hold. The head is judged
    /// here too, but a foreign server should ask `judge` before it reads a body. Cancelling it
    /// tells that nobody waits for the answer any more, and frees the hold. Completes on the
    /// token's executor, else on the endpoint's first. With g++ 12 give the request and the peer
    /// names: it destroys an argument in braces twice where it stands beside co_await.
    /// Token: `void(http::Response)`.
    template <class Token>
        requires(!is_websocket)
    auto async_handle(http::Request request, PeerFacts peer, Token&& token) {
        return asio::async_initiate<Token, void(http::Response)>(
            [](auto handler, const std::shared_ptr<Behind>& behind,
               const asio::any_io_executor& executor, http::Request asked, PeerFacts from) {
                ask(behind, std::move(handler), executor, std::move(asked), std::move(from));
            },
            token, behind_, queue_->executor(), std::move(request), std::move(peer));
    }

    /// What is to be done about a request whose head a foreign server has read.
    [[nodiscard]] HeadVerdict judge(const http::RequestHead& head,
                                    const PeerFacts& peer = {}) const {
        return behind_->judge(head, peer);
    }

private:
    static constexpr std::size_t most_waiting = 1024;

    /// The options as the policy `T` has them.
    static Options adapt(Options options) {
        if constexpr (requires { T::adapt(options); }) options = T::adapt(std::move(options));
        return options;
    }

    std::shared_ptr<Queue> queue_;
    std::shared_ptr<Behind> behind_;
};

}  // namespace hawser::inline HAWSER_MODE
