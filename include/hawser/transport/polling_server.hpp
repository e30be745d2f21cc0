#pragma once

#include <hawser/polling/door.hpp>
#include <hawser/polling/server_session.hpp>
#include <hawser/transport/responder.hpp>
#include <hawser/transport/roster.hpp>
#include <hawser/transport/session_carrier.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// The server's end of a polling session: takes requests to the engine and its answers back. It is
/// a member of its endpoint's roster until the client has seen the end.
class PollingServerCarrier final : public SessionCarrier<polling::ServerSession>,
                                   public Holder,
                                   public RosterMember<PollingServerCarrier> {
public:
    /// What its endpoint wants to know; each called at most once, on the executor, with the token.
    struct Observer {
        /// The session is used for the first time: there is a channel.
        std::function<void(std::shared_ptr<PollingServerCarrier>)> opened;
        /// The session may be evicted.
        std::function<void(const std::string&)> over;
        /// The session is gone.
        std::function<void(const std::string&)> finished;
    };

    struct Parts {
        std::string token;
        std::shared_ptr<const PollingOptions> options;
        std::shared_ptr<net::Loop> loop;
        std::shared_ptr<const Observer> observer;
        ChannelFacts::Block facts;
    };

    explicit PollingServerCarrier(Parts parts);

    /// Begins its first deadline.
    void start() { turn(); }
    /// A request of the client, to be answered to `responder`. `audience` is what `Door::audience`
    /// says of its head.
    void receive(const polling::ReceiveRequest& request, std::string audience, Responder responder);
    using SessionCarrier::send;  // the channel's, too
    void send(polling::SendRequest request, std::string audience, Responder responder);

private:
    struct Asked {
        polling::RequestId id;
        std::string audience;
        Responder responder;
    };

    [[nodiscard]] polling::RequestId remember(std::string audience, Responder responder);
    [[nodiscard]] std::optional<Asked> forget(polling::RequestId id);
    void answer(polling::ServerSession::Answer answer);

    // SessionCarrier
    void handle(Event&& event) override;
    void ended(const CloseReason&) override {}
    void turned() override;

    // Holder
    void hurry(std::uint64_t request, const asio::any_io_executor& current) override;
    void written(std::uint64_t request, const asio::any_io_executor& current) override;
    void give_up(std::uint64_t request, const asio::any_io_executor& current) override;
    using Action = void (PollingServerCarrier::*)(std::uint64_t request);
    /// Calls `action` on its own executor: at once, where that is `current`.
    void on_own_executor(const asio::any_io_executor& current, Action action,
                         std::uint64_t request);
    void interrupt(std::uint64_t request);
    void note_written(std::uint64_t request);
    void disconnect(std::uint64_t request);

    std::string token_;
    std::shared_ptr<const PollingOptions> options_;
    std::shared_ptr<const Observer> observer_;
    std::unique_ptr<ChannelFacts::Block> facts_;
    /// Requests that wait for their answers.
    std::vector<Asked> asked_;
    polling::RequestId last_id_ = 0;
    bool over_told_ = false;
    bool finished_told_ = false;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/transport/detail/polling_server.ipp>
#endif
