#pragma once

#include <hawser/core/entropy.hpp>

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

namespace hawser::inline HAWSER_MODE {

namespace detail {

HAWSER_DECL void fill_from_system(void*, MutableBytes into) {
    constexpr std::size_t most = 256;  // getentropy(3) gives at most 256 bytes a call
    while (!into.empty()) {
        const std::size_t size = std::min(into.size(), most);
        if (::getentropy(into.data(), size) != 0) std::abort();
        into = into.subspan(size);
    }
}

}  // namespace detail

HAWSER_DECL Entropy system_entropy() noexcept { return {&detail::fill_from_system, nullptr}; }

}  // namespace hawser::inline HAWSER_MODE
