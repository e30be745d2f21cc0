// The load generator: asks something of a server, many times, and says what that cost.
//
//   load MODE (--server COMMAND | --port N [--process ID]) [--path PATH]
//        [--connections N] [--size BYTES] [--in-flight N] [--text] [--stalled N]
//        [--seconds N] [--warm-up N] [--messages N] [--pin SERVER,GENERATOR]
//        [--json FILE] [--label TEXT] [--count-syscalls LIBRARY]
//
// Modes, and the paths at which a server is expected to have what they need:
//   echo          /websocket     messages that come back on their WebSocket
//   fan-out       /fan-out       messages of one WebSocket that all at the path get, it included
//   handshake     /websocket     WebSockets, opened and given up
//   http          /http          GET requests, answered "Hello, World!"
//   long-polling  /long-polling  messages that come back over Hawser's polling protocol: a request
//                                that is held, and one that sends
//   polling       /polling       the same, without a hold
//   engine.io     /engine.io/    as long-polling, in the protocol of engine.io, version 4
//   isolation     /fan-out       a fan-out alone, then beside --stalled WebSockets that do not read
//   idle          /websocket     WebSockets on which nothing happens; then one echo on each
//   held          /long-polling  sessions with a held request
//   scale         /websocket and /fan-out: WebSockets come, rest, echo or broadcast, and go; twice
//
// `--server` starts `COMMAND PORT` and ends it afterwards; `--port` takes one that runs, of which
// it says what it costs if its process is told. A closed loop: each connection has `--in-flight`
// messages on their way, and sends the next when one has come back. Every byte is verified; what is
// wrong ends the run. After a warm-up it measures for `--seconds` and at least `--messages`.
// `--pin 0-1,2` keeps the server on the first two processors, and the generator on the third.
// `--json` adds one line to a file. `--count-syscalls` preloads libcount_syscalls.so into the
// server, and reports its calls of the kernel, by kind; its processor time then has their counting
// in it.

#include "../command_line.hpp"
#include "echo_load.hpp"
#include "engine_io_client.hpp"
#include "fan_out_load.hpp"
#include "handshake_load.hpp"
#include "http_load.hpp"
#include "idle.hpp"
#include "isolation.hpp"
#include "polling_load.hpp"
#include "process_watch.hpp"
#include "report.hpp"
#include "scale.hpp"
#include "server_command.hpp"
#include "syscall_watch.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace bench;

struct Mode {
    std::string_view name;
    std::string_view path;
    /// Makes the closed loop; null where there is none.
    std::unique_ptr<Load> (*make)(Bench&);
    /// Measures in another way; null where it is the loop that is measured.
    void (*measure)(Bench&, const ProcessWatch&, Report&);
};

template <class L>
std::unique_ptr<Load> make(Bench& bench) {
    return std::make_unique<L>(bench);
}

constexpr std::array modes{
    Mode{"echo", "/websocket", make<EchoLoad>, nullptr},
    Mode{"fan-out", "/fan-out", make<FanOutLoad>, nullptr},
    Mode{"handshake", "/websocket", make<HandshakeLoad>, nullptr},
    Mode{"http", "/http", make<HttpLoad>, nullptr},
    Mode{"long-polling", "/long-polling", make<BatchLoad<LongPollingPeer>>, nullptr},
    Mode{"polling", "/polling", make<BatchLoad<PollingPeer>>, nullptr},
    Mode{"engine.io", "/engine.io/", make<BatchLoad<EngineIoPeer>>, nullptr},
    Mode{"isolation", "/fan-out", nullptr, measure_isolation},
    Mode{"idle", "/websocket", nullptr, measure_idle},
    Mode{"held", "/long-polling", nullptr, measure_held},
    Mode{"scale", "/websocket", nullptr, measure_scale},
};

struct Settings {
    const Mode* mode = nullptr;
    LoadOptions load;
    std::optional<std::string> server;
    std::optional<pid_t> process;
    std::optional<Processors> server_processors;
    std::string label;
    std::optional<std::string> json;
    std::optional<std::string> syscall_library;
};

