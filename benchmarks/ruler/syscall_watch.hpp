#pragma once

#include "../socket.hpp"
#include "../syscall_totals.hpp"

#include <cstdlib>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace bench {

/// Has the servers that this process starts count their calls of the kernel (count_syscalls.cpp),
/// and reads the count.
class SyscallWatch {
public:
    /// `library` is what is preloaded.
    explicit SyscallWatch(const std::string& library) {
        // Without MFD_CLOEXEC, so that servers inherit it.
        const int file = ::memfd_create("syscalls", 0);
        file_ = Descriptor{file, "memfd_create"};
        if (::ftruncate(file, sizeof(SyscallCount)) != 0) throw_errno("ftruncate");
        void* const page = ::mmap(nullptr, sizeof(SyscallCount), PROT_READ, MAP_SHARED, file, 0);
        if (page == MAP_FAILED) throw_errno("mmap");
        count_ = static_cast<const volatile SyscallCount*>(page);
        const std::string path = "/proc/self/fd/" + std::to_string(file);
        ::setenv("HAWSER_SYSCALL_COUNT", path.c_str(), 1);
        ::setenv("LD_PRELOAD", library.c_str(), 1);
    }

    [[nodiscard]] SyscallCount count() const noexcept {
        return {count_->receives, count_->sends, count_->waits, count_->watches};
    }

private:
    Descriptor file_;
    const volatile SyscallCount* count_ = nullptr;
};

}  // namespace bench
