// The ruler's zero: what the kernel allows. Raw epoll, one thread, as few system calls as there can
// be, and nothing that a server on a public network needs: no limit, no timeout, no check. What it
// understands is what the load generator says, spelled as that spells it.
//
//   limit_server [--threads N] PORT
//
// /websocket echoes; /fan-out sends each message to all who are there; /http answers GET;
// /long-polling and /polling echo over Hawser's polling protocol. Threads share the port and
// nothing else: what belongs together must come to the same one, so that with several only what
// needs one connection is served, which is /websocket and /http.

#include "../command_line.hpp"
#include "server.hpp"

#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

int main(int argc, char** argv) try {
    bench::CommandLine words{argc, argv, "limit_server [--threads N] PORT"};
    const std::size_t threads = words.number("--threads").value_or(1);
    const auto port = static_cast<std::uint16_t>(words.last_number());
    bench::raise_file_limit();
    if (threads == 0) words.refuse();
    const auto sharing = threads > 1 ? limit::Sharing::port : limit::Sharing::nothing;
    std::vector<std::unique_ptr<limit::Server>> servers;
    while (servers.size() < threads)
        servers.push_back(std::make_unique<limit::Server>(port, sharing));
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < servers.size(); ++i) {
        others.emplace_back([&server = *servers[i]] { server.run(); });
    }
    servers.front()->run();
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
