// The ruler's zero: what the kernel allows. Raw epoll, one thread, as few system calls as there can
// be, and nothing that a server on a public network needs: no limit, no timeout, no check. What it
// understands is what the load generator says, spelled as that spells it.
//
//   limit_server PORT
//
// /websocket echoes; /fan-out sends each message to all who are there; /http answers GET;
// /long-polling and /polling echo over Hawser's polling protocol.

#include "../command_line.hpp"
#include "server.hpp"

#include <cstdint>
#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
    const bench::CommandLine words{argc, argv, "limit_server PORT"};
    const auto port = static_cast<std::uint16_t>(words.last_number());
    bench::raise_file_limit();
    limit::Server{port}.run();
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
