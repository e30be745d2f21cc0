// What a channel costs a server that nothing is said on: 10,000 idle WebSockets, and 10,000 held
// long-polls, on one thread. The server is a process of its own; the generator, another, opens all
// channels, has the server say one message to each, and checks that each arrives; then closes all,
// and does it again until a round leaves no more memory than there was before it.
//
//   idle_benchmark [--transport websocket|long-polling] [--form callbacks|coroutine]
//                  [--channels N] [--json FILE] [--smoke]
//
// Fails where a channel costs more of the heap than its goal (3 KiB; 6 KiB for a session with its
// connection), be it new or after its message, where a message is missing or wrong, and where
// memory does not come back. What the kernel needs for sockets is not counted.
//
// `--smoke` opens few channels, and shows that one wrong byte is found out.

#include "command_line.hpp"
#include "idle_server.hpp"
#include "polling_client.hpp"
#include "server_process.hpp"
#include "table.hpp"
#include "websocket_client.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace bench;

struct Settings {
    std::optional<std::string> transport;
    std::vector<Form> forms{Form::callbacks, Form::coroutine};
    std::vector<bool> keeps_head{true, false};
    std::size_t channels = 10'000;
    std::chrono::seconds grace{10};
    bool is_smoke = false;
    std::optional<std::string> json;
};

Settings settings_of(CommandLine words) {
    Settings settings;
    settings.transport = words.text("--transport");
    const auto names = {hawser::WebSocket::name, hawser::LongPolling::name};
    if (settings.transport && std::ranges::count(names, *settings.transport) == 0) words.refuse();
    settings.is_smoke = words.flag("--smoke");
    if (settings.is_smoke) {
        settings.forms = {Form::callbacks};
        settings.keeps_head = {true};
        settings.channels = 200;
        settings.grace = std::chrono::seconds{1};
    }
    if (const auto form = words.text("--form")) {
        if (form != "callbacks" && form != "coroutine") words.refuse();
        settings.forms = {form == "coroutine" ? Form::coroutine : Form::callbacks};
    }
    settings.channels = words.number("--channels").value_or(settings.channels);
    settings.json = words.text("--json");
    words.end();
    return settings;
}

template <class T>
struct ClientOf;
template <>
struct ClientOf<hawser::WebSocket> {
    using Type = IdleWebSocket;
    static constexpr std::size_t goal = 3 * 1024;
};
template <>
struct ClientOf<hawser::LongPolling> {
    using Type = HeldPoll;
    static constexpr std::size_t goal = 6 * 1024;
};

/// The way to the server's application: plain requests. As the server has one thread, whatever
/// reached it before a request has been dealt with when that is answered.
class Remote {
public:
    explicit Remote(std::uint16_t port) : client_{port} {}

    [[nodiscard]] std::size_t count() { return std::stoul(ask("/count")); }
    void say() { ask("/say"); }

private:
    std::string ask(const std::string& path) {
        const Reply reply = client_.ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        reply.demand(200);
        return std::string{reply.body};
    }

    HttpClient client_;
};

/// What all channels together take, in bytes of the server.
struct Costs {
    std::int64_t heap = 0;
    std::int64_t resident = 0;
    /// When each has received a message and is idle again.
    std::int64_t heap_after_message = 0;
    /// When all are closed.
    std::int64_t heap_left = 0;
    std::chrono::nanoseconds opening{};
};

/// Waits until the server has no channel, and its heap at most `bytes` and no longer less and less;
/// but not for ever. Returns the bytes of its heap.
std::int64_t await_heap(const ServerProcess& server, Remote& remote, std::int64_t bytes,
                        std::chrono::seconds within) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds quiet{300};
    const auto begin = Clock::now();
    auto changed = begin;
    auto before = server.heap_bytes();
    for (auto now = begin; now - begin < within; now = Clock::now()) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        const bool is_open = remote.count() != 0;
        const auto heap = server.heap_bytes();
        if (is_open || heap > bytes || heap != std::exchange(before, heap)) changed = now;
        if (now - changed >= quiet) break;
    }
    return server.heap_bytes();
}

