#pragma once

#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/message_builder.hpp>
#include <hawser/core/role.hpp>
#include <hawser/core/time.hpp>
#include <hawser/framing/frame_header.hpp>
#include <hawser/framing/utf8.hpp>
#include <hawser/websocket/compression.hpp>
#include <hawser/websocket/frame_rules.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace hawser::inline HAWSER_MODE::websocket {

/// Puts together frames and messages that arrive in pieces. One exists only while something is
/// incomplete; its memory grows with the bytes received.
class MessageAssembler {
public:
    /// What has become complete.
    enum class Found : std::uint8_t { nothing, message, control, violation };

    struct Step {
        std::size_t consumed = 0;
        Found found = Found::nothing;
        std::error_code error = {};
    };

    /// Bytes of a message that must be here before `prepare` offers room for more, as a mere
    /// announcement must not cost memory.
    static constexpr std::size_t place_from = 16 * 1024;
    /// Bytes that must still be missing from the frame: for fewer a read of its own costs more than
    /// their copy.
    static constexpr std::size_t place_at_least = 4 * 1024;

    /// `limits` must outlive the assembler, and so must `codec`, which is null unless compression
    /// was negotiated. Its first bytes arrive at `now`.
    MessageAssembler(Role receiver, const MessageLimits& limits, TimePoint now,
                     MessageCodec* codec = nullptr) noexcept
        : limits_{&limits}, codec_{codec}, began_{now}, receiver_{receiver} {}

    /// Takes bytes up to the end of the frame that they belong to.
    [[nodiscard]] Step receive(ByteView bytes);
    /// The place for the next bytes of a long message; empty where `receive` is to be used.
    [[nodiscard]] MutableBytes prepare();
    /// Takes the first `written` bytes of what `prepare` offered.
    [[nodiscard]] Step commit(std::size_t written);

    /// The message that was found.
    [[nodiscard]] Message take_message();
    /// The control frame that was found; its bytes are valid until the next call of `receive`.
    [[nodiscard]] framing::Opcode control_opcode() const noexcept { return frame_.opcode; }
    [[nodiscard]] ByteView control_payload() const noexcept;

    /// Whether nothing is incomplete any more.
    [[nodiscard]] bool at_rest() const noexcept;
    /// When the first byte arrived, or the clock was started anew.
    [[nodiscard]] TimePoint began() const noexcept { return began_; }
    void restart_clock(TimePoint now) noexcept { began_ = now; }

private:
    [[nodiscard]] Step receive_header(ByteView bytes);
    [[nodiscard]] std::error_code begin_frame(framing::FrameHeader header) noexcept;
    /// Takes `bytes` as the next ones of the frame.
    void receive_control(ByteView bytes) noexcept;
    [[nodiscard]] std::error_code receive_data(ByteView bytes);
    [[nodiscard]] std::error_code inflate(ByteView bytes);
    [[nodiscard]] std::error_code finish_message();
    [[nodiscard]] std::error_code check_text(ByteView bytes) noexcept;
    /// Bytes of the frame that have come.
    [[nodiscard]] std::size_t received() const noexcept {
        return static_cast<std::size_t>(frame_.length - left_);
    }
    /// Writes the next `bytes` of the frame, unmasked, to `into`: memory apart, or the same.
    /// `offset` bytes of the frame stand before them.
    void unmask(ByteView bytes, MutableBytes into, std::size_t offset) const noexcept;
    [[nodiscard]] Step finish_frame(std::size_t consumed);

    const MessageLimits* limits_;
    MessageCodec* codec_;
    TimePoint began_;

    std::array<std::byte, framing::max_frame_header> header_ = {};
    std::uint8_t header_size_ = 0;
    /// Whether the header of `frame_` is complete, and its bytes are arriving.
    bool in_payload_ = false;
    Role receiver_;
    Message::Kind kind_ = Message::Kind::binary;
    bool compressed_ = false;
    framing::Utf8Validator utf8_;
    framing::FrameHeader frame_;
    /// Bytes of the frame that are still to come.
    std::uint64_t left_ = 0;

    /// What has come of the message, as it was on the wire.
    MessageProgress progress_;
    MessageBuilder builder_;
    std::array<std::byte, framing::max_control_payload> control_ = {};
};

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/message_assembler.ipp>
#endif
