#pragma once

#include <hawser/polling/client_session.hpp>
#include <hawser/transport/exchange_lane.hpp>
#include <hawser/transport/session_carrier.hpp>

#include <functional>
#include <memory>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// The client's end of a polling session: takes the engine's exchanges to two HTTP connections, so
/// that it can send while a receive is held, and their outcomes back.
class PollingClientCarrier final : public SessionCarrier<polling::ClientSession> {
public:
    /// Called once, when the session is open (with no error) or has failed to open.
    using OnOpen = std::function<void(std::error_code, std::shared_ptr<PollingClientCarrier>)>;

    struct Parts {
        http::Url url;
        std::shared_ptr<const PollingOptions> options;
        std::shared_ptr<const SecureDialer> secure;
        std::shared_ptr<net::Loop> loop;
        OnOpen on_open;
    };

    explicit PollingClientCarrier(Parts parts);

    /// Begins to open the session; keeps itself alive until it is finished.
    void start();

private:
    [[nodiscard]] std::shared_ptr<ExchangeLane> make_lane(polling::Lane lane);
    [[nodiscard]] ExchangeLane& lane(polling::Lane which) noexcept;
    void exchanged(polling::Lane which, std::error_code error,
                   const http::ReceivedResponse& response);

    // SessionCarrier
    void handle(Event&& event) override;
    void ended(const CloseReason& reason) override;
    void turned() override;

    http::Url url_;
    std::shared_ptr<const PollingOptions> options_;
    std::shared_ptr<const SecureDialer> secure_;
    /// Null when it has been called.
    OnOpen on_open_;
    std::shared_ptr<ExchangeLane> receive_lane_;
    std::shared_ptr<ExchangeLane> send_lane_;
    bool is_kept_ = false;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/transport/detail/polling_client.ipp>
#endif