/// Opens all channels, has one message said to each, closes them.
template <class T>
Costs go_round(const ServerProcess& server, Remote& remote, const Settings& settings) {
    static_cast<void>(remote.count());
    Costs costs;
    const auto heap = server.heap_bytes();
    const auto resident = server.resident_bytes();
    const auto time = server.processor_time();

    std::vector<typename ClientOf<T>::Type> clients;
    clients.reserve(settings.channels);
    while (clients.size() != settings.channels)
        clients.emplace_back(server.port());
    if (remote.count() != settings.channels) throw std::runtime_error{"channels are missing"};
    costs.opening = server.processor_time() - time;
    costs.heap = server.heap_bytes() - heap;
    costs.resident = server.resident_bytes() - resident;

    remote.say();
    for (auto& client : clients)
        client.expect(announcement);
    static_cast<void>(remote.count());
    costs.heap_after_message = server.heap_bytes() - heap;

    for (auto& client : clients)
        client.close();
    clients.clear();
    // A session is remembered for the time of grace; the timers may be late by a seventh.
    const auto within = 2 * settings.grace + std::chrono::seconds{5};
    costs.heap_left = await_heap(server, remote, heap + costs.heap / 8, within) - heap;
    return costs;
}

template <class T>
ServerProcess start_server(const IdleOptions& options) {
    return ServerProcess{
        [options](Descriptor control) { serve_idle<T>(options, std::move(control)); }};
}

/// Shows that one wrong byte is found out.
template <class T>
void try_fault() {
    const ServerProcess server = start_server<T>({.fault = Fault::changed_byte});
    Remote remote{server.port()};
    typename ClientOf<T>::Type client{server.port()};
    static_cast<void>(remote.count());
    remote.say();
    try {
        client.expect(announcement);
    } catch (const WrongEcho&) {
        return;
    }
    throw std::runtime_error{std::string{T::name} + ": a wrong message was not noticed"};
}

/// What a round may leave that nothing is to come of: less than the least block for each channel.
constexpr std::int64_t most_growth = 32 * 1024;

/// The benchmark of one transport in one form. Returns whether all goals were reached.
template <class T>
bool measure(const IdleOptions& options, const Settings& settings, Table& table) {
    ServerProcess server = start_server<T>(options);
    std::optional<Remote> remote{server.port()};
    const Costs first = go_round<T>(server, *remote, settings);
    // What is left is kept for the next channels: places in queues and tables, Asio's records of
    // descriptors. A leak takes as much again in each round.
    Costs last = first;
    for (int rounds = 1; last.heap_left > most_growth && rounds != 4; ++rounds) {
        last = go_round<T>(server, *remote, settings);
    }
    remote.reset();
    server.stop();

    const auto each = [&](std::int64_t bytes) {
        return static_cast<double>(bytes) / static_cast<double>(settings.channels);
    };
    constexpr std::size_t goal = ClientOf<T>::goal;
    const bool is_good = each(first.heap) <= goal && each(first.heap_after_message) <= goal &&
                         first.heap_left <= first.heap / 8 && last.heap_left <= most_growth;
    table.add({T::name,
               options.form == Form::coroutine ? "coroutine" : "callbacks",
               options.keeps_head ? "kept" : "dropped",
               settings.channels,
               {each(first.heap), 0},
               {each(first.heap_after_message), 0},
               {each(first.resident), 0},
               goal,
               {each(first.opening.count()) / 1000, 1},
               {each(first.heap_left), 0},
               {each(last.heap_left), 1},
               is_good ? "reached" : "MISSED"});
    return is_good;
}

template <class T>
bool run(const Settings& settings, Table& table) {
    if (settings.transport && *settings.transport != T::name) return true;
    bool is_good = true;
    for (const Form form : settings.forms) {
        for (const bool keeps_head : settings.keeps_head) {
            const IdleOptions options{
                .form = form, .keeps_head = keeps_head, .grace = settings.grace};
            is_good = measure<T>(options, settings, table) && is_good;
        }
    }
    if (settings.is_smoke) try_fault<T>();
    return is_good;
}

bool run_all(const Settings& settings) {
    raise_file_limit();
    Table table{"idle",
                {{"transport", 12},
                 {"form", 9},
                 {"head", 7},
                 {"channels", 0},
                 {"bytes each", 0},
                 {"after a message", 0},
                 {"resident each", 0},
                 {"goal", 0},
                 {"server us to open", 0},
                 {"left when closed", 0},
                 {"left by the last round", 0},
                 {"goals", 7}}};
    const bool websocket = run<hawser::WebSocket>(settings, table);
    const bool long_polling = run<hawser::LongPolling>(settings, table);
    if (settings.json) table.write_json(*settings.json);
    return websocket && long_polling;
}

}  // namespace

int main(int argc, char** argv) try {
    return run_all(settings_of({argc, argv,
                                "idle_benchmark [--transport websocket|long-polling]\n"
                                "  [--form callbacks|coroutine] [--channels N] [--json FILE]\n"
                                "  [--smoke]"}))
               ? 0
               : 1;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
