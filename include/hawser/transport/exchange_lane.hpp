#pragma once

#include <hawser/http/client_connection.hpp>
#include <hawser/http/url.hpp>
#include <hawser/net/link.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/transport/dialer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Performs exchanges with one server, one after the other, on a connection that it keeps as long
/// as the server does. Owned by a `std::shared_ptr`.
class ExchangeLane : public std::enable_shared_from_this<ExchangeLane> {
public:
    /// Told the outcome of each exchange once: a response, or why there is none.
    using OnOutcome = std::function<void(std::error_code, http::ReceivedResponse)>;

    struct Parts {
        std::shared_ptr<net::Loop> loop;
        http::Url url;
        http::ClientConnectionOptions connection;
        net::LinkOptions link;
        std::shared_ptr<const SecureDialer> secure;
        OnOutcome on_outcome;
    };

    explicit ExchangeLane(Parts parts)
        : parts_{std::move(parts)},
          connection_options_{
              std::make_shared<const http::ClientConnectionOptions>(parts_.connection)} {}
    ExchangeLane(const ExchangeLane&) = delete;
    ExchangeLane& operator=(const ExchangeLane&) = delete;
    ~ExchangeLane() { drop_connection(); }

    /// Performs an exchange; not while another is under way. `times.progress` is also the patience
    /// for connecting. Where a kept connection turns out to be dead before a byte of the response,
    /// the request is made once more on a new one (RFC 9112 §9.3.1): so it must be one that may be
    /// repeated. Whatever else fails, a deadline too, is the outcome.
    void perform(http::RequestHead head, Output body, const http::ExchangeTimes& times);
    /// Gives up the exchange under way, with its connection.
    void cancel();

private:
    /// How far the response had come when its connection ended.
    enum class Response : std::uint8_t { awaited, begun };

    class Engine;
    class Connection;

    struct Exchange {
        http::RequestHead head;
        Output body;
        http::ExchangeTimes times;
        bool is_on_kept_connection = false;
    };

    void dial();
    void connected(std::error_code error, net::AnyStream stream);
    void ask();
    void responded(http::ReceivedResponse response);
    void ended(const Connection* connection, std::error_code error, Response response);
    void finish(std::error_code error, http::ReceivedResponse response);
    void drop_connection();

    Parts parts_;
    /// Shared with the connections, which may outlive the lane.
    std::shared_ptr<const http::ClientConnectionOptions> connection_options_;
    std::unique_ptr<DialAttempt> attempt_;
    std::shared_ptr<Connection> connection_;
    std::optional<Exchange> exchange_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/transport/detail/exchange_lane.ipp>
#endif
