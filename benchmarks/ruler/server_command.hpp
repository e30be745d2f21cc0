#pragma once

#include "../socket.hpp"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace bench {

/// Processors that follow each other, by their numbers.
struct Processors {
    unsigned first;
    unsigned last;
};

/// Keeps this process on some processors.
inline void keep_on(Processors processors) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned one = processors.first; one <= processors.last; ++one)
        CPU_SET(one, &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) throw_errno("sched_setaffinity");
}

/// A port of this machine that nobody listens on.
[[nodiscard]] inline std::uint16_t find_free_port() {
    const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.number(), generic, size) != 0) throw_errno("bind");
    if (::getsockname(socket.number(), generic, &size) != 0) throw_errno("getsockname");
    return ntohs(address.sin_port);
}

/// A server that was started by a command, which is given a port as its last word. Ended with this
/// object, and with this process.
class ServerCommand {
public:
    /// Returns when the server listens.
    explicit ServerCommand(const std::string& command, std::optional<Processors> processors)
        : port_{find_free_port()} {
        const std::string line = "exec " + command + ' ' + std::to_string(port_);
        process_ = ::fork();
        if (process_ < 0) throw_errno("fork");
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (processors) keep_on(*processors);
            ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
            std::_Exit(127);
        }
        await_listening(command);
    }
    ServerCommand(const ServerCommand&) = delete;
    ServerCommand& operator=(const ServerCommand&) = delete;
    ~ServerCommand() {
        if (process_ <= 0) return;
        ::kill(process_, SIGTERM);
        for (int tenths = 0; tenths != 20 && !has_ended(); ++tenths)
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] pid_t process() const noexcept { return process_; }

private:
    void await_listening(const std::string& command) {
        for (int tries = 0; tries != patience * 100; ++tries) {
            if (has_ended()) break;
            try {
                static_cast<void>(connect_to(port_));
                return;
            } catch (const std::system_error&) {
                std::this_thread::sleep_for(std::chrono::milliseconds{10});
            }
        }
        throw std::runtime_error{"the server does not listen: " + command};
    }

    bool has_ended() noexcept {
        if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = 0;
        return process_ <= 0;
    }

    std::uint16_t port_;
    pid_t process_ = 0;
};

}  // namespace bench
