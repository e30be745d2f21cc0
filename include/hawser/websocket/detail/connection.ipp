#pragma once

#include <hawser/websocket/connection.hpp>

#include <hawser/framing/close_payload.hpp>
#include <hawser/websocket/frame_rules.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

HAWSER_DECL Connection::Connection(Role role, OpeningHandshake opening,
                                   const ConnectionOptions& options, std::unique_ptr<MaskKeys> keys,
                                   TimePoint now)
    : options_{&options}, opening_{std::make_unique<OpeningHandshake>(std::move(opening))},
      codec_{opening_->take_codec()}, receiver_{role, options.message},
      sender_{options.backlog, std::move(keys)}, keep_alive_{options, now}, role_{role} {}

HAWSER_DECL Connection Connection::server(Upgrade upgrade, const ConnectionOptions& options,
                                          TimePoint now) {
    return {Role::server, OpeningHandshake{std::move(upgrade)}, options, nullptr, now};
}

HAWSER_DECL Connection Connection::client(UpgradeRequest request, const ConnectionOptions& options,
                                          Entropy entropy, TimePoint now) {
    const TimePoint deadline = deadline_after(now, options.handshake_timeout);
    OpeningHandshake opening{std::move(request), options.head, deadline};
    return {Role::client, std::move(opening), options, std::make_unique<MaskKeys>(entropy), now};
}

// What is asked of the connection.

HAWSER_DECL Backlog::Push Connection::send(Message&& message, TimePoint now) {
    if (closing_) return Backlog::Push::dropped;
    const auto push = sender_.backlog().push(std::move(message));
    if (push == Backlog::Push::overflow) {
        sender_.discard();
        fail(Error::slow_consumer, now);
    }
    return push;
}

HAWSER_DECL bool Connection::try_send(Message&& message) {
    return !closing_ && sender_.backlog().try_push(std::move(message));
}

HAWSER_DECL void Connection::close(CloseReason reason, TimePoint now) {
    if (closing_) return;
    reason.by = Party::local;
    if (connecting()) return end(std::move(reason));
    sender_.close(reason.code, reason.text);
    closing_ = std::make_unique<ClosingHandshake>(
        ClosingHandshake::ours(role_, std::move(reason), close_deadline(now)));
}

HAWSER_DECL void Connection::abort(std::error_code error) {
    end(abnormal_close(error, Party::local));
}

HAWSER_DECL void Connection::pause(TimePoint) {
    paused_ = true;
}

HAWSER_DECL void Connection::resume(TimePoint now) {
    if (!std::exchange(paused_, false)) return;
    keep_alive_.heard(*options_, now);
    receiver_.restart_clock(now);
}

// What comes from the stream.

HAWSER_DECL bool Connection::connecting() const noexcept {
    return opening_ && opening_->awaits_reply() && !closing_;
}

HAWSER_DECL bool Connection::reads_frames() const noexcept {
    return !closing_ || closing_->stage() == ClosingHandshake::Stage::waiting;
}

HAWSER_DECL std::size_t Connection::receive(MutableBytes bytes, TimePoint now) {
    // §1.4: "After receiving a control frame indicating the connection should be closed, a peer
    // discards any further data received."
    if (!reads_frames()) return bytes.size();
    if (!has_room()) return 0;
    return connecting() ? receive_reply(bytes, now) : receive_frames(bytes, now);
}

HAWSER_DECL std::size_t Connection::receive_reply(ByteView bytes, TimePoint now) {
    keep_alive_.heard(*options_, now);
    const OpeningHandshake::Step step = opening_->receive(bytes);
    if (step.error) end(abnormal_close(step.error, Party::peer));
    codec_ = opening_->take_codec();
    return step.consumed;
}

HAWSER_DECL std::size_t Connection::receive_frames(MutableBytes bytes, TimePoint now) {
    keep_alive_.heard(*options_, now);
    std::size_t consumed = 0;
    while (consumed != bytes.size() && has_room() && reads_frames()) {
        const MutableBytes left = bytes.subspan(consumed);
        const FrameReceiver::Step step = receiver_.receive(left, now, codec_.get());
        consumed += step.consumed;
        handle(step, now);
    }
    return consumed;
}

HAWSER_DECL MutableBytes Connection::prepare() {
    if (!reads_frames() || !has_room()) return {};
    return receiver_.prepare();
}

HAWSER_DECL void Connection::commit(std::size_t written, TimePoint now) {
    keep_alive_.heard(*options_, now);
    handle(receiver_.commit(written), now);
}

HAWSER_DECL void Connection::handle(const FrameReceiver::Step& step, TimePoint now) {
    switch (step.found) {
    case FrameReceiver::Found::nothing:
    case FrameReceiver::Found::message:
    case FrameReceiver::Found::pong:
        return;
    case FrameReceiver::Found::ping:
        return sender_.pong(step.payload);
    case FrameReceiver::Found::close:
        return handle_close(step.payload, now);
    case FrameReceiver::Found::violation:
        return fail(step.error, now);
    }
}

