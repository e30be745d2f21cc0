// What does not depend on the machine's mood, and must not grow: system calls and allocations for
// each message, and bytes of the heap for each channel at rest. Server and clients share one
// thread: the clients write, the server runs until it has nothing to do, and only then, and only
// while it runs, is counted. So the figures are the same on every run but for what the kernel
// delivers late, which its bound leaves room for.
//
//   cost_gates [--smoke]
//
// Fails where a figure is above its bound. A bound is the figure as it was measured, and a little:
// where the library becomes better, it is to be lowered.

#include "batch.hpp"
#include "command_line.hpp"
#include "echo_server.hpp"
#include "heap_count.hpp"
#include "polling_client.hpp"
#include "ruler/websocket_lane.hpp"
#include "syscall_count.hpp"

#include <hawser/server.hpp>

#include <asio/io_context.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace bench;

/// What a server costs while it runs.
struct Costs {
    SyscallCount syscalls;
    HeapCount heap;
};

/// A server in callbacks, with the library's defaults, that runs only when it is told to.
template <hawser::Transport T>
class Stage {
public:
    explicit Stage(bool keeps_head) {
        auto options = echo_options<T>();
        options.keep_head = keeps_head;
        hawser::Endpoint<T> endpoint{io_.get_executor(), std::move(options)};
        endpoint.each([this](hawser::Channel<T> channel) { room_.take(std::move(channel)); });
        hawser::Router router;
        router.add("/channel", endpoint);
        endpoint_ = std::make_unique<hawser::Endpoint<T>>(std::move(endpoint));
        server_ = std::make_unique<hawser::Server>(io_.get_executor(), std::move(router));
        if (const auto error = server_->listen("127.0.0.1", 0)) {
            throw std::system_error{error, "listen"};
        }
    }

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    /// Runs the server until `is_done`, and counts what it does in `costs`; but not that it found
    /// nothing to do, as what was sent was still on its way.
    template <class Predicate>
    void run_until(Costs& costs, Predicate is_done) {
        for (int turns = 0; !is_done(); ++turns) {
            if (turns == most_turns) throw std::runtime_error{"the server does not answer"};
            syscall_count = &costs.syscalls;
            count_heap(costs.heap);
            io_.restart();
            const SyscallCount before = costs.syscalls;
            if (io_.poll() == 0) costs.syscalls = before;
            heap_count = nullptr;
            syscall_count = nullptr;
        }
    }

private:
    static constexpr int most_turns = 1'000'000;

    asio::io_context io_{1};
    EchoRoom room_{Fault::none};
    std::unique_ptr<hawser::Endpoint<T>> endpoint_;
    std::unique_ptr<hawser::Server> server_;
};

/// A client that writes and reads, but never waits.
class WebSocketClient {
public:
    WebSocketClient(std::uint16_t port, Batch batch)
        : batch_{std::move(batch)}, socket_{connect_to(port)} {
        write_all(socket_, upgrade_request("/channel", key));
    }

    [[nodiscard]] bool is_open() {
        if (!reply_.ends_with("\r\n\r\n")) reply_ += read_some(socket_, room(), Waiting::refused);
        if (!reply_.ends_with("\r\n\r\n")) return false;
        demand_upgrade(reply_, key);
        return true;
    }
    void send() {
        batch_.renew();
        write_all(socket_, batch_.sent());
    }
    [[nodiscard]] bool has_all() {
        if (!batch_.is_complete()) batch_.verify(read_some(socket_, room(), Waiting::refused));
        return batch_.is_complete();
    }

    /// Where all clients read.
    static std::span<char> room() {
        static std::vector<char> bytes(64 * 1024);
        return bytes;
    }

private:
    static constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

    Batch batch_;
    Descriptor socket_;
    std::string reply_;
};

/// Compares figures with their bounds, and says what it finds.
class Judge {
public:
    void demand(std::string_view name, double figure, double bound) {
        const bool is_good = figure <= bound;
        is_good_ = is_good_ && is_good;
        std::cout << std::left << std::setw(60) << name << std::right << std::fixed
                  << std::setprecision(4) << std::setw(12) << figure << "  at most "
                  << std::setw(10) << bound << (is_good ? "" : "  MISSED") << std::endl;
    }
    [[nodiscard]] bool is_good() const noexcept { return is_good_; }

private:
    bool is_good_ = true;
};

template <class Client>
bool all_of(std::vector<Client>& clients, bool (Client::*is_done)()) {
    for (auto& client : clients) {
        if (!(client.*is_done)()) return false;
    }
    return true;
}

/// A load, and the bounds of what each of its messages may cost.
struct EchoGate {
    std::string_view name;
    std::size_t connections;
    std::size_t together;
    std::size_t size;
    double syscalls;
    double allocations;
};

