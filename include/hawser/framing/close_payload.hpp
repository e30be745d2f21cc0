#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/close_reason.hpp>
#include <hawser/core/result.hpp>
#include <hawser/framing/frame_header.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::framing {

/// What a close frame says (RFC 6455 §5.5.1).
struct ClosePayload {
    /// `CloseCode::none` stands for a frame without code and text.
    std::uint16_t code = static_cast<std::uint16_t>(CloseCode::none);
    std::string text = {};

    friend bool operator==(const ClosePayload&, const ClosePayload&) = default;
};

/// Reads the bytes of a close frame. `Error::bad_close_payload` for a single byte, or more than a
/// control frame holds; `Error::bad_close_code` for a code that must not be sent (§7.4);
/// `Error::invalid_utf8` for the text.
[[nodiscard]] HAWSER_DECL Result<ClosePayload> decode_close_payload(ByteView bytes);

/// The bytes of a control frame, unmasked.
struct ControlPayload {
    std::array<std::byte, max_control_payload> storage = {};
    std::size_t size = 0;

    /// Valid as long as this object.
    [[nodiscard]] ByteView bytes() const noexcept { return ByteView{storage}.first(size); }
};

/// Encodes a close frame's bytes. What may not be sent is mended: of a text that is too long, whole
/// characters remain; one that is not UTF-8 is left out; `CloseCode::none` gives no bytes at all,
/// any other code that must not be sent becomes `CloseCode::internal_error`.
[[nodiscard]] HAWSER_DECL ControlPayload encode_close_payload(std::uint16_t code,
                                                              std::string_view text) noexcept;

}  // namespace hawser::inline HAWSER_MODE::framing

#if !defined(HAWSER_COMPILED)
#include <hawser/framing/detail/close_payload.ipp>
#endif
