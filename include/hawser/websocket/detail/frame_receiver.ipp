#pragma once

#include <hawser/websocket/frame_receiver.hpp>

#include <hawser/framing/mask.hpp>
#include <hawser/framing/utf8.hpp>

#include <cassert>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

namespace detail {

[[nodiscard]] inline FrameReceiver::Found found_control(framing::Opcode opcode) noexcept {
    if (opcode == framing::Opcode::ping) return FrameReceiver::Found::ping;
    if (opcode == framing::Opcode::pong) return FrameReceiver::Found::pong;
    return FrameReceiver::Found::close;
}

}  // namespace detail

HAWSER_DECL bool FrameReceiver::is_simple(const framing::FrameHeaderReading& reading,
                                          std::size_t size, const MessageCodec* codec) noexcept {
    const auto& header = reading.header;
    if (codec != nullptr && header.reserved != 0) return false;  // it may be compressed
    return reading.size != 0 && header.fin && header.length <= size - reading.size;
}

HAWSER_DECL FrameReceiver::Step FrameReceiver::receive(MutableBytes bytes, TimePoint now,
                                                       MessageCodec* codec) {
    assert(!has_message_ && "a message waits to be taken");
    settle();
    if (!assembler_) {
        const framing::FrameHeaderReading reading = framing::read_frame_header(bytes);
        if (reading.error) return {bytes.size(), Found::violation, {}, reading.error};
        if (is_simple(reading, bytes.size(), codec)) return receive_simple(reading, bytes);
        assembler_ = std::make_unique<MessageAssembler>(receiver_, *limits_, now, codec);
    }
    return finish(assembler_->receive(bytes));
}

HAWSER_DECL FrameReceiver::Step
FrameReceiver::receive_simple(const framing::FrameHeaderReading& reading, MutableBytes bytes) {
    const auto& header = reading.header;
    if (const auto error = judge(header, receiver_, MessageProgress{}, *limits_)) {
        return {reading.size, Found::violation, {}, error};
    }
    const auto length = static_cast<std::size_t>(header.length);
    const MutableBytes payload = bytes.subspan(reading.size, length);
    const std::size_t consumed = reading.size + length;
    if (!is_control(header.opcode)) return receive_message(header, consumed, payload);
    if (header.mask) framing::mask(payload, *header.mask);
    return {consumed, detail::found_control(header.opcode), payload, {}};
}

HAWSER_DECL FrameReceiver::Step
FrameReceiver::receive_message(const framing::FrameHeader& header, std::size_t consumed,
                               ByteView payload) {
    using enum Message::Utf8;
    const bool is_text = header.opcode == framing::Opcode::text;
    const auto kind = is_text ? Message::Kind::text : Message::Kind::binary;
    message_ = Message::filled(kind, payload.size(), [&](MutableBytes place) {
        framing::mask_copy(payload, place, header.mask);
        if (!is_text) return unchecked;
        return framing::is_utf8(place) ? valid : invalid;
    });
    if (message_.utf8() == invalid) {
        message_ = Message{};
        return {consumed, Found::violation, {}, Error::invalid_utf8};
    }
    has_message_ = true;
    return {consumed, Found::message, {}, {}};
}

HAWSER_DECL MutableBytes FrameReceiver::prepare() {
    if (!assembler_ || has_message_) return {};
    return assembler_->prepare();
}

HAWSER_DECL FrameReceiver::Step FrameReceiver::commit(std::size_t written) {
    assert(assembler_ && "bytes were placed where no place was offered");
    return finish(assembler_->commit(written));
}

HAWSER_DECL FrameReceiver::Step FrameReceiver::finish(const MessageAssembler::Step& step) {
    switch (step.found) {
    case MessageAssembler::Found::nothing:
        return {step.consumed, Found::nothing, {}, {}};
    case MessageAssembler::Found::violation:
        return {step.consumed, Found::violation, {}, step.error};
    case MessageAssembler::Found::control:
        return {step.consumed,
                detail::found_control(assembler_->control_opcode()),
                assembler_->control_payload(),
                {}};
    case MessageAssembler::Found::message:
        break;
    }
    message_ = assembler_->take_message();
    has_message_ = true;
    settle();
    return {step.consumed, Found::message, {}, {}};
}

HAWSER_DECL void FrameReceiver::settle() noexcept {
    // Not sooner: the bytes of a control frame that has been found are still in there.
    if (assembler_ && assembler_->at_rest()) assembler_.reset();
}

HAWSER_DECL Message FrameReceiver::take_message() noexcept {
    assert(has_message_ && "no message was found");
    has_message_ = false;
    return std::move(message_);
}

HAWSER_DECL TimePoint FrameReceiver::deadline(Duration timeout) const noexcept {
    if (!assembler_ || assembler_->at_rest()) return never;
    return deadline_after(assembler_->began(), timeout);
}

HAWSER_DECL void FrameReceiver::restart_clock(TimePoint now) noexcept {
    if (assembler_) assembler_->restart_clock(now);
}

}  // namespace hawser::inline HAWSER_MODE::websocket
