#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/http/head_guard.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

/// Collects the bytes of one head after the other until they are complete, guarding them. A head
/// that arrives in one piece is not copied.
class HeadReader {
public:
    using Section = HeadGuard::Section;

    struct Step {
        /// Bytes taken, at most up to the end of the head.
        std::size_t consumed = 0;
        /// The complete head, with its empty line; refers to the bytes given or to the reader, and
        /// is valid until either changes. What it holds, `parse_request_head` and
        /// `parse_response_head` say.
        std::optional<std::string_view> head = {};
        std::error_code error = {};
    };

    /// `limits` must outlive the reader.
    HeadReader(Section section, const HeadLimits& limits) noexcept : guard_{section, limits} {}

    [[nodiscard]] Step read(ByteView bytes);

    /// Whether a part of a head is here.
    [[nodiscard]] bool begun() const noexcept { return guard_.size() != 0; }
    /// Forgets the head and frees its memory; the next bytes begin another.
    void reset() noexcept;

private:
    HeadGuard guard_;
    std::vector<std::byte> part_;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/head_reader.ipp>
#endif
