#pragma once

#include <hawser/core/role.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <set>

#include <dlfcn.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace test {

/// As long as one lives, it counts what the sockets of one role ask of the system: those that are
/// opened if it is the client, those that are accepted if it is the server. One such call fails.
class FailingCalls {
public:
    FailingCalls(hawser::Role role, std::size_t failing) : role_{role}, failing_{failing} {
        current() = this;
    }
    FailingCalls(const FailingCalls&) = delete;
    FailingCalls& operator=(const FailingCalls&) = delete;
    ~FailingCalls() { current() = nullptr; }

    /// Whether none of them has failed.
    [[nodiscard]] bool has_survived() const { return count_ <= failing_; }
    /// The sockets of the role that are open.
    [[nodiscard]] std::size_t open_sockets() const { return sockets_.size(); }

    // What the system calls below ask.

    [[nodiscard]] static FailingCalls*& current() {
        static FailingCalls* only = nullptr;
        return only;
    }
    /// Counts a call that `role` makes; true where it is to fail.
    [[nodiscard]] static bool fails(hawser::Role role) {
        FailingCalls* const with = current();
        return with != nullptr && with->role_ == role && with->count_++ == with->failing_;
    }
    /// The same for a call on `socket`.
    [[nodiscard]] static bool fails(int socket) {
        FailingCalls* const with = current();
        return with != nullptr && with->sockets_.contains(socket) && fails(with->role_);
    }
    static int opened(hawser::Role role, int socket) {
        FailingCalls* const with = current();
        if (with != nullptr && with->role_ == role && socket >= 0) with->sockets_.insert(socket);
        return socket;
    }
    static void closed(int socket) {
        if (FailingCalls* const with = current()) with->sockets_.erase(socket);
    }

private:
    hawser::Role role_;
    std::size_t failing_;
    /// Names are resolved on another thread.
    std::atomic<std::size_t> count_{0};
    std::set<int> sockets_;
};

inline int fail_call(int error) {
    errno = error;
    return -1;
}

}  // namespace test

// They stand for those of the system, which Asio and the library call. Weak, so that more than one
// file of a program may include this.

extern "C" {

[[gnu::weak]] int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                              addrinfo** found) {
    if (test::FailingCalls::fails(hawser::Role::client)) return EAI_AGAIN;
    static const auto real =
        reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(name, service, hints, found);
}
[[gnu::weak]] int socket(int family, int type, int protocol) noexcept {
    if (test::FailingCalls::fails(hawser::Role::client)) return test::fail_call(EMFILE);
    return test::FailingCalls::opened(
        hawser::Role::client, static_cast<int>(::syscall(SYS_socket, family, type, protocol)));
}
[[gnu::weak]] int accept(int listener, sockaddr* address, socklen_t* length) {
    return test::FailingCalls::opened(
        hawser::Role::server,
        static_cast<int>(::syscall(SYS_accept4, listener, address, length, 0)));
}
[[gnu::weak]] int connect(int socket, const sockaddr* address, socklen_t length) {
    if (test::FailingCalls::fails(socket)) return test::fail_call(ENETUNREACH);
    return static_cast<int>(::syscall(SYS_connect, socket, address, length));
}
[[gnu::weak]] int getsockopt(int socket, int level, int option, void* value,
                             socklen_t* length) noexcept {
    if (test::FailingCalls::fails(socket)) return test::fail_call(ENOBUFS);
    return static_cast<int>(::syscall(SYS_getsockopt, socket, level, option, value, length));
}
[[gnu::weak]] ssize_t recv(int socket, void* into, std::size_t size, int flags) {
    if (test::FailingCalls::fails(socket)) return test::fail_call(ECONNRESET);
    return ::syscall(SYS_recvfrom, socket, into, size, flags, nullptr, nullptr);
}
[[gnu::weak]] ssize_t recvmsg(int socket, msghdr* message, int flags) {
    if (test::FailingCalls::fails(socket)) return test::fail_call(ECONNRESET);
    return ::syscall(SYS_recvmsg, socket, message, flags);
}
[[gnu::weak]] ssize_t send(int socket, const void* from, std::size_t size, int flags) {
    if (test::FailingCalls::fails(socket)) return test::fail_call(EPIPE);
    return ::syscall(SYS_sendto, socket, from, size, flags, nullptr, 0);
}
[[gnu::weak]] ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    if (test::FailingCalls::fails(socket)) return test::fail_call(EPIPE);
    return ::syscall(SYS_sendmsg, socket, message, flags);
}
[[gnu::weak]] int epoll_ctl(int set, int what, int socket, epoll_event* event) noexcept {
    // To look for something else needs no memory, and Asio relies on that.
    if (what == EPOLL_CTL_ADD && test::FailingCalls::fails(socket)) return test::fail_call(ENOMEM);
    return static_cast<int>(::syscall(SYS_epoll_ctl, set, what, socket, event));
}
[[gnu::weak]] int close(int descriptor) {
    test::FailingCalls::closed(descriptor);
    return static_cast<int>(::syscall(SYS_close, descriptor));
}

}  // extern "C"
