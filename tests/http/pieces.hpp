#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// The ways in which the same bytes may arrive: whole, byte by byte, and cut at random places.
inline std::vector<std::vector<std::string>> all_splits(std::string_view bytes) {
    std::vector<std::vector<std::string>> splits(2);
    splits[0].emplace_back(bytes);
    for (const char c : bytes) splits[1].emplace_back(1, c);
    for (unsigned seed = 1; seed <= 6; ++seed) {
        std::mt19937 random{seed};
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at != bytes.size();) {
            const std::size_t most = seed % 2 == 0 ? 5 : 40;
            const std::size_t size = std::min<std::size_t>(1 + random() % most, bytes.size() - at);
            pieces.emplace_back(bytes.substr(at, size));
            at += size;
        }
        splits.push_back(std::move(pieces));
    }
    return splits;
}

}  // namespace test
