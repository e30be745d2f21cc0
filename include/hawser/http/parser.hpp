#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/result.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

/// Parses a complete head that a `HeadGuard` has let through, with llhttp, which must agree with
/// the guard about where it ends and how many fields it has. What the fields mean is not judged.
[[nodiscard]] HAWSER_DECL Result<RequestHead> parse_request_head(std::string_view head);
/// The same for the head of a response.
[[nodiscard]] HAWSER_DECL Result<ResponseHead> parse_response_head(std::string_view head);

/// Whether the linked llhttp reads the chunked coding strictly. Its versions before 9 do so only
/// when they were compiled with LLHTTP_STRICT_MODE=1, which no header shows; so it is tried out,
/// once. A loose one lets two readers disagree about where a body ends, and is not trusted with
/// one.
[[nodiscard]] HAWSER_DECL bool reads_chunks_strictly();

/// Decodes one body in the chunked coding (RFC 9112 §7.1), with llhttp (which before 9 refuses some
/// extensions). Extensions and trailers are ignored, but what they may cost is limited.
class ChunkedDecoder {
public:
    /// A body of more than `body_limit` bytes is refused; trailers obey `limits`, which must
    /// outlive the decoder.
    ChunkedDecoder(std::size_t body_limit, const HeadLimits& limits);
    ChunkedDecoder(ChunkedDecoder&&) noexcept;
    ChunkedDecoder& operator=(ChunkedDecoder&&) noexcept;
    ~ChunkedDecoder();

    /// Decodes the next bytes and appends to `body`; returns how many were consumed, all of them
    /// unless `complete()` or `error()` afterwards.
    [[nodiscard]] std::size_t feed(ByteView bytes, std::vector<std::byte>& body);

    /// Whether the end of the trailers has been seen.
    [[nodiscard]] bool complete() const noexcept;
    /// `Error::bad_chunk`, `Error::body_too_big`, or what is wrong with the trailers; empty as long
    /// as nothing is.
    [[nodiscard]] std::error_code error() const noexcept;

private:
    class State;

    std::unique_ptr<State> state_;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/parser.ipp>
#endif