/// Where the costs of the server are seen.
struct Watches {
    std::optional<SyscallWatch> syscalls;
    std::optional<ProcessWatch> server;
};

double seconds_of(const CommandLine& words, const std::optional<std::string>& text, double usual) {
    if (!text) return usual;
    std::size_t used = 0;
    const double seconds = std::stod(*text, &used);
    if (used != text->size() || seconds < 0) words.refuse();
    return seconds;
}

unsigned processor_of(const CommandLine& words, std::string_view digits) {
    unsigned number = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, number);
    if (parsed.ptr != end || parsed.ec != std::errc{}) words.refuse();
    return number;
}

/// One, as `0`, or several, as `0-3`.
Processors processors_of(const CommandLine& words, std::string_view range) {
    const std::size_t dash = range.find('-');
    if (dash == range.npos) return {processor_of(words, range), processor_of(words, range)};
    return {processor_of(words, range.substr(0, dash)),
            processor_of(words, range.substr(dash + 1))};
}

/// Pins this process, and says where the server is to be.
Processors pin(const CommandLine& words, std::string_view pair) {
    const std::size_t comma = pair.find(',');
    if (comma == pair.npos) words.refuse();
    keep_on(processors_of(words, pair.substr(comma + 1)));
    return processors_of(words, pair.substr(0, comma));
}

LoadOptions load_of(CommandLine& words) {
    LoadOptions load;
    load.path = words.text("--path").value_or("");
    load.connections = std::max<std::size_t>(1, words.number("--connections").value_or(1));
    load.size = words.number("--size").value_or(16);
    load.in_flight = std::max<std::size_t>(1, words.number("--in-flight").value_or(1));
    load.is_text = words.flag("--text");
    load.stalled = std::max<std::size_t>(1, words.number("--stalled").value_or(1));
    load.port = static_cast<std::uint16_t>(words.number("--port").value_or(0));
    return load;
}

Settings settings_of(CommandLine words) {
    Settings settings;
    settings.load = load_of(words);
    settings.server = words.text("--server");
    if (const auto process = words.number("--process")) {
        settings.process = static_cast<pid_t>(*process);
    }
    const auto warm_up = seconds_of(words, words.text("--warm-up"), 0.3);
    const auto time = seconds_of(words, words.text("--seconds"), 2);
    settings.load.warm_up.time = std::chrono::duration<double>{warm_up};
    settings.load.amount.time = std::chrono::duration<double>{time};
    settings.load.amount.messages = words.number("--messages").value_or(1);
    if (const auto pair = words.text("--pin")) settings.server_processors = pin(words, *pair);
    settings.label = words.text("--label").value_or(settings.server.value_or("server"));
    settings.json = words.text("--json");
    settings.syscall_library = words.text("--count-syscalls");
    for (const Mode& mode : modes) {
        if (words.flag(mode.name)) settings.mode = &mode;
    }
    words.end();
    if (settings.mode == nullptr) words.refuse();
    if (settings.server.has_value() == (settings.load.port != 0)) words.refuse();
    const bool is_batched = settings.mode->path.ends_with("polling");
    if (is_batched && settings.load.size < Batch::least_size) words.refuse();
    if (settings.load.path.empty()) settings.load.path = settings.mode->path;
    return settings;
}

void report_latency(const Histogram& latency, Report& report) {
    const auto add = [&](std::string_view name, Histogram::Duration duration) {
        const std::chrono::duration<double, std::micro> time = duration;
        report.add(name, {time.count(), 1});
    };
    add("latency_p50_us", latency.percentile(0.5));
    add("latency_p90_us", latency.percentile(0.9));
    add("latency_p99_us", latency.percentile(0.99));
    add("latency_p99.9_us", latency.percentile(0.999));
    add("latency_max_us", latency.max());
}

