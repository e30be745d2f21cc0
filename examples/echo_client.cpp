// Sends messages to an echo server, one after the other, checks that they come back as they were,
// and prints how long that took.
#include "arguments.hpp"

#include <hawser/client.hpp>
#if defined(HAWSER_DEFLATE)
#include <hawser/deflate.hpp>
#endif
#if defined(HAWSER_TLS)
#include <hawser/tls.hpp>
#endif

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iomanip>
#include <iostream>

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

struct Settings {
    std::string url;
    std::string transport;
    std::size_t count;
    std::size_t bytes;
    std::shared_ptr<const hawser::websocket::Compression> compression;
    std::shared_ptr<const hawser::SecureDialer> tls;
};

/// A binary message of `bytes` bytes that differs from those before and after it.
hawser::Message make_message(std::size_t number, std::size_t bytes) {
    std::vector<std::byte> content(bytes);
    for (std::size_t i = 0; i != bytes; ++i) content[i] = static_cast<std::byte>(number + i);
    return hawser::Message::binary(content);
}

void print(std::vector<Milliseconds> times, const Settings& settings, std::string_view transport) {
    std::ranges::sort(times);
    std::cout << settings.count << " messages of " << settings.bytes << " bytes over " << transport
              << std::fixed << std::setprecision(3) << ": min " << times.front().count()
              << " ms, median " << times[times.size() / 2].count() << " ms, max "
              << times.back().count() << " ms\n";
}

template <hawser::MessageChannel C>
asio::awaitable<std::vector<Milliseconds>> exchange(C& channel, const Settings& settings) {
    std::vector<Milliseconds> times;
    for (std::size_t i = 0; i != settings.count; ++i) {
        const auto message = make_message(i, settings.bytes);
        const auto begin = hawser::Clock::now();
        co_await channel.async_send(message, asio::use_awaitable);
        const auto echoed = co_await channel.async_receive(asio::use_awaitable);
        times.push_back(hawser::Clock::now() - begin);
        if (echoed != message) throw std::runtime_error{"a message came back changed"};
    }
    co_await channel.async_close(asio::use_awaitable);
    co_return times;
}

template <hawser::Transport T>
asio::awaitable<void> measure(Settings settings, hawser::ConnectOptions<T> options) {
    const auto executor = co_await asio::this_coro::executor;
    options.tls = settings.tls;
    auto channel =
        co_await hawser::connect<T>(executor, settings.url, options, asio::use_awaitable);
    try {
        print(co_await exchange(channel, settings), settings, T::name);
    } catch (const std::system_error&) {
        const auto reason = channel.close_reason();
        if (!reason) throw;
        throw std::runtime_error{"the channel ended with code " + std::to_string(reason->code) +
                                 ", " + reason->error.message() +
                                 (reason->text.empty() ? "" : " (" + reason->text + ")")};
    }
}

/// Options that let messages of `bytes` pass, be they longer than those of strangers may be.
hawser::MessageLimits message_limits(std::size_t bytes) {
    return {.bytes = std::max(bytes, hawser::MessageLimits{}.bytes)};
}

hawser::BacklogOptions backlog_for(std::size_t bytes) {
    hawser::BacklogOptions options;
    auto& [high, low, hard, messages] = options.limits;
    hard = std::max(hard, high + 2 * message_limits(bytes).bytes);
    return options;
}

asio::awaitable<void> measure(const Settings& settings) {
    const hawser::PollingOptions polling{
        .client = {.message = message_limits(settings.bytes),
                   .backlog = backlog_for(settings.bytes),
                   .foreign_reply = hawser::polling::ForeignReply::give_up,
                   .connect_timeout = std::chrono::seconds{5}}};
    if (settings.transport == "websocket") {
        const hawser::WebSocketOptions websocket{
            .connection = {.message = message_limits(settings.bytes),
                           .backlog = backlog_for(settings.bytes)},
            .compression = settings.compression};
        return measure<hawser::WebSocket>(settings, {.transport = websocket});
    }
    if (settings.transport == "long-polling") {
        return measure<hawser::LongPolling>(settings, {.transport = polling});
    }
    return measure<hawser::Polling>(settings, {.transport = polling});
}

Settings settings_of(Arguments arguments) {
    Settings settings{.url = {},
                      .transport = arguments.text("--transport", ""),
                      .count = arguments.number<std::size_t>("--count", 10),
                      .bytes = arguments.number<std::size_t>("--size", 32),
                      .compression = {},
                      .tls = {}};
#if defined(HAWSER_DEFLATE)
    if (arguments.flag("--deflate")) settings.compression = hawser::deflate();
#endif
#if defined(HAWSER_TLS)
    settings.tls = hawser::tls_dialer(arguments.text("--ca", ""));
#endif
    settings.url = arguments.word();
    arguments.end();
    if (settings.transport.empty()) {
        settings.transport = settings.url.starts_with("ws") ? "websocket" : "long-polling";
    }
    const bool is_known = settings.transport == hawser::WebSocket::name ||
                          settings.transport == hawser::LongPolling::name ||
                          settings.transport == hawser::Polling::name;
    if (!is_known || settings.count == 0) arguments.refuse();
    return settings;
}

}  // namespace

int main(int argc, char** argv) try {
    const auto settings =
        settings_of({argc, argv,
                     "echo_client URL [--transport websocket|long-polling|polling] [--ca FILE] "
                     "[--count N] [--size BYTES] [--deflate]"});
    asio::io_context io{1};
    asio::co_spawn(io, measure(settings), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    io.run();
} catch (const std::exception& failure) {
    std::cerr << "echo_client: " << failure.what() << '\n';
    return 1;
}
