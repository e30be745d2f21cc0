#pragma once

// Replaces the functions of the C library by which a network server calls the kernel, so that its
// calls are counted exactly. To be included in one file of a program only. What a function does is
// left to the kernel; that they can be cancelled (pthreads(7)) is lost.

#include "syscall_totals.hpp"

#include <cstdint>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

namespace bench {

/// Where this process counts; null while it does not.
inline SyscallCount* syscall_count = nullptr;

namespace detail {

template <class... Arguments>
long counted(std::uint64_t SyscallCount::*kind, long number, Arguments... arguments) noexcept {
    if (syscall_count != nullptr) ++(syscall_count->*kind);
    return ::syscall(number, arguments...);
}

}  // namespace detail

}  // namespace bench

extern "C" {

ssize_t read(int file, void* to, size_t size) {
    return bench::detail::counted(&bench::SyscallCount::receives, SYS_read, file, to, size);
}
ssize_t recv(int file, void* to, size_t size, int flags) {
    return bench::detail::counted(&bench::SyscallCount::receives, SYS_recvfrom, file, to, size,
                                  flags, nullptr, nullptr);
}
ssize_t recvmsg(int file, msghdr* message, int flags) {
    return bench::detail::counted(&bench::SyscallCount::receives, SYS_recvmsg, file, message,
                                  flags);
}
ssize_t readv(int file, const iovec* parts, int count) {
    return bench::detail::counted(&bench::SyscallCount::receives, SYS_readv, file, parts, count);
}
ssize_t write(int file, const void* from, size_t size) {
    return bench::detail::counted(&bench::SyscallCount::sends, SYS_write, file, from, size);
}
ssize_t send(int file, const void* from, size_t size, int flags) {
    return bench::detail::counted(&bench::SyscallCount::sends, SYS_sendto, file, from, size, flags,
                                  nullptr, 0);
}
ssize_t sendmsg(int file, const msghdr* message, int flags) {
    return bench::detail::counted(&bench::SyscallCount::sends, SYS_sendmsg, file, message, flags);
}
ssize_t writev(int file, const iovec* parts, int count) {
    return bench::detail::counted(&bench::SyscallCount::sends, SYS_writev, file, parts, count);
}
int epoll_wait(int set, epoll_event* events, int most, int timeout) {
    return static_cast<int>(bench::detail::counted(&bench::SyscallCount::waits, SYS_epoll_pwait,
                                                   set, events, most, timeout, nullptr, 8));
}
int poll(pollfd* files, nfds_t count, int timeout) {
    return static_cast<int>(
        bench::detail::counted(&bench::SyscallCount::waits, SYS_poll, files, count, timeout));
}
int epoll_ctl(int set, int operation, int file, epoll_event* event) noexcept {
    return static_cast<int>(bench::detail::counted(&bench::SyscallCount::watches, SYS_epoll_ctl,
                                                   set, operation, file, event));
}

int timerfd_settime(int file, int flags, const itimerspec* value, itimerspec* before) noexcept {
    return static_cast<int>(bench::detail::counted(
        &bench::SyscallCount::watches, SYS_timerfd_settime, file, flags, value, before));
}

}  // extern "C"
