// What the engines do for a message, as often as is asked for: to be run where instructions are
// counted, twice, so that the difference is the messages' alone. Every answer is verified.
//
//   engine_work --work NAME TIMES

#include "../batch.hpp"
#include "../command_line.hpp"

#include <hawser/http/server_connection.hpp>
#include <hawser/polling/door.hpp>
#include <hawser/polling/server_session.hpp>
#include <hawser/websocket/connection.hpp>

#include <array>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace bench;
using namespace hawser;

/// Nothing is ever late.
constexpr TimePoint now{std::chrono::hours{1}};

void demand(bool is_right) {
    if (!is_right) throw std::runtime_error{"an engine does not do its work"};
}

/// Where all engines are read from and write to, as links do: one place for many.
class Room {
public:
    /// `bytes` as an engine may change them, until the next call.
    [[nodiscard]] MutableBytes arrived(std::string_view bytes) {
        input_.assign(as_bytes(bytes).begin(), as_bytes(bytes).end());
        return input_;
    }
    /// Takes what `engine` has to say, and demands that it ends with `end`.
    template <class Engine>
    void take_output(Engine& engine, std::string_view end) {
        constexpr std::size_t budget = 64 * 1024;
        engine.take_output(output_, budget, now);
        std::array<ByteView, 4> views;
        const std::size_t count = output_.gather(views);
        demand(count != 0 && as_characters(views[count - 1]).ends_with(end));
        output_.clear();
    }

private:
    std::vector<std::byte> input_;
    Output output_;
};

/// One message and back.
class WebSocketEcho {
public:
    explicit WebSocketEcho(std::size_t size) : batch_{1, size, Masking::client, 0} {
        room_.take_output(engine_, "\r\n\r\n");
        demand(std::holds_alternative<websocket::Opened>(*engine_.poll_event()));
        Batch echo{1, size, Masking::none, 0};
        payload_ = echo.sent().substr(echo.frame_size() - size);
    }

    void once() {
        const MutableBytes frame = room_.arrived(batch_.sent());
        demand(engine_.receive(frame, now) == frame.size());
        auto event = engine_.poll_event();
        demand(engine_.try_send(std::get<Message>(*std::move(event))));
        room_.take_output(engine_, payload_);
    }

private:
    Batch batch_;
    std::string payload_;
    Room room_;
    websocket::ConnectionOptions options_;
    websocket::Connection engine_ = websocket::Connection::server(
        {.response = {.status = 101}, .subprotocol = {}}, options_, now);
};

/// A connection of a server and what comes to it.
class HttpPeer {
public:
    /// The request that arrives as `text`; `judge(head)` is called between head and body.
    template <class Judge>
    [[nodiscard]] http::Request ask(std::string_view text, Judge judge) {
        MutableBytes input = room_.arrived(text);
        input = input.subspan(engine_.receive(input, now));
        judge(*std::get<http::ServerConnection::Head>(*engine_.poll_event()).head);
        engine_.accept_body(most);
        if (!input.empty()) demand(engine_.receive(input, now) == input.size());
        return std::get<http::Request>(*engine_.poll_event());
    }
    void answer(http::Response response, std::string_view end) {
        engine_.respond(std::move(response), now);
        room_.take_output(engine_, end);
    }

private:
    static constexpr std::size_t most = 64 * 1024;

    Room room_;
    http::ServerConnectionOptions options_;
    http::ServerConnection engine_{options_, now};
};

/// A plain request that is answered at once.
class HttpGet {
public:
    void once() {
        const auto request = peer_.ask("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                                       [](const http::RequestHead&) {});
        demand(request.head.target == "/hello");
        peer_.answer(http::make_text_response(200, "Hello, world!"), "Hello, world!");
    }

private:
    HttpPeer peer_;
};

/// One message and back over a session: a request that sends, one that is held, and their answers.
class LongPollEcho {
public:
    LongPollEcho() {
        receive();
        demand(std::holds_alternative<polling::ServerSession::Opened>(*session_.poll_event()));
    }

    void once() {
        ++number_;
        session_.set_room(polling::InboxRoom::of(options_.inbox), now);
        auto call = ask(sending_, "POST /channel HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                  "Hawser-Session: " + token() +
                                  "\r\nHawser-First: " + std::to_string(number_) +
                                  "\r\nContent-Length: " + std::to_string(batch_.sent().size()) +
                                  "\r\n\r\n" + std::string{batch_.sent()});
        session_.send(++id_, std::move(std::get<polling::SendCall>(call).request), now);
        const polling::RequestId sent = id_;
        while (auto event = session_.poll_event()) {
            if (auto* const message = std::get_if<Message>(&*event)) {
                demand(session_.try_send_message(std::move(*message), now));
                continue;
            }
            auto& [request, reply] = std::get<polling::ServerSession::Answer>(*event);
            const bool is_receipt = request == sent;
            (is_receipt ? sending_ : receiving_)
                .answer(door_.respond(std::move(reply), {}), is_receipt ? "" : batch_.sent());
            session_.written(request, now);
        }
        receive();
    }

private:
    [[nodiscard]] static std::string token() { return "AAAAAAAAAAAAAAAAAAAAAA"; }

    [[nodiscard]] polling::Call ask(HttpPeer& peer, const std::string& text) {
        auto request = peer.ask(text, [this](const http::RequestHead& head) {
            demand(!door_.judge_head(head, http::Security::plain));
        });
        return door_.read(std::move(request), http::Security::plain);
    }
    void receive() {
        const auto call = ask(receiving_, "GET /channel HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                          "Hawser-Session: " + token() +
                                          "\r\nHawser-After: " + std::to_string(number_) +
                                          "\r\nHawser-Request: " + std::to_string(number_ + 1) +
                                          "\r\n\r\n");
        session_.receive(++id_, std::get<polling::ReceiveCall>(call).request, now);
    }

    Batch batch_{1, 16, Masking::none, 0};
    HttpPeer sending_;
    HttpPeer receiving_;
    polling::ServerOptions options_;
    polling::Door door_{options_};
    polling::ServerSession session_{
        options_, Entropy{[](void*, MutableBytes into) { std::ranges::fill(into, std::byte{}); },
                          nullptr},
        now};
    polling::RequestId id_ = 0;
    std::uint64_t number_ = 0;
};

void run(std::string_view work, std::size_t times) {
    const auto repeat = [times](auto engines) {
        for (std::size_t i = 0; i != times; ++i)
            engines.once();
    };
    if (work == "websocket_16_B") return repeat(WebSocketEcho{16});
    if (work == "websocket_16_KiB") return repeat(WebSocketEcho{16 * 1024});
    if (work == "http_get") return repeat(HttpGet{});
    if (work == "long_poll_echo") return repeat(LongPollEcho{});
    throw std::invalid_argument{"there is no such work"};
}

}  // namespace

int main(int argc, char** argv) try {
    CommandLine words{argc, argv, "engine_work --work NAME TIMES"};
    const auto work = words.text("--work");
    run(work.value_or(""), words.last_number());
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
