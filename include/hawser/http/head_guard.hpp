#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/error.hpp>
#include <hawser/core/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace hawser::inline HAWSER_MODE::http {

/// Finds the end of a head, and refuses what another reader of the same bytes might take for a
/// different head, before a parser has seen it. Each byte is looked at once, in whatever pieces
/// they come; nothing is stored. The outcome does not depend on the pieces.
///
/// Every line ends with CRLF, none begins with a blank (no folding), every field name is a token
/// with a colon right behind it, every value is free of controls but TAB. A request line is exactly
/// `token SP target SP HTTP/1.0` or `1.1`, the target visible ASCII without `#`; one CRLF before it
/// is skipped (RFC 9112 §2.2). A status line is exactly `HTTP/1.x SP 3DIGIT [SP reason]`.
class HeadGuard {
public:
    /// What it guards: the head of a request or of a response, or the trailer section of a chunked
    /// body, which has no first line.
    enum class Section : std::uint8_t { request, response, trailers };

    HeadGuard(Section section, const HeadLimits& limits) noexcept;

    /// Looks at the next bytes; returns how many belong to the head, all of them unless
    /// `complete()` or `error()` afterwards.
    [[nodiscard]] std::size_t feed(std::string_view bytes) noexcept;

    /// Whether the empty line has been seen.
    [[nodiscard]] bool complete() const noexcept { return state_ == State::complete; }
    /// What is wrong; empty as long as nothing is.
    [[nodiscard]] std::error_code error() const noexcept;
    /// Field lines begun so far.
    [[nodiscard]] std::size_t fields() const noexcept { return fields_; }
    /// Bytes that have been looked at.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Begins anew.
    void reset() noexcept { *this = HeadGuard{section_, *limits_}; }

private:
    enum class State : std::uint8_t {
        start,
        leading_line_end,
        method,
        target,
        protocol,
        version_end,
        status_protocol,
        status_code,
        status_end,
        reason,
        line_start,
        name,
        value,
        line_end,
        last_line_end,
        complete,
        failed,
    };

    [[nodiscard]] std::size_t step(std::string_view bytes) noexcept;
    [[nodiscard]] std::size_t run(std::string_view bytes, std::uint8_t characters) noexcept;
    [[nodiscard]] State after(char c) noexcept;
    [[nodiscard]] State after_start(char c) noexcept;
    [[nodiscard]] State after_protocol(char c) noexcept;
    [[nodiscard]] State after_status(char c) noexcept;
    [[nodiscard]] State after_field(char c) noexcept;
    State fail(Error error) noexcept;

    const HeadLimits* limits_;
    std::size_t size_ = 0;
    std::uint32_t target_size_ = 0;
    std::uint32_t fields_ = 0;
    /// Characters seen of the element under way, where they are counted.
    std::uint8_t position_ = 0;
    Section section_;
    State state_;
    Error error_{};
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/head_guard.ipp>
#endif
