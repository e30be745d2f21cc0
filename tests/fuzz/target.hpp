#pragma once

#include <hawser/core/bytes.hpp>

#include <support/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// A fuzz target is a function that checks what must hold for every input. libFuzzer calls it with
// inputs of its own (libfuzzer.cpp); the ordinary tests with the seeds, and with some at random.

namespace test {

using FuzzTarget = void (*)(hawser::ByteView);
using Input = std::vector<std::byte>;

/// The targets of this program: in one that is made for libFuzzer just one.
inline std::vector<FuzzTarget>& fuzz_targets() {
    static std::vector<FuzzTarget> targets;
    return targets;
}

/// Lets libFuzzer find the target.
inline bool offer(FuzzTarget target) {
    fuzz_targets().push_back(target);
    return true;
}

/// Random numbers that are the same whenever the bytes are.
inline Random random_of(hawser::ByteView bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const std::byte byte : bytes) {
        hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
    }
    return Random{hash};
}

/// `bytes` as they may arrive: cut at random places into pieces, long ones or short ones.
inline std::vector<Input> cut_at_random(hawser::ByteView bytes, Random& random) {
    std::vector<Input> pieces;
    const std::size_t most = random.one_in(2) ? 4 : random.one_in(2) ? 40 : 1 + bytes.size();
    while (!bytes.empty()) {
        const std::size_t size = std::min(1 + random.below(most), bytes.size());
        pieces.emplace_back(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        bytes = bytes.subspan(size);
    }
    return pieces;
}

inline Input read_input(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto bytes = hawser::as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

/// The files in tests/fuzz/seeds/`name`, where the tests run: at the root of the tree.
inline std::vector<std::filesystem::path> seeds_of(const std::string& name) {
    std::vector<std::filesystem::path> seeds;
    for (const auto& file : std::filesystem::directory_iterator{"tests/fuzz/seeds/" + name}) {
        seeds.push_back(file.path());
    }
    std::ranges::sort(seeds);
    return seeds;
}

/// A small change to an input, as a fuzzer makes it.
inline void mutate(Input& input, Random& random) {
    const auto place = [&] { return static_cast<std::ptrdiff_t>(random.below(input.size() + 1)); };
    const auto byte = static_cast<std::byte>(random.below(256));
    const std::ptrdiff_t at = place();
    const auto size = static_cast<std::ptrdiff_t>(random.below(20));
    const auto end = std::min(at + size, std::ssize(input));
    switch (random.below(4)) {
    case 0:
        if (end > at) input[static_cast<std::size_t>(at)] = byte;
        return;
    case 1: input.erase(input.begin() + at, input.begin() + end); return;
    case 2: input.insert(input.begin() + at, byte); return;
    default: {
        const Input piece(input.begin() + at, input.begin() + end);
        input.insert(input.begin() + place(), piece.begin(), piece.end());
    }
    }
}

/// Calls the target with each of its seeds.
inline void replay(const std::string& name, FuzzTarget target) {
    const auto seeds = seeds_of(name);
    CHECK(!seeds.empty());
    for (const auto& path : seeds) {
        const std::string shown = path.string();
        CAPTURE(shown);
        target(read_input(path));
    }
}

/// Calls the target `rounds` times: with random bytes, and with seeds that are changed a little.
inline void try_at_random(const std::string& name, FuzzTarget target, std::size_t rounds) {
    Random random;
    CAPTURE(random.seed());
    const auto seeds = seeds_of(name);
    for (std::size_t round = 0; round != rounds; ++round) {
        CAPTURE(round);
        Input input = random.one_in(2) ? random.bytes(random.below(400))
                                       : read_input(seeds[random.below(seeds.size())]);
        for (std::size_t changes = random.below(6); changes != 0; --changes) mutate(input, random);
        target(input);
    }
}

}  // namespace test
