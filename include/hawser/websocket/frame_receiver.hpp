#pragma once

#include <hawser/core/limits.hpp>
#include <hawser/core/message.hpp>
#include <hawser/core/role.hpp>
#include <hawser/core/time.hpp>
#include <hawser/framing/frame_header.hpp>
#include <hawser/websocket/message_assembler.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

namespace hawser::inline HAWSER_MODE::websocket {

/// Turns received bytes into messages and control frames. A frame that lies whole in the input and
/// is a whole message is unmasked into the place where it stays; all else goes through an assembler
/// that exists only while something is incomplete.
class FrameReceiver {
public:
    enum class Found : std::uint8_t { nothing, message, ping, pong, close, violation };

    struct Step {
        std::size_t consumed = 0;
        Found found = Found::nothing;
        /// The bytes of a ping or a close frame; valid until the next call, as long as the input.
        ByteView payload = {};
        std::error_code error = {};
    };

    /// `limits` must outlive the receiver.
    FrameReceiver(Role receiver, const MessageLimits& limits) noexcept
        : limits_{&limits}, receiver_{receiver} {}

    /// Takes bytes, at most up to the end of one frame, and changes them. Must not be called while
    /// a message waits to be taken. `codec` is the same in each call: null unless compression was
    /// negotiated.
    [[nodiscard]] Step receive(MutableBytes bytes, TimePoint now, MessageCodec* codec = nullptr);
    /// The place for the next bytes of a long message; empty where `receive` is to be used.
    [[nodiscard]] MutableBytes prepare();
    /// Takes the first `written` bytes of what `prepare` offered.
    [[nodiscard]] Step commit(std::size_t written);

    /// Whether a message that was found waits to be taken.
    [[nodiscard]] bool has_message() const noexcept { return has_message_; }
    [[nodiscard]] Message take_message() noexcept;

    /// When something that has begun to arrive must be complete, if it may take `timeout`.
    [[nodiscard]] TimePoint deadline(Duration timeout) const noexcept;
    /// Lets that time begin anew.
    void restart_clock(TimePoint now) noexcept;
    /// Forgets what is incomplete.
    void discard() noexcept { assembler_.reset(); }

private:
    /// Whether the frame of `reading` lies whole in `size` bytes and needs no assembler.
    [[nodiscard]] static bool is_simple(const framing::FrameHeaderReading& reading,
                                        std::size_t size, const MessageCodec* codec) noexcept;
    [[nodiscard]] Step receive_simple(const framing::FrameHeaderReading& reading,
                                      MutableBytes bytes);
    [[nodiscard]] Step receive_message(const framing::FrameHeader& header, std::size_t consumed,
                                       ByteView payload);
    [[nodiscard]] Step finish(const MessageAssembler::Step& step);
    /// Frees the assembler when nothing is incomplete.
    void settle() noexcept;

    const MessageLimits* limits_;
    std::unique_ptr<MessageAssembler> assembler_;
    Message message_;
    Role receiver_;
    bool has_message_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/frame_receiver.ipp>
#endif
