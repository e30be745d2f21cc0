#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/core/guarantee.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/fields.hpp>
#include <hawser/net/link.hpp>
#include <hawser/polling/options.hpp>
#include <hawser/transport/peer_facts.hpp>

#include <chrono>
#include <string_view>

namespace hawser::inline HAWSER_MODE {

/// How polling channels behave, on either side.
struct PollingOptions {
    polling::ServerOptions server = {};
    polling::ClientOptions client = {};
    /// Server: the application's say in whether a session is opened.
    Admit admit = {};
    /// Client: more fields for every request (authorisation, cookies), made with
    /// `Fields::checked_add`.
    http::Fields fields = {};
    /// Client: what the connections underneath demand and wait for.
    net::LinkOptions link = {};
    /// Client: what the head of a reply may have.
    HeadLimits reply_head = {};
    /// Client: how long a connection is kept for the next request; shorter than servers keep it.
    Duration idle_timeout = std::chrono::seconds{45};
    /// Whether `info()` keeps the target and header fields of what opened the session.
    bool keep_head = true;
};

/// Moves the messages of one session over HTTP requests, in either role.
class PollingCarrier : public Carrier {
protected:
    using Carrier::Carrier;
};

/// HTTP long-polling: the server may hold a request until there is something to say. Serves clients
/// that poll without a hold as well.
struct LongPolling {
    static constexpr std::string_view name = "long-polling";
    static constexpr Guarantee guarantee = Guarantee::exactly_once;
    using Options = PollingOptions;
    using Carrier = PollingCarrier;

    /// The options as this policy has them.
    [[nodiscard]] static Options adapt(Options options) { return options; }
};

/// Ajax polling: the client asks again and again, and is answered at once. Long-polling with a hold
/// of zero.
struct Polling {
    static constexpr std::string_view name = "polling";
    static constexpr Guarantee guarantee = Guarantee::exactly_once;
    using Options = PollingOptions;
    using Carrier = PollingCarrier;

    [[nodiscard]] static Options adapt(Options options) {
        options.server.hold = Duration::zero();
        options.client.hold = Duration::zero();
        return options;
    }
};

}  // namespace hawser::inline HAWSER_MODE
