// The library in its fast form, callbacks, through its public interface and with its defaults.
//
//   hawser_server [--no-head] [--wrong-byte] PORT
//
// /websocket, /long-polling and /polling echo; /fan-out sends each message to all WebSockets that
// are there; /http answers GET. `--no-head` has no channel keep the head of what opened it;
// `--wrong-byte` spoils every echo, so that the load generator can be seen to notice.

#include "../command_line.hpp"
#include "../echo_server.hpp"
#include "../ruler/http_load.hpp"

#include <hawser/server.hpp>

#include <asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <list>
#include <string>
#include <system_error>
#include <utility>

namespace {

using namespace bench;

/// Channels that all get what one of them says.
class FanOutRoom {
public:
    void take(hawser::AnyChannel taken) {
        const auto place = channels_.insert(channels_.end(), std::move(taken));
        place->run({
            .message = [this](const hawser::Message& message) { tell_all(message); },
            .closed = [this, place](const hawser::CloseReason&) { channels_.erase(place); },
        });
    }

private:
    void tell_all(const hawser::Message& message) {
        for (auto& channel : channels_) {
            if (channel.try_send(message)) channel.abort();  // the generator misses the message
        }
    }

    std::list<hawser::AnyChannel> channels_;
};

template <hawser::Transport T>
typename T::Options options_of(bool keeps_head) {
    auto options = echo_options<T>();
    options.keep_head = keeps_head;
    return options;
}

/// The endpoint of a transport, and the rooms that its channels come into.
template <hawser::Transport T, class Room>
hawser::Endpoint<T> open_endpoint(asio::io_context& io, Room& room, bool keeps_head) {
    hawser::Endpoint<T> endpoint{io.get_executor(), options_of<T>(keeps_head)};
    endpoint.each([&room](hawser::Channel<T> channel) { room.take(std::move(channel)); });
    return endpoint;
}

void serve(std::uint16_t port, Fault fault, bool keeps_head) {
    asio::io_context io{1};
    EchoRoom echoes{fault};
    FanOutRoom fan_out;
    const auto websocket = open_endpoint<hawser::WebSocket>(io, echoes, keeps_head);
    const auto broadcast = open_endpoint<hawser::WebSocket>(io, fan_out, keeps_head);
    const auto long_polling = open_endpoint<hawser::LongPolling>(io, echoes, keeps_head);
    const auto polling = open_endpoint<hawser::Polling>(io, echoes, keeps_head);

    hawser::Router router;
    router.add("/websocket", websocket);
    router.add("/fan-out", broadcast);
    router.add("/long-polling", long_polling);
    router.add("/polling", polling);
    router.add("/http", [](const hawser::http::Request&) {
        return hawser::http::make_text_response(200, std::string{plain_answer});
    });

    hawser::Server server{io.get_executor(), std::move(router)};
    if (const auto error = server.listen("127.0.0.1", port)) {
        throw std::system_error{error, "listen"};
    }
    io.run();
}

}  // namespace

int main(int argc, char** argv) try {
    CommandLine words{argc, argv, "hawser_server [--no-head] [--wrong-byte] PORT"};
    const Fault fault = words.flag("--wrong-byte") ? Fault::changed_byte : Fault::none;
    const bool keeps_head = !words.flag("--no-head");
    const auto port = static_cast<std::uint16_t>(words.last_number());
    raise_file_limit();
    serve(port, fault, keeps_head);
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