void judge_echo(const EchoGate& gate, Judge& judge) {
    Stage<hawser::WebSocket> stage{true};
    std::vector<WebSocketClient> clients;
    for (std::size_t i = 0; i != gate.connections; ++i) {
        clients.emplace_back(stage.port(), Batch{gate.together, gate.size, Masking::client, i});
    }
    Costs opening;
    stage.run_until(opening, [&] { return all_of(clients, &WebSocketClient::is_open); });

    constexpr int warm_up = 5;
    constexpr int rounds = 20;
    Costs costs;
    Costs ignored;
    for (int round = 0; round != warm_up + rounds; ++round) {
        for (auto& client : clients)
            client.send();
        stage.run_until(round < warm_up ? ignored : costs,
                        [&] { return all_of(clients, &WebSocketClient::has_all); });
    }
    const auto messages = static_cast<double>(gate.connections * gate.together * rounds);
    const std::string name{gate.name};
    judge.demand(name + ": system calls a message",
                 static_cast<double>(costs.syscalls.all()) / messages, gate.syscalls);
    judge.demand(name + ": allocations a message",
                 static_cast<double>(costs.heap.allocations) / messages, gate.allocations);
}

/// Enough that what all channels share is less than a byte for each.
constexpr std::size_t idle_channels = 500;

double bytes_each(const Costs& after, std::int64_t before) {
    return static_cast<double>(after.heap.bytes - before) / idle_channels;
}

void judge_idle_websocket(bool keeps_head, std::string_view name, double bound, Judge& judge) {
    Stage<hawser::WebSocket> stage{keeps_head};
    Costs costs;
    std::vector<WebSocketClient> clients;
    const auto open_another = [&] {
        clients.emplace_back(stage.port(), Batch{1, 16, Masking::client, clients.size()});
        stage.run_until(costs, [&] { return clients.back().is_open(); });
    };
    clients.reserve(idle_channels + 1);
    open_another();
    const std::int64_t before = costs.heap.bytes;
    while (clients.size() != idle_channels + 1)
        open_another();
    judge.demand(name, bytes_each(costs, before), bound);
}

void judge_held_poll(bool keeps_head, std::string_view name, double bound, Judge& judge) {
    Stage<hawser::LongPolling> stage{keeps_head};
    Costs costs;
    std::vector<std::unique_ptr<HttpClient>> clients;
    const auto run_a_while = [&] {
        int turns = 0;
        stage.run_until(costs, [&] { return turns++ == 3; });
    };
    const auto open_another = [&] {
        HttpClient& client = *clients.emplace_back(std::make_unique<HttpClient>(stage.port()));
        client.send(PollingSession::open("/channel"));
        std::optional<Reply> reply;
        stage.run_until(costs, [&] {
            if (!reply) reply = client.read(WebSocketClient::room());
            return reply.has_value();
        });
        client.send(PollingSession{*reply, "/channel"}.receive());
        run_a_while();
    };
    open_another();
    const std::int64_t before = costs.heap.bytes;
    while (clients.size() != idle_channels + 1)
        open_another();
    judge.demand(name, bytes_each(costs, before), bound);
}

#if defined(HAWSER_HAS_EPOLL)
constexpr double single_echo_syscalls = 6.02;
constexpr double echo_syscalls = 2.12;
constexpr double batch_syscalls = 0.135;
constexpr double long_echo_syscalls = 2.5;
constexpr double bytes_of_asio = 0;
#else
// Asio's reactor changes what it waits for at every message, and keeps a record of each socket.
constexpr double single_echo_syscalls = 5.02;
constexpr double echo_syscalls = 3.08;
constexpr double batch_syscalls = 0.194;
constexpr double long_echo_syscalls = 3.3;
constexpr double bytes_of_asio = 368;
#endif

/// One at a time, the wait that finds nothing any more counts with each message.
constexpr std::array echo_gates{
    EchoGate{"echo, 1 x 16 B", 1, 1, 16, single_echo_syscalls, 0},
    EchoGate{"echo, 100 x 16 B", 100, 1, 16, echo_syscalls, 0},
    EchoGate{"echo, 100 x 16 B, 16 together", 100, 16, 16, batch_syscalls, 0},
    EchoGate{"echo, 100 x 1 KiB", 100, 1, 1024, echo_syscalls, 1},
    EchoGate{"echo, 10 x 16 KiB", 10, 1, 16 * 1024, long_echo_syscalls, 1},
};

bool judge_all() {
    raise_file_limit();
    Judge judge;
    for (const EchoGate& gate : echo_gates)
        judge_echo(gate, judge);
    const auto bytes = [](double bound) { return bound + bytes_of_asio; };
    judge_idle_websocket(true, "idle WebSocket: bytes of the heap", bytes(1224), judge);
    judge_idle_websocket(false, "idle WebSocket, head dropped: bytes of the heap", bytes(1064),
                         judge);
    judge_held_poll(true, "held long-poll: bytes of the heap", bytes(2288), judge);
    judge_held_poll(false, "held long-poll, head dropped: bytes of the heap", bytes(2240), judge);
    return judge.is_good();
}

}  // namespace

int main(int argc, char** argv) try {
    CommandLine words{argc, argv, "cost_gates [--smoke]"};
    static_cast<void>(words.flag("--smoke"));  // it is small anyhow
    words.end();
    return judge_all() ? 0 : 1;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
