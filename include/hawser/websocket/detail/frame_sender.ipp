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
    auto& pongs = waiting().pongs;
    if (pongs.size() == most_pongs) pongs.pop_back();
    framing::ControlPayload& pong = pongs.emplace_back();
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

HAWSER_DECL void FrameSender::append_compressed(Output& into, framing::Opcode opcode,
                                                const Message& payload) {
    if (keys_) {
        return framing::append_frame(into, opcode, payload.bytes(), next_key(), framing::rsv1);
    }
    const auto header = framing::encode_frame_header(
        {.opcode = opcode, .reserved = framing::rsv1, .length = payload.size()});
    into.append_with_head(header.bytes(), payload);
}

HAWSER_DECL void FrameSender::take_message(Output& into, MessageCodec* codec) {
    const Message& message = backlog_.front();
    const auto opcode = message.is_text() ? framing::Opcode::text : framing::Opcode::binary;
    const auto compressed = codec != nullptr ? codec->compress(message) : std::nullopt;
    if (compressed) {
        try {
            append_compressed(into, opcode, *compressed);
        } catch (...) {
            codec->forget_compressed();
            throw;
        }
    } else if (keys_) {
        framing::append_frame(into, opcode, message.bytes(), next_key());
    } else {
        into.append_frame(message);
    }
    // Only now, so that what finds no memory is not lost.
    backlog_.drop();
}

HAWSER_DECL FrameSender::Left FrameSender::take(Output& into, std::size_t budget,
                                               MessageCodec* codec) {
    Left left;
    if (closed_) return left;
    if (waiting_) {
        for (const framing::ControlPayload& pong : waiting_->pongs)
            take_control(into, framing::Opcode::pong, pong.bytes());
        waiting_->pongs.clear();
    }
    if (std::exchange(ping_waits_, false)) {
        take_control(into, framing::Opcode::ping, {});
        left.ping = true;
    }
    const std::size_t begin = into.size();
    while (!backlog_.empty() && into.size() - begin < budget)
        take_message(into, codec);
    if (!waiting_ || !backlog_.empty()) return left;
    if (waiting_->close) {
        take_control(into, framing::Opcode::close, waiting_->close->bytes());
        left.close = closed_ = true;
    }
    waiting_.reset();
    return left;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
