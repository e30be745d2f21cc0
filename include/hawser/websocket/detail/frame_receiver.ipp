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
                                          std::size_t size) noexcept {
    return reading.size != 0 && reading.header.fin && reading.header.length <= size - reading.size;
}

HAWSER_DECL FrameReceiver::Step FrameReceiver::receive(MutableBytes bytes, TimePoint now) {
    assert(!has_message_ && "a message waits to be taken");
    settle();
    if (!assembler_) {
        const framing::FrameHeaderReading reading = framing::read_frame_header(bytes);
        if (reading.error) return {bytes.size(), Found::violation, {}, reading.error};
        if (is_simple(reading, bytes.size())) return receive_simple(reading, bytes);
        assembler_ = std::make_unique<MessageAssembler>(receiver_, *limits_, now);
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
    if (header.mask) framing::mask(payload, *header.mask);
    const std::size_t consumed = reading.size + length;
    if (!is_control(header.opcode)) return receive_message(header.opcode, consumed, payload);
    return {consumed, detail::found_control(header.opcode), payload, {}};
}

HAWSER_DECL FrameReceiver::Step
FrameReceiver::receive_message(framing::Opcode opcode, std::size_t consumed, ByteView payload) {
    const bool text = opcode == framing::Opcode::text;
    if (text && !framing::is_utf8(payload)) {
        return {consumed, Found::violation, {}, Error::invalid_utf8};
    }
    message_ = Message::make(text ? Message::Kind::text : Message::Kind::binary, payload,
                             text ? Message::Utf8::valid : Message::Utf8::unchecked);
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
    return std::exchange(message_, Message{});
}

HAWSER_DECL TimePoint FrameReceiver::deadline(Duration timeout) const noexcept {
    if (!assembler_ || assembler_->at_rest()) return never;
    return deadline_after(assembler_->began(), timeout);
}

HAWSER_DECL void FrameReceiver::restart_clock(TimePoint now) noexcept {
    if (assembler_) assembler_->restart_clock(now);
}

}  // namespace hawser::inline HAWSER_MODE::websocket
