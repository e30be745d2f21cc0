#pragma once

#include <hawser/core/backlog.hpp>
#include <hawser/core/output.hpp>
#include <hawser/framing/close_payload.hpp>
#include <hawser/framing/frame_header.hpp>
#include <hawser/websocket/compression.hpp>
#include <hawser/websocket/mask_keys.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE::websocket {

/// What waits to be sent, and the frames it becomes: control frames first, then messages, then the
/// close frame, behind which nothing is sent. It never holds more than one ping and a few pongs.
class FrameSender {
public:
    /// What left with a call of `take`, but for pongs and messages.
    struct Left {
        bool ping = false;
        bool close = false;
    };

    /// Pings that are all answered though they came before the first answer could leave.
    static constexpr std::size_t most_pongs = 16;

    /// A client passes its mask keys, a server null. `options` must outlive the sender.
    FrameSender(const BacklogOptions& options, std::unique_ptr<MaskKeys> keys) noexcept
        : backlog_{options}, keys_{std::move(keys)} {}

    [[nodiscard]] Backlog& backlog() noexcept { return backlog_; }
    [[nodiscard]] const Backlog& backlog() const noexcept { return backlog_; }

    void ping() noexcept { ping_waits_ = true; }
    [[nodiscard]] bool ping_waits() const noexcept { return ping_waits_; }
    /// Answers a ping. Where more than `most_pongs` came before an answer could leave, the latest
    /// takes the place of the one before it: "an endpoint [...] MAY elect to send a Pong frame for
    /// only the most recently processed Ping frame" (RFC 6455 §5.5.3).
    void pong(ByteView payload);
    /// Sends a close frame after all that is queued; a later call takes the place of an earlier
    /// one.
    void close(std::uint16_t code, std::string_view text);
    /// Gives up whatever waits.
    void discard() noexcept;

    /// Appends messages to `into` until it has grown by `budget` bytes or more; control frames that
    /// wait, and the close frame behind the last message, go in any case. `codec` is the same in
    /// each call: null unless compression was negotiated.
    Left take(Output& into, std::size_t budget, MessageCodec* codec = nullptr);

private:
    /// Control frames with bytes; rare.
    struct Waiting {
        std::vector<framing::ControlPayload> pongs;
        std::optional<framing::ControlPayload> close;
    };

    [[nodiscard]] Waiting& waiting();
    [[nodiscard]] std::optional<framing::MaskKey> next_key();
    void take_control(Output& into, framing::Opcode opcode, ByteView payload);
    void take_message(Output& into, MessageCodec* codec);
    /// Appends a frame with `payload`, the compressed form of a message of `opcode`.
    void append_compressed(Output& into, framing::Opcode opcode, const Message& payload);

    Backlog backlog_;
    std::unique_ptr<MaskKeys> keys_;
    std::unique_ptr<Waiting> waiting_;
    bool ping_waits_ = false;
    /// The close frame has left.
    bool closed_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/frame_sender.ipp>
#endif
