// A transport of one's own, in one file: messages as lines of text over TCP, for people with
// netcat. It takes an engine, which knows the protocol and nothing of sockets; a carrier, which
// runs it over a stream; and a tag, which names the two. Then `Channel<Lines>` is a channel like
// all others.
#include "arguments.hpp"

#include <hawser/channel.hpp>
#include <hawser/core/backlog.hpp>
#include <hawser/core/stream_engine.hpp>
#include <hawser/framing/utf8.hpp>
#include <hawser/net/link.hpp>
#include <hawser/server.hpp>
#include <hawser/transport/carrier_address.hpp>
#include <hawser/transport/outgoing.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <deque>
#include <iostream>
#include <variant>

namespace {

using asio::ip::tcp;
using hawser::CloseReason;
using hawser::Error;
using hawser::Message;
using hawser::Party;
using hawser::TimePoint;

struct LinesOptions {
    hawser::MessageLimits message = {};
    hawser::InboxLimits inbox = {};
    hawser::BacklogOptions backlog = {};
    /// How long the peer may be silent.
    hawser::Duration idle_timeout = std::chrono::minutes{10};
    /// How long what waits may still be sent when the channel has ended.
    hawser::Duration close_timeout = std::chrono::seconds{5};
};

/// The protocol, either end of it: bytes in, messages out, and the other way round.
class LinesEngine {
public:
    using Event = std::variant<Message, CloseReason>;

    /// `options` must outlive the engine.
    LinesEngine(const LinesOptions& options, TimePoint now)
        : options_{options}, backlog_{options.backlog} {
        heard(now);
    }

    // What `StreamEngine` asks for.

    std::size_t receive(hawser::MutableBytes bytes, TimePoint now) {
        if (closed_) return bytes.size();
        if (paused_) return 0;
        heard(now);
        const auto text = hawser::as_characters(bytes);
        const auto end = std::min(text.find('\n'), text.size());
        line_ += text.substr(0, end);
        if (line_.size() > options_.message.bytes) {
            close({.error = Error::message_too_big, .by = Party::peer}, now);
        } else if (end != text.size()) {
            take(Message::text(std::exchange(line_, {})), now);
        }
        return std::min(end + 1, text.size());
    }
    void receive_eof(TimePoint now) { close({.by = Party::peer}, now); }
    void receive_error(std::error_code error, TimePoint now) {
        backlog_.clear();
        close({.error = error, .by = Party::network}, now);
    }
    void tick(TimePoint now) {
        if (!closed_) return close({.error = Error::idle_timeout, .by = Party::peer}, now);
        backlog_.clear();
        deadline_ = hawser::never;
    }
    std::optional<Event> poll_event() {
        if (events_.empty()) return std::nullopt;
        std::optional<Event> event{std::move(events_.front())};
        events_.pop_front();
        return event;
    }
    void take_output(hawser::Output& into, std::size_t budget, TimePoint) {
        for (const auto begin = into.size(); !backlog_.empty() && into.size() - begin < budget;) {
            into.append(backlog_.pop().bytes());
            into.append("\n");
        }
    }
    [[nodiscard]] std::size_t read_limit() const { return paused_ || closed_ ? 0 : 16 * 1024; }
    [[nodiscard]] TimePoint deadline() const { return deadline_; }
    [[nodiscard]] bool finished() const { return closed_ && events_.empty() && backlog_.empty(); }

    // What its carrier asks for.

    /// Ends the channel; what waits is still sent.
    void close(CloseReason reason, TimePoint now) {
        if (std::exchange(closed_, true)) return;
        events_.push_back(std::move(reason));
        deadline_ = hawser::deadline_after(now, options_.close_timeout);
    }
    [[nodiscard]] bool is_closed() const { return closed_; }
    void set_paused(bool paused) { paused_ = paused; }
    [[nodiscard]] bool is_paused() const { return paused_; }
    hawser::Backlog& backlog() { return backlog_; }
    [[nodiscard]] const hawser::Backlog& backlog() const { return backlog_; }

private:
    void heard(TimePoint now) { deadline_ = hawser::deadline_after(now, options_.idle_timeout); }
    void take(Message line, TimePoint now) {
        if (!hawser::framing::check_text(line)) {
            return close({.error = Error::invalid_utf8, .by = Party::peer}, now);
        }
        events_.push_back(std::move(line));
    }

