#pragma once

#include <hawser/websocket/closing_handshake.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

HAWSER_DECL CloseReason abnormal_close(std::error_code error, Party by) {
    return {error, static_cast<std::uint16_t>(CloseCode::abnormal), {}, by};
}

HAWSER_DECL ClosingHandshake::ClosingHandshake(Stage stage, CloseReason reason, TimePoint deadline,
                                               Ending ending) noexcept
    : reason_{std::move(reason)}, deadline_{deadline}, stage_{stage},
      report_{stage == Stage::waiting ? Report::open : Report::due}, ending_{ending} {}

HAWSER_DECL ClosingHandshake ClosingHandshake::ours(Role role, CloseReason reason,
                                                    TimePoint deadline) {
    return {Stage::waiting, std::move(reason), deadline, ending_of(role)};
}

HAWSER_DECL ClosingHandshake ClosingHandshake::theirs(Role role, CloseReason reason,
                                                      TimePoint deadline) {
    return {Stage::leaving, std::move(reason), deadline, ending_of(role)};
}

HAWSER_DECL ClosingHandshake ClosingHandshake::failed(CloseReason reason, TimePoint deadline) {
    return {Stage::leaving, std::move(reason), deadline, Ending::by_us};
}

HAWSER_DECL ClosingHandshake ClosingHandshake::ended(CloseReason reason) {
    return {Stage::done, std::move(reason), never, Ending::by_us};
}

HAWSER_DECL std::optional<CloseReason> ClosingHandshake::take_reason() {
    if (report_ != Report::due) return std::nullopt;
    report_ = Report::made;
    return std::move(reason_);
}

HAWSER_DECL void ClosingHandshake::leave_stream() noexcept {
    stage_ = ending_ == Ending::by_peer ? Stage::lingering : Stage::done;
}

HAWSER_DECL void ClosingHandshake::frame_left() noexcept {
    frame_has_left_ = true;
    if (stage_ == Stage::leaving) leave_stream();
}

HAWSER_DECL void ClosingHandshake::peer_closed() noexcept {
    if (stage_ != Stage::waiting) return;
    report_ = Report::due;
    stage_ = Stage::leaving;
    if (frame_has_left_) leave_stream();
}

HAWSER_DECL void ClosingHandshake::peer_failed(CloseReason reason) {
    if (stage_ != Stage::waiting) return;
    reason_ = std::move(reason);
    report_ = Report::due;
    ending_ = Ending::by_us;
    stage_ = frame_has_left_ ? Stage::done : Stage::leaving;
}

HAWSER_DECL void ClosingHandshake::receive_eof() {
    // Our close frame may still leave: the peer has ended only its own half.
    ending_ = Ending::by_us;
    if (stage_ != Stage::leaving) end(abnormal_close(Error::connection_lost, Party::network));
}

HAWSER_DECL void ClosingHandshake::expire() {
    end(abnormal_close(Error::close_timeout, Party::peer));
}

HAWSER_DECL void ClosingHandshake::end(CloseReason reason) {
    if (report_ == Report::open) {
        reason_ = std::move(reason);
        report_ = Report::due;
    }
    stage_ = Stage::done;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
