// Counts a server's calls of the kernel from within it: to be preloaded (ld.so(8)). Counts into the
// file that the environment's HAWSER_SYSCALL_COUNT names, which is a `SyscallCount`; only what goes
// through the C library, which has to be linked dynamically.

#include "../syscall_count.hpp"

#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>

namespace {

/// Runs when the server is loaded; without the file nothing is counted.
[[gnu::constructor]] void begin_to_count() {
    const char* const path = std::getenv("HAWSER_SYSCALL_COUNT");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void* const page =
        ::mmap(nullptr, sizeof(bench::SyscallCount), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (page != MAP_FAILED) bench::syscall_count = static_cast<bench::SyscallCount*>(page);
}

}  // namespace
