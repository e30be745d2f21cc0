#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

// The generator's own sockets: nothing of the library, nor of Asio, measures itself.

namespace bench {

/// The seconds for which a generator waits for any byte of a server before it gives up.
inline constexpr int patience = 20;

[[noreturn]] inline void throw_errno(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

/// A file descriptor; closed with the object.
class Descriptor {
public:
    Descriptor() noexcept = default;
    /// Of what a system call gave, which failed where it is negative.
    Descriptor(int number, const char* what) : number_{number} {
        if (number < 0) throw_errno(what);
    }
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    [[nodiscard]] int number() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }
    void close() noexcept {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }

private:
    int number_ = -1;
};

/// How much of what is sent to a connection the kernels take before it is read.
enum class Window : std::uint8_t { usual, smallest };

/// A connection to `port` of this machine, which blocks, but not for longer than `patience`.
[[nodiscard]] inline Descriptor connect_to(std::uint16_t port, Window window = Window::usual) {
    Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"};
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (window == Window::smallest) {
        // The sender's kernel makes room for so many segments; these are those of RFC 9293.
        const int segment = 536;
        ::setsockopt(socket.number(), IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
        const int buffer = 1;  // becomes the least that there can be
        ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    }
    const timeval limit{.tv_sec = patience, .tv_usec = 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket.number(), generic, sizeof address) != 0) throw_errno("connect");
    return socket;
}

/// Writes all of `bytes`.
inline void write_all(const Descriptor& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto size = ::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size < 0) throw_errno("send");
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
}

enum class Waiting : std::uint8_t { allowed, refused };

/// What has come, in the first bytes of `room`. Empty where nothing has and `waiting` is refused.
/// Throws where the peer has closed.
[[nodiscard]] inline std::string_view read_some(const Descriptor& socket, std::span<char> room,
                                                Waiting waiting) {
    const int flags = waiting == Waiting::allowed ? 0 : MSG_DONTWAIT;
    const auto size = ::recv(socket.number(), room.data(), room.size(), flags);
    if (size == 0) throw std::runtime_error{"the server has closed a connection"};
    if (size > 0) return {room.data(), static_cast<std::size_t>(size)};
    if (waiting == Waiting::refused && (errno == EAGAIN || errno == EINTR)) return {};
    throw_errno("recv");
}

/// Fills `room`.
inline void read_all(const Descriptor& socket, std::span<char> room) {
    while (!room.empty()) {
        room = room.subspan(read_some(socket, room, Waiting::allowed).size());
    }
}

/// Reads until the peer has ended the connection, and drops what comes.
inline void await_end(const Descriptor& socket, std::span<char> room) {
    for (;;) {
        const auto size = ::recv(socket.number(), room.data(), room.size(), 0);
        if (size == 0 || (size < 0 && errno == ECONNRESET)) return;
        if (size < 0 && errno != EINTR) throw_errno("recv");
    }
}

/// Lets this process, and those it starts, open as many files as the system grants.
inline void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) throw_errno("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) throw_errno("setrlimit");
}

}  // namespace bench
