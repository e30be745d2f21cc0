#include <hawser/transport/websocket.hpp>

#include "support/raw_frames.hpp"
#include "support/raw_peer.hpp"

#include <hawser/net/best_stream.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

// C19: what an application does from inside of what it is called for, on a WebSocket whose peer is
// played by the test, in both roles.

using hawser::Channel;
using hawser::Message;
using hawser::Role;
using hawser::WebSocket;
using hawser::WebSocketOptions;
using namespace test::whole;

namespace {

/// Where the application is when it does something.
enum class Place { message, receive, sent, drained, closed, close };
constexpr Place places[] = {Place::message, Place::receive, Place::sent,
                            Place::drained, Place::closed,  Place::close};
/// What it does there.
enum class Deed { throws, closes, aborts, destroys, sends };
constexpr Deed deeds[] = {Deed::throws, Deed::closes, Deed::aborts, Deed::destroys, Deed::sends};

/// How sockets are waited for.
enum class Waiting { as_servers_do, by_asio };

struct Thrown : std::runtime_error {
    Thrown() : runtime_error{"thrown by a handler"} {}
};

/// One channel, and the other end of its connection.
class Scene {
public:
    Scene(Role role, Waiting waiting, Deed deed) : role_{role}, waiting_{waiting}, deed_{deed} {
        options_->connection.backlog.limits = {.high = 200, .low = 100, .hard = 4 << 20};
        const auto carrier = std::make_shared<hawser::WebSocketCarrier>(parts());
        carrier->start();
        if (role == Role::client) reply();
        world_.run_until("an open channel", [&] { return channel_.has_value(); });
        world_.run_until("a head", [&] { return peer_.received().ends_with("\r\n\r\n"); });
        peer_.received().clear();
    }

    /// Has the application come to `place`, where it does its deed; then the peer, where it is
    /// still there, goes on with a message, a ping and a close, and ends.
    void play(Place place) {
        if (place == Place::receive) {
            channel_->async_receive([this](std::error_code, const Message&) { do_it(); });
        } else {
            channel_->run(handlers(place));
        }
        begin(place);
        run_until([&] { return is_done_; });
        const bool is_closing = place == Place::closed || place == Place::close;
        if (!is_closing && deed_ != Deed::aborts) {
            from_peer(text, "more");
            from_peer(ping, "");
            from_peer(close_frame, test::close_payload(1000));
        }
        peer_.end_output();
        run_until([&] { return peer_.has_ended() && place_of_.expired(); });
        run_until([&] { return sent_ == completed_; });
    }

    [[nodiscard]] int thrown() const noexcept { return thrown_; }
    /// How often the application was told the end.
    [[nodiscard]] int ended() const noexcept { return ended_; }
    [[nodiscard]] bool has_channel() const noexcept { return channel_.has_value(); }
    [[nodiscard]] bool is_closed() const noexcept { return channel_->is_closed(); }

private:
    hawser::WebSocketCarrier::Parts parts() {
        const auto place = std::make_shared<int>(0);
        place_of_ = place;
        return {.stream = stream(),
                .connection = connection(),
                .loop = hawser::net::Loop::of(world_.executor()),
                .options = options_,
                .facts = {},
                .on_open = [this](std::error_code, auto carrier) { channel_.emplace(carrier); },
                .place = place};
    }
    hawser::net::AnyStream stream() {
        if (waiting_ == Waiting::by_asio) return std::move(pair_.near);
        hawser::net::AnyStream best;
        hawser::net::with_best_stream(std::move(pair_.near), [&best](auto chosen) {
            best = hawser::net::AnyStream{std::move(chosen)};
        });
        return best;
    }
    hawser::websocket::Connection connection() {
        using hawser::websocket::Connection;
        const auto now = hawser::Clock::now();
        if (role_ == Role::server) {
            return Connection::server({.response = {.status = 101}, .subprotocol = {}},
                                      options_->connection, now);
        }
        auto request = *hawser::websocket::make_upgrade_request(*hawser::http::parse_url("ws://a/"),
                                                                {}, hawser::system_entropy());
        accept_ = request.accept;
        return Connection::client(std::move(request), options_->connection,
                                  hawser::system_entropy(), now);
    }
    void reply() {
        peer_.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                    accept_ + "\r\n\r\n");
    }
    void from_peer(unsigned first_byte, std::string_view payload) {
        peer_.write(role_ == Role::server ? test::masked_frame(first_byte, payload)
                                          : test::plain_frame(first_byte, payload));
    }