    const LinesOptions& options_;
    hawser::Backlog backlog_;
    std::string line_;
    std::deque<Event> events_;
    TimePoint deadline_ = hawser::never;
    bool paused_ = false;
    bool closed_ = false;
};

static_assert(hawser::StreamEngine<LinesEngine>);

/// The engine at work for one peer: a link, which moves its bytes, and a port, where the channel
/// is.
class LinesCarrier final : public hawser::Carrier,
                           public hawser::net::Link<LinesCarrier, LinesEngine> {
public:
    LinesCarrier(tcp::socket socket, std::shared_ptr<const LinesOptions> options)
        : LinesCarrier{hawser::net::Loop::of(socket.get_executor()), facts_of(socket),
                       std::move(socket), options} {}

    // What a channel asks for.

    std::error_code send(Message message, hawser::WhenFull when_full) override {
        if (engine().is_closed()) return Error::closed;
        if (const auto error = hawser::check_outgoing(message, options_->message)) return error;
        if (message.view().find('\n') != message.view().npos) return Error::bad_argument;
        if (when_full == hawser::WhenFull::refuse) {
            if (!engine().backlog().try_push(std::move(message))) return Error::backlog_full;
        } else if (engine().backlog().push(std::move(message)) == hawser::Backlog::Push::overflow) {
            close({.error = Error::slow_consumer});
            return Error::slow_consumer;
        }
        ++sent_;
        engine_changed();
        return {};
    }
    void close(CloseReason reason) override {
        engine().close(std::move(reason), hawser::Clock::now());
        engine_changed();
    }
    void abort() override {
        port().drop_inbox();
        engine().backlog().clear();
        close({.error = Error::aborted});
    }
    void attend() override {
        if (!port().is_closed()) return engine_changed();
        port().pump_later(shared_from_this());
    }
    hawser::Guarantee guarantee() const noexcept override {
        return hawser::Guarantee::at_most_once;
    }
    hawser::BacklogState backlog() const override {
        const auto& backlog = engine().backlog();
        return {.bytes = backlog.bytes(),
                .messages = backlog.messages(),
                .is_above_high = backlog.above_high(),
                .is_at_most_low = backlog.at_most_low()};
    }
    hawser::Counters counters() const override {
        return {.received = port().received(),
                .sent = sent_,
                .dropped = engine().backlog().dropped()};
    }
    hawser::ChannelFacts info() const override { return info_; }
    std::shared_ptr<hawser::Address> address() override {
        if (!address_) {
            address_ = std::make_shared<hawser::CarrierAddress>(loop().mailroom(),
                                                                weak_from_this());
        }
        return address_;
    }

    // What the link asks for.

    void on_event(LinesEngine::Event&& event) {
        if (auto* const message = std::get_if<Message>(&event)) {
            port().deliver(std::move(*message));
            return match_reading_to_room();
        }
        if (address_) address_->mark_gone();
        port().close(std::move(std::get<CloseReason>(event)));
    }
    void on_output(std::size_t unsent) {
        engine().backlog().set_elsewhere(unsent);
        port().pump();
        match_reading_to_room();
        if (port().awaits_drained() && engine().backlog().at_most_low()) port().drained();
    }
    void on_end() {}

private:
    [[nodiscard]] static hawser::ChannelFacts facts_of(const tcp::socket& socket) {
        std::error_code gone;
        const auto peer = socket.remote_endpoint(gone);
        return hawser::ChannelFacts{
            {.peer_address = peer.address().to_string(), .peer_port = peer.port()}};
    }
    LinesCarrier(const std::shared_ptr<hawser::net::Loop>& loop, hawser::ChannelFacts info,
                 tcp::socket socket, std::shared_ptr<const LinesOptions> options)
        : Carrier{loop->executor(), options->inbox},
          Link{std::move(socket), LinesEngine{*options, hawser::Clock::now()}, loop, {}},
          options_{std::move(options)},
          info_{std::move(info)} {}

    /// Has the peer wait while the application has enough to do.
    void match_reading_to_room() {
        const bool is_full = port().room().is_none();
        if (is_full == engine().is_paused()) return;
        engine().set_paused(is_full);
        engine_changed();
    }

    std::shared_ptr<const LinesOptions> options_;
    hawser::ChannelFacts info_;
    std::shared_ptr<hawser::CarrierAddress> address_;
    std::uint64_t sent_ = 0;
};

/// The tag.
struct Lines {
    static constexpr std::string_view name = "lines";
    static constexpr hawser::Guarantee guarantee = hawser::Guarantee::at_most_once;
    using Options = LinesOptions;
    using Carrier = LinesCarrier;
};

static_assert(hawser::Transport<Lines>);
static_assert(hawser::MessageChannel<hawser::Channel<Lines>>);

/// The application, which does not care.
template <hawser::MessageChannel C>
asio::awaitable<void> echo(C channel) {
    while (auto message = co_await channel.receive()) {
        if (!co_await channel.send(*std::move(message))) co_return;
    }
}

asio::awaitable<void> accept_lines(tcp::acceptor acceptor) {
    const auto options = std::make_shared<const LinesOptions>();
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        const auto carrier = std::make_shared<LinesCarrier>(std::move(socket), options);
        carrier->start();
        asio::co_spawn(acceptor.get_executor(), echo(hawser::Channel<Lines>{carrier}),
                       asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    Arguments arguments{argc, argv, "your_own_transport [--port P] [--lines-port P]"};
    const auto port = arguments.number<std::uint16_t>("--port", 8080);
    const auto lines_port = arguments.number<std::uint16_t>("--lines-port", 8081);
    arguments.end();

    asio::io_context io{1};
    hawser::Endpoint<hawser::WebSocket> websocket{io.get_executor()};
    hawser::spawn_each(websocket, echo<hawser::Channel<hawser::WebSocket>>);
    hawser::Router router;
    router.add("/", websocket);
    hawser::Server server{io.get_executor(), std::move(router)};
    if (const auto error = server.listen("127.0.0.1", port)) throw std::system_error{error};

    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), lines_port}};
    std::cout << "listening on http://127.0.0.1:" << server.port() << "\nand for lines on "
              << acceptor.local_endpoint() << std::endl;
    asio::co_spawn(io, accept_lines(std::move(acceptor)), asio::detached);
    io.run();
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
