#pragma once

#include <hawser/core/close_reason.hpp>
#include <hawser/core/role.hpp>
#include <hawser/core/time.hpp>

#include <cstdint>
#include <optional>
#include <system_error>

namespace hawser::inline HAWSER_MODE::websocket {

/// The way from the first wish to close to the end of the stream (RFC 6455 §7), within a deadline.
class ClosingHandshake {
public:
    /// What is still missing.
    enum class Stage : std::uint8_t {
        /// The peer's close frame; we asked first.
        waiting,
        /// Our close frame, and what is queued before it, is to leave.
        leaving,
        /// The end of input; both frames are exchanged, and we are a client.
        lingering,
        /// Nothing.
        done,
    };

    /// We asked; a close frame is queued.
    [[nodiscard]] static ClosingHandshake ours(Role role, CloseReason reason, TimePoint deadline);
    /// The peer asked; our answer is queued.
    [[nodiscard]] static ClosingHandshake theirs(Role role, CloseReason reason, TimePoint deadline);
    /// The rules were broken; a close frame that says so is queued, and no answer is awaited.
    [[nodiscard]] static ClosingHandshake failed(CloseReason reason, TimePoint deadline);
    /// It is over, without close frames.
    [[nodiscard]] static ClosingHandshake ended(CloseReason reason);

    [[nodiscard]] Stage stage() const noexcept { return stage_; }
    /// `never` when done.
    [[nodiscard]] TimePoint deadline() const noexcept {
        return stage_ == Stage::done ? never : deadline_;
    }
    /// Why, exactly once, as soon as nothing more is received.
    [[nodiscard]] std::optional<CloseReason> take_reason();
    /// Whether the reason has been taken.
    [[nodiscard]] bool reported() const noexcept { return report_ == Report::made; }
    /// Whether our close frame has left for the stream.
    [[nodiscard]] bool frame_has_left() const noexcept { return frame_has_left_; }

    /// Our close frame has left for the stream.
    void frame_left() noexcept;
    /// The peer's close frame has come, after we had asked.
    void peer_closed() noexcept;
    /// The peer broke the rules after we had asked. The close frame that says so has taken the
    /// place of ours, unless that has left.
    void peer_failed(CloseReason reason);
    void receive_eof();
    /// The deadline has passed.
    void expire();
    /// It is over, for `reason` where none was final yet.
    void end(CloseReason reason);

private:
    enum class Report : std::uint8_t { open, due, made };
    /// Who ends the stream when all frames are exchanged: a client "SHOULD wait for the server to
    /// close the connection" (§7.1.1), so that the TIME_WAIT state
    /// is the server's, where it does no harm.
    enum class Ending : std::uint8_t { by_us, by_peer };

    ClosingHandshake(Stage stage, CloseReason reason, TimePoint deadline, Ending ending) noexcept;

    [[nodiscard]] static Ending ending_of(Role role) noexcept {
        return role == Role::client ? Ending::by_peer : Ending::by_us;
    }
    /// No frame is missing any more.
    void leave_stream() noexcept;

    CloseReason reason_;
    TimePoint deadline_;
    Stage stage_;
    Report report_;
    Ending ending_;
    bool frame_has_left_ = false;
};

/// The reason of an end without a close frame from the peer (code 1006).
[[nodiscard]] HAWSER_DECL CloseReason abnormal_close(std::error_code error, Party by);

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/closing_handshake.ipp>
#endif
