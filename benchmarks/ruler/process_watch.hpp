#pragma once

#include "../socket.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/types.h>
#include <time.h>

namespace bench {

/// What a process costs, seen from outside.
class ProcessWatch {
public:
    explicit ProcessWatch(pid_t process) : folder_{"/proc/" + std::to_string(process)} {
        if (::clock_getcpuclockid(process, &clock_) != 0) throw_errno("clock_getcpuclockid");
    }

    /// The time that all threads of the process, ended ones too, have spent on processors, in user
    /// space and in the kernel; to the nanosecond.
    [[nodiscard]] std::chrono::nanoseconds processor_time() const {
        timespec time{};
        if (::clock_gettime(clock_, &time) != 0) throw_errno("clock_gettime");
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    }

    /// Memory in user space that is present and the process's alone (`Private_*`, proc(5)), in
    /// bytes. What the kernel needs for sockets is not in it.
    [[nodiscard]] std::int64_t private_bytes() const {
        std::ifstream file{folder_ + "/smaps_rollup"};
        std::int64_t kilobytes = 0;
        bool is_found = false;
        for (std::string line; std::getline(file, line);) {
            if (!line.starts_with("Private_Clean:") && !line.starts_with("Private_Dirty:"))
                continue;
            kilobytes += std::stoll(line.substr(line.find(':') + 1));
            is_found = true;
        }
        if (!is_found) throw std::runtime_error{"cannot read " + folder_ + "/smaps_rollup"};
        return kilobytes * 1024;
    }

private:
    std::string folder_;
    clockid_t clock_ = 0;
};

/// The time of the kernel's threads that process packets when a processor is overloaded, on behalf
/// of whomever. A server that looks cheap only because they work for it is found out by it.
class SoftirqWatch {
public:
    SoftirqWatch() {
        for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
            std::ifstream file{entry.path() / "comm"};
            std::string name;
            if (std::getline(file, name) && name.starts_with("ksoftirqd/")) {
                files_.push_back(entry.path() / "schedstat");
            }
        }
    }

    /// Zero where the threads cannot be seen.
    [[nodiscard]] std::chrono::nanoseconds processor_time() const {
        std::chrono::nanoseconds::rep all = 0;
        for (const auto& path : files_) {
            std::ifstream file{path};
            std::chrono::nanoseconds::rep time = 0;
            if (file >> time) all += time;
        }
        return std::chrono::nanoseconds{all};
    }

private:
    std::vector<std::filesystem::path> files_;
};

}  // namespace bench
