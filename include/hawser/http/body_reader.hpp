#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/http/body_length.hpp>
#include <hawser/http/parser.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

/// Collects the body of one message after the other. Its memory grows with the bytes received,
/// never with the bytes announced.
class BodyReader {
public:
    /// Says how long the next body is, which is not read before `begin`.
    void announce(const BodyLength& length) noexcept;
    /// How long the body that has been announced and not begun is.
    [[nodiscard]] BodyLength length() const noexcept { return {kind_, left_}; }
    /// Begins the body; `Error::body_too_big` where it is announced as longer than `limit`.
    /// `trailers` must outlive the body.
    [[nodiscard]] std::error_code begin(std::size_t limit, const HeadLimits& trailers);
    /// Takes the next bytes; returns how many were consumed, all of them unless `complete()` or
    /// `error()` afterwards.
    [[nodiscard]] std::size_t feed(ByteView bytes);
    /// The peer has ended its half.
    void end() noexcept;

    /// Whether the whole body is here.
    [[nodiscard]] bool complete() const noexcept;
    [[nodiscard]] std::error_code error() const noexcept;
    /// Takes the body out, whole or not; frees what it needed.
    [[nodiscard]] std::vector<std::byte> take();

private:
    std::vector<std::byte> body_;
    std::unique_ptr<ChunkedDecoder> chunked_;
    /// Bytes still to come, or the room that is left where the length is not known.
    std::uint64_t left_ = 0;
    /// Where the length is known; a decoder has its own.
    std::optional<Error> error_;
    BodyLength::Kind kind_ = BodyLength::Kind::none;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/body_reader.ipp>
#endif