    [[nodiscard]] hawser::Handlers handlers(Place place) {
        return {.message =
                    [this, place](const Message&) {
                        if (place == Place::message) do_it();
                    },
                .drained =
                    [this, place] {
                        if (place == Place::drained) do_it();
                    },
                .closed =
                    [this, place](const hawser::CloseReason&) {
                        ++ended_;
                        if (place == Place::closed) do_it();
                    }};
    }
    /// Has what leads to `place` happen.
    void begin(Place place) {
        switch (place) {
        case Place::message:
        case Place::receive: return from_peer(text, "one");
        case Place::sent:
            return channel_->async_send(Message::text("one"), [this](auto) { do_it(); });
        case Place::drained: {
            const auto refused = channel_->try_send(Message::text(std::string(500, 'x')));
            CHECK_FALSE(refused);
            return;
        }
        case Place::closed: return from_peer(close_frame, test::close_payload(1000));
        case Place::close:
            channel_->async_close([this](auto) { do_it(); });
            return from_peer(close_frame, test::close_payload(1000));
        }
    }
    /// The deed, once.
    void do_it() {
        if (std::exchange(is_done_, true)) return;
        const auto complete = [this](auto...) { ++completed_; };
        switch (deed_) {
        case Deed::throws: throw Thrown{};
        case Deed::closes: ++sent_; return channel_->async_close(complete);
        case Deed::aborts: return channel_->abort();
        case Deed::destroys: return channel_.reset();
        case Deed::sends:
            for (int i = 0; i != 3; ++i) static_cast<void>(channel_->try_send(Message::text("x")));
            ++sent_;
            return channel_->async_send(Message::text("y"), complete);
        }
    }
    template <class Condition>
    void run_until(Condition done) {
        while (!done()) {
            try {
                world_.run_until("what comes of a deed", done);
            } catch (const Thrown&) {
                ++thrown_;
            }
        }
    }

    Role role_;
    Waiting waiting_;
    Deed deed_;
    test::World world_;
    test::SocketPair pair_{world_};
    test::RawPeer peer_{std::move(pair_.far)};
    std::shared_ptr<WebSocketOptions> options_ = std::make_shared<WebSocketOptions>();
    std::string accept_;
    std::optional<Channel<WebSocket>> channel_;
    /// Alive as long as the connection.
    std::weak_ptr<const void> place_of_;
    bool is_done_ = false;
    int thrown_ = 0;
    int ended_ = 0;
    int sent_ = 0;
    int completed_ = 0;
};

/// Plays all deeds at all places.
void play_all(Role role, Waiting waiting) {
    for (const Place place : places) {
        for (const Deed deed : deeds) {
            CAPTURE(static_cast<int>(place));
            CAPTURE(static_cast<int>(deed));
            Scene scene{role, waiting, deed};
            scene.play(place);
            CHECK(scene.thrown() == (deed == Deed::throws ? 1 : 0));
            CHECK(scene.has_channel() == (deed != Deed::destroys));
            if (scene.has_channel()) CHECK(scene.is_closed());
            const bool is_over = place == Place::closed || place == Place::close;
            const bool is_told = place != Place::receive && (deed != Deed::destroys || is_over);
            CHECK(scene.ended() == (is_told ? 1 : 0));
        }
    }
}

}  // namespace

TEST_CASE("C19 whatever a server does from inside of a call to it, its channel ends once") {
    SUBCASE("on the epoll set") { play_all(Role::server, Waiting::as_servers_do); }
    SUBCASE("on Asio's sockets") { play_all(Role::server, Waiting::by_asio); }
}

TEST_CASE("C19 whatever a client does from inside of a call to it, its channel ends once") {
    SUBCASE("on the epoll set") { play_all(Role::client, Waiting::as_servers_do); }
    SUBCASE("on Asio's sockets") { play_all(Role::client, Waiting::by_asio); }
}
