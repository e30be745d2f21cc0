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

#include <cstdint>
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

/// Moves the messages of one WebSocket channel: the engine, in either role, at work on a stream.
class WebSocketCarrier final : public Carrier,
                               public net::Link<WebSocketCarrier, websocket::Connection>,
                               public RosterMember<WebSocketCarrier> {
public:
    /// Called once, when the connection is open (with no error) or has failed to open.
    using OnOpen = std::function<void(std::error_code, std::shared_ptr<WebSocketCarrier>)>;

    struct Parts {
        net::AnyStream stream;
        /// Knows its options already.
        websocket::Connection connection;
        std::shared_ptr<net::Loop> loop;
        std::shared_ptr<const WebSocketOptions> options;
        ChannelFacts::Block facts;
        OnOpen on_open;
        /// Held until the connection has ended.
        std::shared_ptr<const void> place = nullptr;
    };

    explicit WebSocketCarrier(Parts parts);

    // Carrier
    std::error_code send(Message message, WhenFull when_full) override;
    void close(CloseReason reason) override;
    void abort() override;
    void attend() override;
    [[nodiscard]] Guarantee guarantee() const noexcept override { return WebSocket::guarantee; }
    [[nodiscard]] BacklogState backlog() const override;
    [[nodiscard]] Counters counters() const override;
    [[nodiscard]] ChannelFacts info() const override { return info_; }
    [[nodiscard]] std::shared_ptr<Address> address() override;

    // net::Link
    void on_event(websocket::Connection::Event&& event);
    void on_output(std::size_t unsent);
    void on_end();

private:
    /// What is known and to be called when the connection opens.
    struct Opening {
        ChannelFacts::Block facts;
        OnOpen on_open;
    };
    /// What becomes of frames that came with the head of the handshake: they are held until the
    /// turn ends, then due when the application has had its own.
    enum class BehindHead : std::uint8_t { read, held, due };

    void open(websocket::Opened opened);
    void end(CloseReason reason);
    void read_behind_head();
    void match_reading_to_room();

    std::shared_ptr<const WebSocketOptions> options_;
    std::uint64_t sent_ = 0;
    BehindHead behind_head_ = BehindHead::read;
    bool closing_ = false;
    bool aborted_ = false;
    // What is not needed for each message stands apart.
    ChannelFacts info_;
    /// Null when it is open, or has failed to open.
    std::unique_ptr<Opening> opening_;
    std::shared_ptr<CarrierAddress> address_;
    std::shared_ptr<const void> place_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/transport/detail/websocket.ipp>
#endif
