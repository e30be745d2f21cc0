#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace test {

/// The events that some epoll set of this process looks for on `descriptor`, as the kernel tells it
/// (proc(5), fdinfo); 0 where it is in none. Those that are always told are left out.
[[nodiscard]] inline std::uint32_t kernel_interest(int descriptor) {
    constexpr std::uint32_t told_always = 0x018;  // EPOLLERR and EPOLLHUP
    std::error_code gone;  // an entry may be that of the listing itself
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fdinfo", gone}) {
        std::ifstream lines{entry.path()};
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words{line};
            std::string name;
            int watched = -1;
            std::string events;
            std::uint32_t interest = 0;
            words >> name >> watched >> events >> std::hex >> interest;
            if (name == "tfd:" && watched == descriptor) return interest & ~told_always;
        }
    }
    return 0;
}

}  // namespace test
