// What an echo costs a server, for each transport: messages per second, processor time and
// allocations per message. The server is a process of its own; the generator, another, writes
// frames and requests by hand, and compares every byte that comes back.
//
//   echo_benchmark [--transport NAME] [--form callbacks|coroutine] [--size BYTES]
//                  [--connections N] [--together N] [--seconds N] [--pin] [--json FILE] [--smoke]
//
// Each connection sends its next messages when the last have come back, `--together` of them at a
// time (1). `--pin` keeps the server on the first processor and the generator on the second.
// `--smoke` exchanges little, and shows that an echo with one wrong byte is found out.

#include "command_line.hpp"
#include "echo_server.hpp"
#include "polling_client.hpp"
#include "server_process.hpp"
#include "table.hpp"
#include "websocket_client.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace {

using namespace bench;

/// What is measured at a time.
struct Load {
    Form form = Form::callbacks;
    std::size_t size = 16;
    std::size_t connections = 1;
    /// Messages that a connection sends at a time.
    std::size_t together = 1;
};

struct Settings {
    std::optional<std::string> transport;
    std::vector<Form> forms{Form::callbacks, Form::coroutine};
    std::vector<std::size_t> sizes{16, 1024, 16 * 1024};
    std::vector<std::size_t> connections{1, 100};
    std::size_t together = 1;
    Generator::Amount warm_up{500, std::chrono::milliseconds{200}};
    Generator::Amount amount{2000, std::chrono::seconds{1}};
    bool is_pinned = false;
    bool is_smoke = false;
    std::optional<std::string> json;
};

Settings settings_of(CommandLine words) {
    Settings settings;
    settings.transport = words.text("--transport");
    const auto names = {hawser::WebSocket::name, hawser::LongPolling::name, hawser::Polling::name};
    if (settings.transport && std::ranges::count(names, *settings.transport) == 0) words.refuse();
    if (const auto form = words.text("--form")) {
        if (form != "callbacks" && form != "coroutine") words.refuse();
        settings.forms = {form == "coroutine" ? Form::coroutine : Form::callbacks};
    }
    if (const auto size = words.number("--size")) settings.sizes = {*size};
    if (const auto count = words.number("--connections")) settings.connections = {*count};
    settings.together = words.number("--together").value_or(1);
    if (const auto seconds = words.number("--seconds")) {
        settings.amount.time = std::chrono::seconds{*seconds};
    }
    settings.is_pinned = words.flag("--pin");
    settings.json = words.text("--json");
    settings.is_smoke = words.flag("--smoke");
    words.end();
    // What a connection has under way must fit the backlog of its channel.
    constexpr std::size_t most_bytes = 1024 * 1024;
    for (const std::size_t size : settings.sizes) {
        if (size < Batch::least_size || size > most_bytes / settings.together) words.refuse();
    }
    if (settings.together == 0) words.refuse();
    if (settings.is_smoke) {
        settings.sizes = {16, 16 * 1024};
        settings.connections = {10};
        settings.together = 2;
        settings.warm_up = settings.amount = {50, {}};
    }
    return settings;
}

template <class T>
struct PeerOf;
template <>
struct PeerOf<hawser::WebSocket> {
    using Type = WebSocketPeer;
    static constexpr Masking masking = Masking::client;
};
template <>
struct PeerOf<hawser::LongPolling> {
    using Type = LongPollingPeer;
    static constexpr Masking masking = Masking::none;
};
template <>
struct PeerOf<hawser::Polling> {
    using Type = PollingPeer;
    static constexpr Masking masking = Masking::none;
};

template <class T>
Generator make_generator(const Load& load, std::uint16_t port) {
    std::vector<std::unique_ptr<Peer>> peers;
    for (std::size_t i = 0; i != load.connections; ++i) {
        Batch batch{load.together, load.size, PeerOf<T>::masking, i * load.together};
        peers.push_back(std::make_unique<typename PeerOf<T>::Type>(port, std::move(batch)));
    }
    return Generator{std::move(peers)};
}

template <class T>
ServerProcess start_server(const Load& load, const Settings& settings, Fault fault) {
    const auto processor = settings.is_pinned ? std::optional{0U} : std::nullopt;
    return ServerProcess{[form = load.form, fault](Descriptor control) {
                             serve_echo<T>(form, fault, std::move(control));
                         },
                         processor};
}

[[nodiscard]] std::string_view name_of(Form form) {
    return form == Form::coroutine ? "coroutine" : "callbacks";
}

template <class T>
void measure(const Load& load, const Settings& settings, Table& table) {
    ServerProcess server = start_server<T>(load, settings, Fault::none);
    auto generator = std::make_unique<Generator>(make_generator<T>(load, server.port()));
    generator->run(settings.warm_up);
    const auto time = server.processor_time();
    const auto allocations = server.allocations();
    const Generator::Done done = generator->run(settings.amount);
    const std::chrono::duration<double, std::micro> spent = server.processor_time() - time;
    const auto allocated = static_cast<double>(server.allocations() - allocations);
    generator.reset();
    server.stop();

    const double messages = static_cast<double>(done.batches * load.together);
    const double seconds = std::chrono::duration<double>(done.time).count();
    table.add({T::name,
               name_of(load.form),
               load.size,
               load.connections,
               load.together,
               {messages / seconds, 0},
               {spent.count() / messages, 2},
               {allocated / messages, 3}});
}

/// Shows that a generator finds out one wrong byte.
template <class T>
void try_fault(const Load& load, const Settings& settings) {
    ServerProcess server = start_server<T>(load, settings, Fault::changed_byte);
    try {
        make_generator<T>(load, server.port()).run({1, {}});
    } catch (const WrongEcho&) {
        return;
    }
    throw std::runtime_error{std::string{T::name} + ": a wrong echo was not noticed"};
}

template <class T>
void run(const Settings& settings, Table& table) {
    if (settings.transport && *settings.transport != T::name) return;
    for (const std::size_t connections : settings.connections) {
        for (const std::size_t size : settings.sizes) {
            for (const Form form : settings.forms) {
                const Load load{form, size, connections, settings.together};
                measure<T>(load, settings, table);
                if (settings.is_smoke) try_fault<T>(load, settings);
            }
        }
    }
}

void run_all(const Settings& settings) {
    if (settings.is_pinned) pin_to(1);
    Table table{"echo",
                {{"transport", 12},
                 {"form", 9},
                 {"bytes", 6},
                 {"connections", 0},
                 {"together", 0},
                 {"messages/s", 0},
                 {"server us/message", 0},
                 {"allocations/message", 0}}};
    run<hawser::WebSocket>(settings, table);
    run<hawser::LongPolling>(settings, table);
    run<hawser::Polling>(settings, table);
    if (settings.json) table.write_json(*settings.json);
}

}  // namespace

int main(int argc, char** argv) try {
    run_all(settings_of({argc, argv,
                         "echo_benchmark [--transport NAME] [--form callbacks|coroutine]\n"
                         "  [--size BYTES] [--connections N] [--together N] [--seconds N] [--pin]\n"
                         "  [--json FILE] [--smoke]"}));
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
