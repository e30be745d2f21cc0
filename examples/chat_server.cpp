// A chat room. Its page lets everybody choose a transport; people on different ones talk to each
// other.
//
// A visitor's first message is the name, every further one is said to all. The server says, each
// time in lines: `welcome`, the name, and for all who are here name TAB transport; `joined`, name
// TAB transport; `left`, name; `said`, name, text.
#include "arguments.hpp"
#include "chat_server_page.hpp"

#include <hawser/core/base64.hpp>
#include <hawser/server.hpp>

#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <list>
#include <optional>

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_people = 100;
constexpr std::ptrdiff_t longest_name = 24;
constexpr std::size_t longest_message = 4096;
constexpr std::uint16_t unwelcome = 4000;  // the close code for those who may not enter

/// Everybody who is here, and what is said. Lives on one executor.
class Room {
    struct Guest {
        std::string name;
        std::string_view transport;
        hawser::Sender sender;
    };
    using Guests = std::list<Guest>;

public:
    /// A guest's place in the room, for as long as it exists.
    class Seat {
    public:
        Seat(Room& room, std::string_view name, std::string_view transport, hawser::Sender sender)
            : room_{room}, guest_{room.enter({room.tell_apart(name), transport, sender})} {}
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        ~Seat() { room_.leave(guest_); }

        void say(std::string_view text) const {
            room_.tell_all("said\n" + guest_->name + '\n' + std::string{text});
        }

    private:
        Room& room_;
        Guests::iterator guest_;
    };

    /// Why somebody called `name` may not enter; nothing where it is welcome.
    [[nodiscard]] std::optional<std::string> objection_to(std::string_view name) const {
        if (guests_.size() == most_people) return "The room is full.";
        const auto characters = std::ranges::count_if(name, [](char byte) {
            return (byte & 0xC0) != 0x80;  // all but the bytes that continue a character of UTF-8
        });
        const bool has_controls = std::ranges::any_of(name, [](char byte) {
            return (byte >= '\0' && byte < ' ') || byte == '\x7f';
        });
        if (characters != 0 && characters <= longest_name && !has_controls) return std::nullopt;
        return "A name has 1 to " + std::to_string(longest_name) + " characters, all on one line.";
    }

private:
    /// `name`, with a number where somebody has it already.
    [[nodiscard]] std::string tell_apart(std::string_view name) const {
        std::string different{name};
        for (int number = 2; has(different); ++number) {
            different = std::string{name} + ' ' + std::to_string(number);
        }
        return different;
    }
    [[nodiscard]] bool has(std::string_view name) const {
        return std::ranges::find(guests_, name, &Guest::name) != guests_.end();
    }

    Guests::iterator enter(Guest guest) {
        const auto line = [](const Guest& who) {
            return '\n' + who.name + '\t' + std::string{who.transport};
        };
        tell_all("joined" + line(guest));
        guests_.push_back(std::move(guest));
        std::string welcome = "welcome\n" + guests_.back().name;
        for (const Guest& each : guests_) welcome += line(each);
        guests_.back().sender.send(hawser::Message::text(welcome));
        return std::prev(guests_.end());
    }

    void leave(Guests::iterator guest) {
        const std::string farewell = "left\n" + guest->name;
        guests_.erase(guest);
        tell_all(farewell);
    }

    void tell_all(std::string_view text) const {
        const auto message = hawser::Message::text(text);  // encoded once, however many hear it
        for (const Guest& guest : guests_) guest.sender.send(message);
    }

    Guests guests_;
};

template <hawser::Transport T>
asio::awaitable<void> visit(Room& room, hawser::Channel<T> channel) {
    const auto name = co_await channel.receive();
    if (!name) co_return;
    if (const auto objection = room.objection_to(name->view())) {
        // Has a name, as g++ 12 destroys unnamed aggregates in a co_await expression twice.
        const hawser::CloseReason reason{.code = unwelcome, .text = *objection};
        co_await channel.async_close(reason, asio::use_awaitable);
        co_return;
    }
    const Room::Seat seat{room, name->view(), T::name, channel.sender()};
    while (const auto said = co_await channel.receive()) {
        if (!said->empty()) seat.say(said->view());
    }
}

/// The page, which allows no script and no style but its own, and no connection but to its server.
hawser::http::Response page(const hawser::http::Request&) {
    std::array<std::byte, 16> random{};
    hawser::system_entropy().fill(random);
    const std::string nonce = hawser::base64url(random);
    std::string html{chat_server_page};
    constexpr std::string_view place = "{nonce}";
    for (auto at = html.find(place); at != html.npos; at = html.find(place, at)) {
        html.replace(at, place.size(), nonce);
    }
    hawser::http::Response response{
        .fields = {{"Content-Type", "text/html; charset=utf-8"},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Referrer-Policy", "no-referrer"}}};
    response.fields.add("Content-Security-Policy",
                        "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; "
                        "form-action 'none'; frame-ancestors 'none'; script-src 'nonce-" +
                            nonce + "'; style-src 'nonce-" + nonce + "'");
    response.body.append(html);
    return response;
}

template <hawser::Transport T>
void open(hawser::Router& router, Room& room, asio::io_context& io, typename T::Options options) {
    hawser::Endpoint<T> endpoint{io.get_executor(), std::move(options)};
    hawser::spawn_each(endpoint, [&room](hawser::Channel<T> channel) {
        return visit<T>(room, std::move(channel));
    });
    router.add('/' + std::string{T::name}, endpoint);
}

}  // namespace

int main(int argc, char** argv) try {
    Arguments arguments{argc, argv, "chat_server [--address A] [--port P]"};
    const std::string address = arguments.text("--address", "127.0.0.1");
    const auto port = arguments.number<std::uint16_t>("--port", 8080);
    arguments.end();

    // A guest who has vanished should not sit here for long.
    const hawser::WebSocketOptions websocket{.connection = {.message = {.bytes = longest_message},
                                                            .ping_interval = 10s,
                                                            .pong_timeout = 10s}};
    const hawser::PollingOptions polling{
        .server = {.message = {.bytes = longest_message}, .grace = 30s}};

    Room room;
    asio::io_context io{1};
    hawser::Router router;
    router.add("/", page);
    open<hawser::WebSocket>(router, room, io, websocket);
    open<hawser::LongPolling>(router, room, io, polling);
    open<hawser::Polling>(router, room, io, polling);

    hawser::Server server{io.get_executor(), std::move(router), {.caps = {.connections = 2000}}};
    if (const auto error = server.listen(address, port)) throw std::system_error{error, address};
    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](std::error_code, int) {
        signals.clear();  // a second one ends the process at once
        server.async_drain(5s, asio::detached);
    });
    std::cout << "listening on http://" << (address == "127.0.0.1" ? "localhost" : address) << ':'
              << server.port() << std::endl;
    io.run();
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
