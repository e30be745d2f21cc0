// Sends every message back: over WebSocket, long-polling and polling, each at a path of its own,
// and over all three at /channel. Every thread has a loop and a listener of its own; the endpoints
// are shared. Ends on SIGINT or SIGTERM, gracefully.
#include "arguments.hpp"

#if defined(HAWSER_DEFLATE)
#include <hawser/deflate.hpp>
#endif
#include <hawser/server.hpp>
#if defined(HAWSER_TLS)
#include <hawser/tls.hpp>
#endif

#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

namespace {

/// The one handler, whatever the transport.
template <hawser::MessageChannel C>
asio::awaitable<void> echo(C channel) {
    while (auto message = co_await channel.receive()) {
        if (!co_await channel.send(*std::move(message))) co_return;
    }
}

/// Longer messages may come in more fragments: 16 bytes each are enough.
hawser::MessageLimits limits_for(std::size_t message_bytes) {
    return {.bytes = message_bytes,
            .fragments = std::max(hawser::MessageLimits{}.fragments, message_bytes / 16)};
}

hawser::BacklogOptions backlog_for(std::size_t message_bytes) {
    hawser::BacklogOptions options;
    auto& [high, low, hard, messages] = options.limits;
    hard = std::max(hard, high + 2 * message_bytes);
    return options;
}

struct Settings {
    std::string address;
    std::uint16_t port;
    unsigned threads;
    std::size_t message_bytes;
    std::chrono::milliseconds interval;  // between two requests of short polling
    std::chrono::milliseconds drain;     // how long clients are waited for at the end
    std::shared_ptr<const hawser::websocket::Compression> compression;
    hawser::ServerOptions server;
};

/// What the servers of all threads share.
class Endpoints {
public:
    Endpoints(const std::vector<asio::any_io_executor>& executors, const Settings& settings)
        : websocket_{executors,
                     {.connection = {.message = limits_for(settings.message_bytes),
                                     .backlog = backlog_for(settings.message_bytes)},
                      .compression = settings.compression}},
          long_polling_{executors, polling_options(settings)},
          polling_{executors, polling_options(settings)} {
        hawser::spawn_each(websocket_, echo<hawser::Channel<hawser::WebSocket>>);
        hawser::spawn_each(long_polling_, echo<hawser::Channel<hawser::LongPolling>>);
        hawser::spawn_each(polling_, echo<hawser::Channel<hawser::Polling>>);
    }

    [[nodiscard]] hawser::Router router() const {
        hawser::Router router;
        router.add("/websocket", websocket_);
        router.add("/long-polling", long_polling_);
        router.add("/polling", polling_);
        // Upgrades go to the one, all else to the other, which serves those that poll shortly too.
        router.add("/channel", websocket_);
        router.add("/channel", long_polling_);
        return router;
    }

private:
    static hawser::PollingOptions polling_options(const Settings& settings) {
        return {.server = {.message = {.bytes = settings.message_bytes},
                           .backlog = backlog_for(settings.message_bytes),
                           .interval = settings.interval}};
    }

    hawser::Endpoint<hawser::WebSocket> websocket_;
    hawser::Endpoint<hawser::LongPolling> long_polling_;
    hawser::Endpoint<hawser::Polling> polling_;
};

std::chrono::milliseconds milliseconds(Arguments& arguments, std::string_view name,
                                       std::uint32_t otherwise) {
    return std::chrono::milliseconds{arguments.number(name, otherwise)};
}

Settings settings_of(Arguments arguments) {
    Settings settings{.address = arguments.text("--address", "127.0.0.1"),
                      .port = arguments.number<std::uint16_t>("--port", 8080),
                      .threads = arguments.number<unsigned>("--threads", 1),
                      .message_bytes = arguments.number<std::size_t>("--max-message", 1 << 20),
                      .interval = milliseconds(arguments, "--interval", 1000),
                      .drain = milliseconds(arguments, "--drain", 10'000),
                      .compression = {},
                      .server = {}};
#if defined(HAWSER_DEFLATE)
    if (arguments.flag("--deflate")) settings.compression = hawser::deflate();
#endif
#if defined(HAWSER_TLS)
    if (const auto files = arguments.take("--tls", 2); !files.empty()) {
        settings.server.tls = hawser::tls_acceptor(files[0], files[1]);
    }
#endif
    arguments.end();
    const bool has_zero =
        settings.threads == 0 || settings.message_bytes == 0 || settings.interval.count() == 0;
    if (has_zero) arguments.refuse();
    settings.server.listen.reuse_port = settings.threads > 1;
    return settings;
}

void serve(const Settings& settings) {
    std::vector<std::unique_ptr<asio::io_context>> loops;
    std::vector<asio::any_io_executor> executors;
    for (unsigned i = 0; i != settings.threads; ++i) {
        loops.push_back(std::make_unique<asio::io_context>(1));
        executors.push_back(loops.back()->get_executor());
    }
    const Endpoints endpoints{executors, settings};

    std::vector<hawser::Server> servers;
    std::uint16_t port = settings.port;
    for (const auto& executor : executors) {
        auto& server = servers.emplace_back(executor, endpoints.router(), settings.server);
        const auto error = server.listen(settings.address, port);
        if (error) throw std::system_error{error, "cannot listen on " + settings.address};
        port = server.port();
    }

    asio::signal_set signals{executors.front(), SIGINT, SIGTERM};
    signals.async_wait([&](std::error_code, int) {
        signals.clear();  // a second one ends the process at once
        for (std::size_t i = 0; i != servers.size(); ++i) {
            asio::post(executors[i], [&settings, &server = servers[i]] {
                server.async_drain(settings.drain, asio::detached);
            });
        }
    });
    std::cout << "listening on " << (settings.server.tls ? "https" : "http") << "://"
              << asio::ip::tcp::endpoint{asio::ip::make_address(settings.address), port}
              << std::endl;

    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i != loops.size(); ++i) {
        threads.emplace_back([&loop = *loops[i]] { loop.run(); });
    }
    loops.front()->run();
}

}  // namespace

int main(int argc, char** argv) try {
    serve(settings_of({argc, argv,
                       "echo_server [--address A] [--port P] [--threads N] [--tls CERT KEY] "
                       "[--max-message BYTES] [--interval MS] [--drain MS] [--deflate]"}));
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
