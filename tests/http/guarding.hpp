#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/http/head_guard.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <span>
#include <system_error>
#include <vector>

namespace test {

/// What a guard says about a head.
struct Verdict {
    bool complete = false;
    std::error_code error;
    std::size_t size = 0;
    std::size_t fields = 0;

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// What a guard says about a head that arrives in `pieces`.
template <class Piece>
Verdict guard_pieces(const std::vector<Piece>& pieces, hawser::http::HeadGuard::Section section,
                     const hawser::HeadLimits& limits) {
    hawser::http::HeadGuard head{section, limits};
    for (const Piece& piece : pieces) {
        if (head.complete() || head.error()) break;
        const auto bytes = std::as_bytes(std::span{piece});
        const std::size_t consumed = head.feed(hawser::as_characters(bytes));
        CHECK(consumed <= piece.size());
        if (consumed != piece.size()) CHECK((head.complete() || head.error()));
    }
    // Where a limit is exceeded, it does not matter how far a long run was looked at.
    const std::size_t size = head.error() ? 0 : head.size();
    return {head.complete(), head.error(), size, head.fields()};
}

}  // namespace test
