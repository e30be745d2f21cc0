#pragma once

#include <hawser/websocket/frame_sender.hpp>

#include <hawser/framing/append_frame.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

HAWSER_DECL FrameSender::Waiting& FrameSender::waiting() {
    if (!waiting_) waiting_ = std::make_unique<Waiting>();
    return *waiting_;
}

HAWSER_DECL void FrameSender::pong(ByteView payload) {
    framing::ControlPayload& pong = waiting().pong.emplace();
    std::ranges::copy(payload, pong.storage.begin());
    pong.size = payload.size();
}

HAWSER_DECL void FrameSender::close(std::uint16_t code, std::string_view text) {
    waiting().close = framing::encode_close_payload(code, text);
}

HAWSER_DECL void FrameSender::discard() noexcept {
    backlog_.clear();
    waiting_.reset();
    ping_waits_ = false;
}

HAWSER_DECL std::optional<framing::MaskKey> FrameSender::next_key() {
    if (!keys_) return std::nullopt;
    return keys_->next();
}

HAWSER_DECL void FrameSender::take_control(Output& into, framing::Opcode opcode, ByteView payload) {
    framing::append_frame(into, opcode, payload, next_key());
}

HAWSER_DECL void FrameSender::take_message(Output& into) {
    const Message& message = backlog_.front();
    if (keys_) {
        const auto opcode = message.is_text() ? framing::Opcode::text : framing::Opcode::binary;
        framing::append_frame(into, opcode, message.bytes(), next_key());
    } else {
        into.append_frame(message);
    }
    // Only now, so that what finds no memory is not lost.
    static_cast<void>(backlog_.pop());
}

HAWSER_DECL FrameSender::Left FrameSender::take(Output& into, std::size_t budget) {
    Left left;
    if (closed_) return left;
    if (waiting_ && waiting_->pong) {
        take_control(into, framing::Opcode::pong, waiting_->pong->bytes());
        waiting_->pong.reset();
    }
    if (std::exchange(ping_waits_, false)) {
        take_control(into, framing::Opcode::ping, {});
        left.ping = true;
    }
    const std::size_t begin = into.size();
    while (!backlog_.empty() && into.size() - begin < budget)
        take_message(into);
    if (!waiting_ || !backlog_.empty()) return left;
    if (waiting_->close) {
        take_control(into, framing::Opcode::close, waiting_->close->bytes());
        left.close = closed_ = true;
    }
    waiting_.reset();
    return left;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
