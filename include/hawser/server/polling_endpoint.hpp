#pragma once

#include <hawser/core/entropy.hpp>
#include <hawser/polling/door.hpp>
#include <hawser/server/route.hpp>
#include <hawser/server/shards.hpp>
#include <hawser/session/registry.hpp>
#include <hawser/transport/polling_server.hpp>

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// What stands behind `Endpoint<LongPolling>` and `Endpoint<Polling>`: the sessions, each on the
/// executor that its first request came to, and the way of every request to its session.
class PollingEndpoint final : public Route, public std::enable_shared_from_this<PollingEndpoint> {
public:
    /// Takes each channel's carrier at its session's first use, on its executor.
    using OnOpen = std::function<void(std::shared_ptr<PollingCarrier>)>;

    PollingEndpoint(const std::vector<asio::any_io_executor>& executors, PollingOptions options,
                    OnOpen on_open);

    // Route
    HeadVerdict judge(const http::RequestHead& head, const PeerFacts& peer) override;
    void handle(http::Request request, const PeerFacts& peer, Responder responder) override;
    void drain(const asio::any_io_executor& executor) override;
    void when_drained(const asio::any_io_executor& executor, std::function<void()> then) override;
    void abort(const asio::any_io_executor& executor) override;

private:
    using Sessions = session::Registry<std::shared_ptr<PollingServerCarrier>>;

    using SessionRequest = std::variant<polling::ReceiveRequest, polling::SendRequest>;

    /// The sessions of one executor.
    struct Shard {
        Shard(std::shared_ptr<net::Loop> of, const session::Caps& caps)
            : loop{std::move(of)}, sessions{caps} {}

        std::shared_ptr<net::Loop> loop;
        Sessions sessions;
        Roster<PollingServerCarrier> living;
        std::shared_ptr<const PollingServerCarrier::Observer> observer = {};
        bool is_draining = false;
    };

    [[nodiscard]] std::shared_ptr<const PollingServerCarrier::Observer> observer_of(Shard& shard);
    [[nodiscard]] http::Response open(Shard& shard, std::uint8_t index,
                                      const http::RequestHead& head, const PeerFacts& peer);
    [[nodiscard]] http::Response unknown_session(std::string_view audience) const {
        return door_.refuse(polling::Refusal::unknown_session, audience);
    }
    /// Has the session of `token` handle `asked` on its executor, or answers that there is none.
    void pass_on(std::string_view token, SessionRequest asked, std::string audience,
                 Responder responder);

    OnOpen on_open_;
    std::shared_ptr<const PollingOptions> options_;
    polling::Door door_;
    Shards<Shard> shards_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/polling_endpoint.ipp>
#endif
