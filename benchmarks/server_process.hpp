#pragma once

#include "heap_count.hpp"
#include "socket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

namespace bench {

/// Keeps this process on one processor.
inline void pin_to(unsigned processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) throw_errno("sched_setaffinity");
}

/// A server in a process of its own, watched from outside: it does nothing but serve.
class ServerProcess {
public:
    /// Runs `serve(Descriptor control)` in a child of this process, which must not have any thread
    /// or `io_context`. `serve` writes the port on which it listens, two bytes, to `control`, and
    /// returns when the other end of it is closed. Returns when the port is there.
    template <class Serve>
    explicit ServerProcess(Serve serve, std::optional<unsigned> processor = std::nullopt)
        : heap_{shared_heap_count()} {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw_errno("socketpair");
        control_ = Descriptor{ends[0], "socketpair"};
        Descriptor childs_end{ends[1], "socketpair"};
        std::fflush(nullptr);
        process_ = ::fork();
        if (process_ < 0) throw_errno("fork");
        if (process_ == 0) run(std::move(serve), std::move(childs_end), processor);
        childs_end.close();
        if (::read(control_.number(), &port_, sizeof port_) != sizeof port_) {
            throw std::runtime_error{"the server has not started"};
        }
        if (::clock_getcpuclockid(process_, &clock_) != 0) throw_errno("clock_getcpuclockid");
    }
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    ~ServerProcess() {
        if (process_ > 0) static_cast<void>(wait_for_end());
        ::munmap(heap_, sizeof *heap_);
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// The time that the process has spent on processors, in user space and in the kernel.
    [[nodiscard]] std::chrono::nanoseconds processor_time() const {
        timespec time{};
        if (::clock_gettime(clock_, &time) != 0) throw_errno("clock_gettime");
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    }
    /// Calls of the allocator since the process began to serve.
    [[nodiscard]] std::int64_t allocations() const noexcept { return heap_->allocations; }
    /// Bytes of the heap in use, but for those from before it began to serve.
    [[nodiscard]] std::int64_t heap_bytes() const noexcept { return heap_->bytes; }
    /// Bytes of its memory that are present and its own, as the kernel counts them (proc(5)).
    [[nodiscard]] std::int64_t resident_bytes() const {
        std::ifstream file{"/proc/" + std::to_string(process_) + "/statm"};
        std::int64_t all = 0;
        std::int64_t resident = 0;
        std::int64_t shared = 0;
        if (!(file >> all >> resident >> shared)) throw std::runtime_error{"cannot read statm"};
        return (resident - shared) * ::sysconf(_SC_PAGESIZE);
    }

    /// Has the server end, and throws where it did not end well.
    void stop() {
        if (wait_for_end() != 0) throw std::runtime_error{"the server has failed"};
    }

private:
    static HeapCount* shared_heap_count() {
        void* const page = ::mmap(nullptr, sizeof(HeapCount), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) throw_errno("mmap");
        return new (page) HeapCount;
    }

    template <class Serve>
    [[noreturn]] void run(Serve serve, Descriptor control, std::optional<unsigned> processor) {
        control_.close();
        int status = EXIT_FAILURE;
        try {
            if (processor) pin_to(*processor);
            count_heap(*heap_);
            serve(std::move(control));
            status = EXIT_SUCCESS;
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "the server: %s\n", failure.what());
        }
        std::exit(status);
    }

    int wait_for_end() noexcept {
        control_.close();
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        process_ = 0;
        return status;
    }

    HeapCount* heap_;
    Descriptor control_;
    pid_t process_ = 0;
    clockid_t clock_ = 0;
    std::uint16_t port_ = 0;
};

}  // namespace bench
