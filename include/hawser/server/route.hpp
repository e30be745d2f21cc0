#pragma once

#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>
#include <hawser/transport/peer_facts.hpp>
#include <hawser/transport/responder.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <optional>

namespace hawser::inline HAWSER_MODE {

class WebSocketEndpoint;

/// What is to be done about a request whose head has arrived.
struct HeadVerdict {
    /// The answer, where the body need not be read.
    std::optional<http::Response> answer = {};
    /// Else how long the body may be, and the answer where it is longer (by default a plain 413).
    std::size_t body_limit = 0;
    std::optional<http::Response> too_big = {};
};

/// What stands behind a path of a `Router`: an endpoint, a handler of the application, or whatever
/// implements this. Shared by the servers of all executors: every function may be called on each of
/// them, and concerns that executor.
class Route {
public:
    virtual ~Route() = default;

    /// Judges a request by its head, before its body is read.
    [[nodiscard]] virtual HeadVerdict judge(const http::RequestHead& head,
                                            const PeerFacts& peer) = 0;
    /// Answers a request whose head was judged well; now or later.
    virtual void handle(http::Request request, const PeerFacts& peer, Responder responder) = 0;
    /// The endpoint that upgrades at this path go to; null where there is none.
    [[nodiscard]] virtual WebSocketEndpoint* upgrades_to() noexcept { return nullptr; }

    /// Opens no more channels on `executor`, and closes those that are open with 1001.
    virtual void drain(const asio::any_io_executor& executor) { static_cast<void>(executor); }
    /// Calls `then` on `executor` when no channel is left there.
    virtual void when_drained(const asio::any_io_executor& executor, std::function<void()> then) {
        static_cast<void>(executor);
        then();
    }
    /// Ends all channels of `executor` at once.
    virtual void abort(const asio::any_io_executor& executor) { static_cast<void>(executor); }
};

}  // namespace hawser::inline HAWSER_MODE
