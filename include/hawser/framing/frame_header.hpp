#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hawser::inline HAWSER_MODE::framing {

/// What a frame carries (RFC 6455 §5.2).
enum class Opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

/// Whether frames of `opcode` may stand between the fragments of a message (§5.5).
[[nodiscard]] constexpr bool is_control(Opcode opcode) noexcept {
    return (static_cast<unsigned>(opcode) & 0x8U) != 0;
}

/// What the bytes of a frame are combined with, by exclusive or, from a client to a server (§5.3).
using MaskKey = std::array<std::byte, 4>;

/// RSV1, as a bit of `FrameHeader::reserved`.
inline constexpr std::uint8_t rsv1 = 4;

/// The longest header: two bytes, eight of length, four of mask key.
inline constexpr std::size_t max_frame_header = 14;

/// The most bytes a control frame may carry (§5.5).
inline constexpr std::size_t max_control_payload = 125;

/// All that a frame says before its bytes.
struct FrameHeader {
    Opcode opcode = Opcode::binary;
    bool fin = true;
    /// RSV1, RSV2 and RSV3 from the highest bit to the lowest; what they may be is an extension's
    /// business, so they are not judged here.
    std::uint8_t reserved = 0;
    std::optional<MaskKey> mask = {};
    std::uint64_t length = 0;

    friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

/// What the first bytes of a frame hold.
struct FrameHeaderReading {
    /// Complete only where `size` is not 0.
    FrameHeader header = {};
    /// The length of the header; 0 while more bytes are needed.
    std::size_t size = 0;
    /// Why no frame can begin like this, known as early as the bytes tell.
    std::error_code error = {};
};

/// Reads the header at the beginning of `bytes`. Refused whoever the receiver is: reserved opcodes,
/// control frames that are fragmented or longer than 125 bytes, a length with its highest bit set,
/// and a length that is not in its shortest form, for §5.2 says "the minimal number of bytes MUST
/// be used".
[[nodiscard]] HAWSER_DECL FrameHeaderReading read_frame_header(ByteView bytes) noexcept;

/// The bytes of a header.
struct EncodedFrameHeader {
    std::array<std::byte, max_frame_header> storage = {};
    std::size_t size = 0;

    /// Valid as long as this object.
    [[nodiscard]] ByteView bytes() const noexcept { return ByteView{storage}.first(size); }
};

/// Encodes `header`, its length in the shortest form.
[[nodiscard]] HAWSER_DECL EncodedFrameHeader
encode_frame_header(const FrameHeader& header) noexcept;

}  // namespace hawser::inline HAWSER_MODE::framing

#if !defined(HAWSER_COMPILED)
#include <hawser/framing/detail/frame_header.ipp>
#endif
