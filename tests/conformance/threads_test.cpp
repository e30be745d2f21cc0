#include <hawser/client/connect.hpp>
#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>
#include <hawser/transport/loopback.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using hawser::AnyChannel;
using hawser::Channel;
using hawser::CloseReason;
using hawser::LongPolling;
using hawser::Message;
using hawser::Polling;
using hawser::Sender;
using hawser::WebSocket;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t sending_threads = 3;
constexpr std::size_t client_count = 4;
constexpr std::size_t count = 150;

/// An `io_context` that runs on a thread of its own, from `start` on.
class Runner {
public:
    Runner() = default;
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    ~Runner() { stop(); }

    [[nodiscard]] asio::any_io_executor executor() { return io_.get_executor(); }
    void start() {
        thread_ = std::jthread{[this] { io_.run(); }};
    }
    void stop() {
        io_.stop();
        if (thread_.joinable()) thread_.join();
    }
    /// Does `what` on the thread, and waits until it is done.
    void perform(std::function<void()> what) {
        std::promise<void> done;
        asio::post(io_, [&] {
            what();
            done.set_value();
        });
        wait(done, "something to be done on a thread");
    }
    /// Waits for an event on some thread; its patience is a watchdog.
    static void wait(std::promise<void>& event, std::string_view what) {
        if (event.get_future().wait_for(60s) == std::future_status::ready) return;
        FAIL("this has not come: " << what);
    }

private:
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::jthread thread_;
};

/// Sends back what comes, until the channel closes.
void echo(AnyChannel channel) {
    const auto kept = std::make_shared<AnyChannel>(std::move(channel));
    kept->run({.message = [kept](const Message& message) {
        static_cast<void>(kept->try_send(message));  // refused only where the end is near
    }});
}

/// Checks that what the threads have sent comes back, of each thread in order. Used on its
/// channel's thread, but for the events.
class Listener {
public:
    explicit Listener(AnyChannel channel) : channel_{std::move(channel)} {
        channel_.run({.message = [this](const Message& message) { take(message); },
                      .closed = [this](const CloseReason&) { ended.set_value(); }});
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] Sender sender() const { return channel_.sender(); }
    void close() {
        channel_.async_close([](std::error_code) {});
    }
    [[nodiscard]] bool is_in_order() const { return is_in_order_; }

    std::promise<void> all_came;
    std::promise<void> ended;

private:
    void take(const Message& message) {
        const std::string text{message.view()};
        const std::size_t thread = std::stoul(text);
        if (thread == sending_threads) return;  // one that may come, or be too late
        const auto expected = std::to_string(thread) + ' ' + std::to_string(next_.at(thread)++);
        is_in_order_ = is_in_order_ && text == expected;
        if (++received_ == sending_threads * count) all_came.set_value();
    }

    AnyChannel channel_;
    std::array<std::size_t, sending_threads> next_{};
    std::size_t received_ = 0;
    bool is_in_order_ = true;
};

/// Threads that send to all of some channels, then go on until these are gone.
class Senders {
public:
    explicit Senders(std::vector<Sender> channels) : channels_{std::move(channels)} {
        for (std::size_t thread = 0; thread != sending_threads; ++thread) {
            threads_.emplace_back([this, thread] { send(thread); });
        }
    }
    Senders(const Senders&) = delete;
    Senders& operator=(const Senders&) = delete;

    /// From now on, what is sent is only to find out that the channels are gone.
    void note_all_have_come() { have_come_.count_down(); }

private:
    void send(std::size_t thread) {
        for (std::size_t i = 0; i != count; ++i) {
            const auto text = std::to_string(thread) + ' ' + std::to_string(i);
            for (const Sender& channel : channels_) channel.send(Message::text(text));
        }
        have_come_.wait();
        const Message late = Message::text(std::to_string(sending_threads));
        for (const Sender& channel : channels_) {
            while (channel.send(late)) std::this_thread::yield();
        }
    }

