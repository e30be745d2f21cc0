#pragma once

#include <hawser/core/config.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>
#include <string_view>

namespace hawser::inline HAWSER_MODE {

/// Bytes that somebody else owns; valid as long as their owner says.
using ByteView = std::span<const std::byte>;

/// Bytes that somebody else owns and that may be written to.
using MutableBytes = std::span<std::byte>;

/// The characters of `text` as bytes.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// The bytes as characters; no encoding is checked or implied.
[[nodiscard]] inline std::string_view as_characters(ByteView bytes) noexcept {
    // A char may alias any object ([basic.lval]/11).
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Copies `from` to the beginning of `to`, which has room for it.
inline void copy_bytes(ByteView from, MutableBytes to) noexcept {
    assert(from.size() <= to.size() && "there is no room for these bytes");
    // Not std::ranges::copy, which copies a span byte by byte in libstdc++ 12.
    std::copy(from.begin(), from.end(), to.begin());
}

}  // namespace hawser::inline HAWSER_MODE
