// The library in its fast form, callbacks, through its public interface and with its defaults.
//
//   hawser_server [--threads N] [--no-head] [--wrong-byte] PORT
//
// /websocket, /long-polling and /polling echo; /fan-out sends each message to all WebSockets that
// are there; /http answers GET. Every thread has a loop, a listener at the same port and rooms of
// its own; the endpoints are shared. `--no-head` has no channel keep the head of what opened it;
// `--wrong-byte` spoils every echo, so that the load generator can be seen to notice.

#include "../command_line.hpp"
#include "../echo_server.hpp"
#include "../ruler/http_load.hpp"

#include <hawser/server.hpp>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <list>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace bench;

struct Settings {
    std::size_t threads;
    bool keeps_head;
    Fault fault;
    std::uint16_t port;
};

/// Channels of one thread that all get what one of them says, or one of another thread's room.
class FanOutRoom {
public:
    FanOutRoom(asio::any_io_executor executor, std::vector<FanOutRoom*>& all)
        : executor_{std::move(executor)}, all_{all} {
        all_.push_back(this);
    }

    void take(hawser::AnyChannel taken) {
        const auto place = channels_.insert(channels_.end(), std::move(taken));
        place->run({
            .message = [this](const hawser::Message& message) { tell_everywhere(message); },
            .closed = [this, place](const hawser::CloseReason&) { channels_.erase(place); },
        });
    }

private:
    /// One message to each other thread, whatever the number of its channels.
    void tell_everywhere(const hawser::Message& message) {
        for (FanOutRoom* const room : all_) {
            if (room != this) asio::post(room->executor_, [room, message] { room->tell(message); });
        }
        tell(message);
    }
    void tell(const hawser::Message& message) {
        for (auto& channel : channels_) {
            if (channel.try_send(message)) channel.abort();  // the generator misses the message
        }
    }

    asio::any_io_executor executor_;
    std::vector<FanOutRoom*>& all_;
    std::list<hawser::AnyChannel> channels_;
};

/// A loop, and the rooms that its channels come into.
struct Thread {
    Thread(Fault fault, std::vector<FanOutRoom*>& fan_outs)
        : echoes{fault}, fan_out{io.get_executor(), fan_outs} {}

    asio::io_context io{1};
    EchoRoom echoes;
    FanOutRoom fan_out;
};

class Threads {
public:
    explicit Threads(const Settings& settings) : keeps_head_{settings.keeps_head} {
        while (threads_.size() != settings.threads) {
            threads_.push_back(std::make_unique<Thread>(settings.fault, fan_outs_));
            executors_.emplace_back(threads_.back()->io.get_executor());
        }
    }

    [[nodiscard]] const std::vector<asio::any_io_executor>& executors() const noexcept {
        return executors_;
    }

    /// The endpoint of a transport, whose channels come into a room of their own thread.
    template <hawser::Transport T, class Room>
    [[nodiscard]] hawser::Endpoint<T> open_endpoint(Room Thread::* room) {
        auto options = echo_options<T>();
        options.keep_head = keeps_head_;
        hawser::Endpoint<T> endpoint{executors_, std::move(options)};
        endpoint.each([this, room](hawser::Channel<T> channel) {
            const auto at = std::ranges::find(executors_, channel.get_executor());
            const auto index = static_cast<std::size_t>(at - executors_.begin());
            ((*threads_[index]).*room).take(std::move(channel));
        });
        return endpoint;
    }

    void run() {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i != threads_.size(); ++i) {
            others.emplace_back([&io = threads_[i]->io] { io.run(); });
        }
        threads_.front()->io.run();
    }

private:
    bool keeps_head_;
    std::vector<FanOutRoom*> fan_outs_;
    std::vector<std::unique_ptr<Thread>> threads_;
    std::vector<asio::any_io_executor> executors_;
};

void serve(const Settings& settings) {
    Threads threads{settings};
    const auto websocket = threads.open_endpoint<hawser::WebSocket>(&Thread::echoes);
    const auto broadcast = threads.open_endpoint<hawser::WebSocket>(&Thread::fan_out);
    const auto long_polling = threads.open_endpoint<hawser::LongPolling>(&Thread::echoes);
    const auto polling = threads.open_endpoint<hawser::Polling>(&Thread::echoes);

    std::vector<hawser::Server> servers;
    for (const auto& executor : threads.executors()) {
        hawser::Router router;
        router.add("/websocket", websocket);
        router.add("/fan-out", broadcast);
        router.add("/long-polling", long_polling);
        router.add("/polling", polling);
        router.add("/http", [](const hawser::http::Request&) {
            return hawser::http::make_text_response(200, std::string{plain_answer});
        });
        hawser::ServerOptions options;
        options.listen.reuse_port = settings.threads > 1;
        auto& server = servers.emplace_back(executor, std::move(router), std::move(options));
        if (const auto error = server.listen("127.0.0.1", settings.port)) {
            throw std::system_error{error, "listen"};
        }
    }
    threads.run();
}

Settings settings_of(CommandLine words) {
    Settings settings{};
    settings.threads = words.number("--threads").value_or(1);
    settings.keeps_head = !words.flag("--no-head");
    settings.fault = words.flag("--wrong-byte") ? Fault::changed_byte : Fault::none;
    settings.port = static_cast<std::uint16_t>(words.last_number());
    if (settings.threads == 0) words.refuse();
    return settings;
}

}  // namespace

int main(int argc, char** argv) try {
    const auto settings = settings_of(
        {argc, argv, "hawser_server [--threads N] [--no-head] [--wrong-byte] PORT"});
    raise_file_limit();
    serve(settings);
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