HAWSER_DECL void Connection::handle_close(ByteView payload, TimePoint now) {
    auto close = framing::decode_close_payload(payload);
    if (!close) return fail(close.error(), now);
    receiver_.discard();
    if (closing_) return closing_->peer_closed();
    // §5.5.1: "the endpoint typically echos the status code it received".
    sender_.close(close->code, {});
    CloseReason reason{Error::closed, close->code, std::move(close->text), Party::peer};
    closing_ = std::make_unique<ClosingHandshake>(
        ClosingHandshake::theirs(role_, std::move(reason), close_deadline(now)));
}

HAWSER_DECL void Connection::receive_eof(TimePoint) {
    if (closing_) return closing_->receive_eof();
    end(abnormal_close(Error::connection_lost, Party::network));
}

HAWSER_DECL void Connection::receive_error(std::error_code error, TimePoint) {
    if (!error) error = Error::connection_lost;
    end(abnormal_close(error, Party::network));
}

// What the clock says.

HAWSER_DECL TimePoint Connection::deadline() const noexcept {
    if (closing_) return closing_->deadline();
    if (connecting()) return opening_->deadline();
    if (paused_) return keep_alive_.deadline();
    return std::min(keep_alive_.deadline(), receiver_.deadline(options_->message_timeout));
}

HAWSER_DECL TimePoint Connection::close_deadline(TimePoint now) const noexcept {
    return deadline_after(now, options_->close_timeout);
}

HAWSER_DECL void Connection::tick(TimePoint now) {
    if (now < deadline()) return;
    if (closing_) return closing_->expire();
    if (connecting()) return end(abnormal_close(Error::handshake_timeout, Party::peer));
    if (now >= keep_alive_.deadline()) return keep_alive(now);
    fail(Error::message_timeout, now);
}

HAWSER_DECL void Connection::keep_alive(TimePoint now) {
    sender_.backlog().rest();  // nothing was heard for a while: perhaps an idle connection
    using enum KeepAlive::Excuse;
    const auto excuse = paused_ ? paused : sender_.ping_waits() ? ping_waits : none;
    switch (keep_alive_.expire(*options_, excuse, now)) {
    case KeepAlive::Verdict::send_ping:
        return sender_.ping();
    case KeepAlive::Verdict::dead:
        end(abnormal_close(Error::keep_alive_timeout, Party::network));
    }
}

// How it ends.

HAWSER_DECL void Connection::fail(std::error_code error, TimePoint now) {
    const auto code = static_cast<std::uint16_t>(close_code_for(error));
    CloseReason reason{error, code, error.message(), Party::peer};
    if (connecting()) return end(std::move(reason));
    receiver_.discard();
    sender_.close(reason.code, reason.text);
    if (closing_) return closing_->peer_failed(std::move(reason));
    closing_ = std::make_unique<ClosingHandshake>(
        ClosingHandshake::failed(std::move(reason), close_deadline(now)));
}

HAWSER_DECL void Connection::end(CloseReason reason) {
    receiver_.discard();
    sender_.discard();
    if (closing_) return closing_->end(std::move(reason));
    closing_ = std::make_unique<ClosingHandshake>(ClosingHandshake::ended(std::move(reason)));
}

HAWSER_DECL bool Connection::finished() const noexcept {
    return closing_ && closing_->stage() == ClosingHandshake::Stage::done && closing_->reported();
}

// What it has to say.

HAWSER_DECL std::optional<Connection::Event> Connection::poll_event() {
    if (opening_) {
        if (auto opened = opening_->take_opened()) return std::move(*opened);
    }
    if (receiver_.has_message()) return receiver_.take_message();
    if (!closing_) return std::nullopt;
    if (auto reason = closing_->take_reason()) return Closed{*std::move(reason)};
    return std::nullopt;
}

HAWSER_DECL void Connection::take_output(Output& into, std::size_t budget, TimePoint now) {
    if (closing_ && closing_->stage() == ClosingHandshake::Stage::done) return;
    if (opening_) {
        opening_->take_output(into);
        if (opening_->awaits_reply()) return;
        if (opening_->done()) opening_.reset();
    }
    const FrameSender::Left left = sender_.take(into, budget, codec_.get());
    if (left.ping) keep_alive_.ping_left(*options_, now);
    if (left.close) closing_->frame_left();
}

HAWSER_DECL std::size_t Connection::read_limit() const noexcept {
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
    if (reads_frames()) return has_room() ? any : 0;
    // Bytes are no longer of interest, but a client waits for their end.
    return closing_->stage() == ClosingHandshake::Stage::lingering ? any : 0;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