void report_syscalls(const SyscallCount& before, const SyscallCount& after, double messages,
                     Report& report) {
    const auto add = [&](std::string_view name, std::uint64_t from, std::uint64_t to) {
        report.add(name, {static_cast<double>(to - from) / messages, 4});
    };
    add("syscalls", before.all(), after.all());
    add("syscalls_receive", before.receives, after.receives);
    add("syscalls_send", before.sends, after.sends);
    add("syscalls_wait", before.waits, after.waits);
    add("syscalls_watch", before.watches, after.watches);
}

void measure_loop(Bench& bench, const Settings& settings, const Watches& watches, Report& report) {
    const ProcessWatch* const server = watches.server ? &*watches.server : nullptr;
    using Microseconds = std::chrono::duration<double, std::micro>;
    const SoftirqWatch softirq;
    const std::int64_t bytes = server == nullptr ? 0 : server->private_bytes();
    const auto load = settings.mode->make(bench);
    load->begin();
    go_on_until(bench, bench.options.warm_up);

    bench.tally.restart();
    const auto syscalls = watches.syscalls ? watches.syscalls->count() : SyscallCount{};
    const auto begin = Clock::now();
    const auto softirq_time = softirq.processor_time();
    const auto server_time = server == nullptr ? softirq_time : server->processor_time();
    go_on_until(bench, bench.options.amount);
    const auto server_end = server == nullptr ? server_time : server->processor_time();
    const Microseconds softirq_spent = softirq.processor_time() - softirq_time;
    const std::chrono::duration<double> time = Clock::now() - begin;
    const auto messages = static_cast<double>(bench.tally.done());

    report.add("messages", std::size_t{bench.tally.done()});
    report.add("seconds", {time.count(), 3});
    report.add("messages_per_second", {messages / time.count(), 0});
    if (server != nullptr) {
        report.add("server_us", {Microseconds{server_end - server_time}.count() / messages, 4});
        const auto grown = static_cast<double>(server->private_bytes() - bytes);
        const auto connections = static_cast<double>(bench.options.connections);
        report.add("server_bytes_per_connection", {grown / connections, 0});
    }
    report.add("ksoftirqd_us", {softirq_spent.count() / messages, 4});
    if (watches.syscalls) report_syscalls(syscalls, watches.syscalls->count(), messages, report);
    report_latency(bench.tally.latency(), report);

    finish(bench);
}

void run(Settings settings) {
    raise_file_limit();
    Watches watches;
    if (settings.syscall_library) watches.syscalls.emplace(*settings.syscall_library);
    std::optional<ServerCommand> started;
    if (settings.server) {
        started.emplace(*settings.server, settings.server_processors);
        settings.load.port = started->port();
        settings.process = started->process();
    }
    if (settings.process) watches.server.emplace(*settings.process);

    Report report;
    report.add("label", std::string_view{settings.label});
    report.add("mode", settings.mode->name);
    report.add("connections", settings.load.connections);
    report.add("size", settings.load.size);
    report.add("in_flight", settings.load.in_flight);
    report.add("kind", settings.load.is_text ? "text" : "binary");
    Bench bench{.options = settings.load, .poller = {}, .tally = {}};
    if (settings.mode->make != nullptr) {
        measure_loop(bench, settings, watches, report);
    } else {
        if (!watches.server)
            throw std::invalid_argument{"this mode looks at the server's process"};
        settings.mode->measure(bench, *watches.server, report);
    }
    report.print(std::cout);
    if (settings.json) report.append_json(*settings.json);
}

}  // namespace

int main(int argc, char** argv) try {
    run(settings_of({argc, argv,
                     "load echo|fan-out|handshake|http|long-polling|polling|engine.io|isolation|"
                     "idle|held|scale\n"
                     "  (--server COMMAND | --port N [--process ID]) [--path PATH]\n"
                     "  [--connections N] [--size BYTES] [--in-flight N] [--text] [--stalled N]\n"
                     "  [--seconds N] [--warm-up N] [--messages N] [--pin SERVER,GENERATOR]\n"
                     "  [--json FILE] [--label TEXT] [--count-syscalls LIBRARY]"}));
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
