#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/core/guarantee.hpp>
#include <hawser/net/link.hpp>
#include <hawser/transport/carrier_address.hpp>
#include <hawser/transport/head_facts.hpp>
#include <hawser/transport/outgoing.hpp>
#include <hawser/transport/peer_facts.hpp>
#include <hawser/transport/roster.hpp>
#include <hawser/websocket/connection.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace hawser::inline HAWSER_MODE {

class WebSocketCarrier;

/// How WebSocket channels behave, on either side.
struct WebSocketOptions {
    websocket::ConnectionOptions connection = {};
    /// Server: which upgrades are accepted, and how.
    websocket::HandshakeOptions handshake = {};
    /// Server: the application's say, after the handshake was found good.
    Admit admit = {};
    /// Client: what is asked for.
    websocket::ClientHandshakeOptions request = {};
    InboxLimits inbox = {};
    /// Compresses messages where the peer can too; what `hawser::deflate` of the optional part
    /// <hawser/deflate.hpp> makes. Null: none is negotiated.
    std::shared_ptr<const websocket::Compression> compression = nullptr;
    net::LinkOptions link = {};
    /// Whether `info()` keeps the target and header fields of the peer's handshake.
    bool keep_head = true;
};

/// `Error::bad_argument` where the options do not fit together: a backlog too small for the
/// messages, an inbox that takes nothing, a subprotocol that is no token.
[[nodiscard]] HAWSER_DECL std::error_code check(const WebSocketOptions& options);

/// RFC 6455: a handshake, then a connection on which both sides send at any time.
struct WebSocket {
    static constexpr std::string_view name = "websocket";
    static constexpr Guarantee guarantee = Guarantee::at_most_once;
    using Options = WebSocketOptions;
    using Carrier = WebSocketCarrier;
};

/// Moves the messages of one WebSocket channel; what is common to all streams.
class WebSocketCarrier : public Carrier, public RosterMember<WebSocketCarrier> {
public:
    /// Called once, when the connection is open (with no error) or has failed to open.
    using OnOpen = std::function<void(std::error_code, std::shared_ptr<WebSocketCarrier>)>;

    std::error_code send(Message message, WhenFull when_full) final;
    void close(CloseReason reason) final;
    void abort() final;
    void attend() final;
    [[nodiscard]] Guarantee guarantee() const noexcept final { return WebSocket::guarantee; }
    [[nodiscard]] BacklogState backlog() const final;
    [[nodiscard]] Counters counters() const final;
    [[nodiscard]] ChannelFacts info() const final { return info_; }
    [[nodiscard]] std::shared_ptr<Address> address() final;

protected:
    WebSocketCarrier(asio::any_io_executor executor,
                     std::shared_ptr<const WebSocketOptions> options, ChannelFacts::Block facts,
                     OnOpen on_open);

    [[nodiscard]] const WebSocketOptions& options() const noexcept { return *options_; }

    /// Handles one event of the engine.
    void take(websocket::Connection::Event&& event);
    /// Looks after the application's side at the end of a turn.
    void end_turn(std::size_t unsent);
    /// Whether the application wants to see nothing more of the connection.
    [[nodiscard]] bool is_aborted() const noexcept { return aborted_ && port().is_closed(); }

private:
    [[nodiscard]] virtual websocket::Connection& connection() noexcept = 0;
    [[nodiscard]] virtual const websocket::Connection& connection() const noexcept = 0;
    virtual void connection_changed() = 0;
    [[nodiscard]] virtual const std::shared_ptr<net::Mailroom>& mailroom() const noexcept = 0;

    void open(websocket::Opened opened);
    void end(CloseReason reason);
    void match_reading_to_room();

    std::shared_ptr<const WebSocketOptions> options_;
    ChannelFacts info_;
    std::unique_ptr<ChannelFacts::Block> facts_;
    OnOpen on_open_;
    std::shared_ptr<CarrierAddress> address_;
    std::uint64_t sent_ = 0;
    bool closing_ = false;
    bool aborted_ = false;
};

/// A WebSocket channel's carrier on one kind of stream.
template <net::ByteStream Stream>
class WebSocketLink final
    : public WebSocketCarrier,
      public net::Link<WebSocketLink<Stream>, Stream, websocket::Connection> {
    using Link = net::Link<WebSocketLink, Stream, websocket::Connection>;

public:
    /// What a link is made of: the engine, in either role, already knows its options.
    struct Parts {
        Stream stream;
        websocket::Connection connection;
        std::shared_ptr<net::Loop> loop;
        std::shared_ptr<const WebSocketOptions> options;
        ChannelFacts::Block facts;
        OnOpen on_open;
        /// Held until the connection has ended.
        std::shared_ptr<const void> place = nullptr;
    };

    explicit WebSocketLink(Parts parts)
        : WebSocketCarrier{parts.loop->executor(), parts.options, std::move(parts.facts),
                           std::move(parts.on_open)},
          Link{std::move(parts.stream), std::move(parts.connection), std::move(parts.loop),
               parts.options->link},
          place_{std::move(parts.place)} {}

    void on_event(websocket::Connection::Event&& event) { this->take(std::move(event)); }
    void on_output(std::size_t unsent) {
        WebSocketCarrier::end_turn(unsent);
        if (this->is_aborted()) this->cut();
    }
    void on_end() {
        place_.reset();
        this->leave_roster();
    }

private:
    websocket::Connection& connection() noexcept override { return this->engine(); }
    const websocket::Connection& connection() const noexcept override { return this->engine(); }
    void connection_changed() override { this->engine_changed(); }
    const std::shared_ptr<net::Mailroom>& mailroom() const noexcept override {
        return this->loop().mailroom();
    }

    std::shared_ptr<const void> place_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/transport/detail/websocket.ipp>
#endif