    std::vector<Sender> channels_;
    std::latch have_come_{1};
    std::vector<std::jthread> threads_;
};

/// Servers of one endpoint on two threads, that share a port, so that the requests of one session
/// come to either.
template <class T>
class Servers {
public:
    Servers() {
        endpoint_.each([](Channel<T> channel) { echo(std::move(channel)); });
        REQUIRE_FALSE(one_.listen("127.0.0.1", 0));
        REQUIRE_FALSE(other_.listen("127.0.0.1", one_.port()));
        url_ = "http://127.0.0.1:" + std::to_string(one_.port()) + "/";
        for (Runner& runner : runners_) runner.start();
    }
    ~Servers() {
        for (Runner& runner : runners_) runner.stop();
    }
    Servers(const Servers&) = delete;
    Servers& operator=(const Servers&) = delete;

    [[nodiscard]] std::string url() const { return url_; }

private:
    [[nodiscard]] hawser::Server serve(Runner& runner) {
        hawser::Router router;
        router.add("/", endpoint_);
        return hawser::Server{runner.executor(), std::move(router),
                              {.listen = {.reuse_port = true}}};
    }

    std::array<Runner, 2> runners_;
    hawser::Endpoint<T> endpoint_{
        std::vector{runners_[0].executor(), runners_[1].executor()}};
    hawser::Server one_ = serve(runners_[0]);
    hawser::Server other_ = serve(runners_[1]);
    std::string url_;
};

template <class T>
Channel<T> connect(Runner& runner, const std::string& url) {
    hawser::ConnectOptions<T> options;
    if constexpr (requires { options.transport.client; }) options.transport.client.interval = 2ms;
    std::promise<void> done;
    std::error_code failure;
    Channel<T> connected{nullptr};
    runner.perform([&] {
        hawser::connect<T>(runner.executor(), url, std::move(options),
                           [&](std::error_code error, Channel<T> channel) {
                               failure = error;
                               connected = std::move(channel);
                               done.set_value();
                           });
    });
    Runner::wait(done, "a channel");
    REQUIRE_FALSE(failure);
    return connected;
}

/// Has many threads send to channels that live on `runner` and whose peers echo, until they have
/// closed.
void send_from_many_threads(Runner& runner, std::vector<AnyChannel> channels) {
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<Sender> doors;
    runner.perform([&] {
        for (AnyChannel& channel : channels) {
            listeners.push_back(std::make_unique<Listener>(std::move(channel)));
            doors.push_back(listeners.back()->sender());
        }
    });
    Senders senders{std::move(doors)};
    for (const auto& listener : listeners) Runner::wait(listener->all_came, "all messages");
    senders.note_all_have_come();
    runner.perform([&] {
        for (const auto& listener : listeners) listener->close();
    });
    for (const auto& listener : listeners) Runner::wait(listener->ended, "the end of a channel");
    runner.perform([&] {
        for (const auto& listener : listeners) CHECK(listener->is_in_order());
        listeners.clear();
    });
}

}  // namespace

TEST_CASE_TEMPLATE("any thread sends while others run the channels and their peers", T, WebSocket,
                   LongPolling, Polling) {
    Servers<T> servers;
    Runner runner;
    runner.start();
    std::vector<AnyChannel> channels;
    for (std::size_t i = 0; i != client_count; ++i) {
        channels.push_back(connect<T>(runner, servers.url()));
    }
    send_from_many_threads(runner, std::move(channels));
    runner.stop();
}

TEST_CASE("any thread sends while another runs both ends of a loopback") {
    Runner runner;
    std::vector<AnyChannel> channels;
    for (std::size_t i = 0; i != client_count; ++i) {
        auto [near, far] = hawser::make_loopback(runner.executor());
        channels.push_back(std::move(near));
        echo(std::move(far));
    }
    runner.start();
    send_from_many_threads(runner, std::move(channels));
    runner.stop();
}
