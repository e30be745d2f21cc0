#pragma once

#include <hawser/websocket/message_assembler.hpp>

#include <hawser/framing/mask.hpp>

#include <algorithm>
#include <cassert>

namespace hawser::inline HAWSER_MODE::websocket {

HAWSER_DECL MessageAssembler::Step MessageAssembler::receive(ByteView bytes) {
    if (!in_payload_) return receive_header(bytes);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    const ByteView payload = bytes.first(size);
    if (is_control(frame_.opcode)) {
        receive_control(payload);
    } else if (const auto error = receive_data(payload)) {
        return {size, Found::violation, error};
    }
    left_ -= size;
    return finish_frame(size);
}

HAWSER_DECL MessageAssembler::Step MessageAssembler::receive_header(ByteView bytes) {
    const std::size_t before = header_size_;
    const std::size_t size = std::min(bytes.size(), header_.size() - before);
    std::ranges::copy(bytes.first(size), header_.begin() + header_size_);
    const ByteView collected = ByteView{header_}.first(before + size);
    const framing::FrameHeaderReading reading = framing::read_frame_header(collected);
    if (reading.error) return {size, Found::violation, reading.error};
    if (reading.size == 0) {
        header_size_ = static_cast<std::uint8_t>(before + size);
        return {size};
    }
    header_size_ = 0;
    const std::size_t consumed = reading.size - before;
    if (const auto error = begin_frame(reading.header)) {
        return {consumed, Found::violation, error};
    }
    return finish_frame(consumed);
}

HAWSER_DECL std::error_code
MessageAssembler::begin_frame(framing::FrameHeader header) noexcept {
    const bool is_first = progress_.fragments == 0 && !is_control(header.opcode);
    if (is_first) compressed_ = codec_ != nullptr && take_compressed(header);
    const MessageLimits limits = compressed_ ? compressed_limits(*limits_) : *limits_;
    if (const auto error = judge(header, receiver_, progress_, limits)) return error;
    frame_ = header;
    left_ = header.length;
    in_payload_ = true;
    if (is_control(header.opcode)) return {};
    progress_.fragments += 1;
    progress_.bytes += static_cast<std::size_t>(header.length);
    if (is_first) {
        kind_ =
            header.opcode == framing::Opcode::text ? Message::Kind::text : Message::Kind::binary;
    }
    return {};
}

HAWSER_DECL void MessageAssembler::unmask(ByteView bytes, MutableBytes into,
                                          std::size_t offset) const noexcept {
    framing::mask_copy(bytes, into, frame_.mask, offset);
}

HAWSER_DECL void MessageAssembler::receive_control(ByteView bytes) noexcept {
    unmask(bytes, MutableBytes{control_}.subspan(received()), received());
}

HAWSER_DECL std::error_code MessageAssembler::receive_data(ByteView bytes) {
    if (compressed_) return inflate(bytes);
    const MutableBytes place = builder_.extend(bytes.size());
    unmask(bytes, place, received());
    return check_text(place);
}

HAWSER_DECL std::error_code MessageAssembler::inflate(ByteView bytes) {
    const std::size_t before = builder_.size();
    std::error_code error;
    for (std::size_t offset = received(); !bytes.empty() && !error;) {
        std::array<std::byte, 4096> piece;
        const auto unmasked = MutableBytes{piece}.first(std::min(piece.size(), bytes.size()));
        unmask(bytes.first(unmasked.size()), unmasked, offset);
        error = codec_->inflate(unmasked, builder_, limits_->bytes);
        bytes = bytes.subspan(unmasked.size());
        offset += unmasked.size();
    }
    // First what comes first: the outcome shall not depend on how many bytes arrived together.
    const auto bad_text = check_text(builder_.tail(before));
    return bad_text ? bad_text : error;
}

HAWSER_DECL std::error_code MessageAssembler::finish_message() {
    if (compressed_) {
        const std::size_t before = builder_.size();
        const auto error = codec_->finish_inflating(builder_, limits_->bytes);
        if (const auto bad_text = check_text(builder_.tail(before))) return bad_text;
        if (error) return error;
    }
    if (kind_ == Message::Kind::text && !utf8_.complete()) return Error::invalid_utf8;
    return {};
}

HAWSER_DECL std::error_code MessageAssembler::check_text(ByteView bytes) noexcept {
    if (kind_ == Message::Kind::text && !utf8_.feed(bytes)) return Error::invalid_utf8;
    return {};
}

HAWSER_DECL MutableBytes MessageAssembler::prepare() {
    if (!in_payload_ || is_control(frame_.opcode) || compressed_) return {};
    if (builder_.size() < place_from || left_ < place_at_least) return {};
    return builder_.prepare(static_cast<std::size_t>(left_));
}

HAWSER_DECL MessageAssembler::Step MessageAssembler::commit(std::size_t written) {
    assert(written <= left_ && "more was written than prepare offered");
    const std::size_t before = builder_.size();
    builder_.commit(written);
    const MutableBytes placed = builder_.tail(before);
    if (frame_.mask) unmask(placed, placed, received());
    if (const auto error = check_text(placed)) return {written, Found::violation, error};
    left_ -= written;
    return finish_frame(written);
}

HAWSER_DECL MessageAssembler::Step MessageAssembler::finish_frame(std::size_t consumed) {
    if (left_ != 0) return {consumed};
    in_payload_ = false;
    if (is_control(frame_.opcode)) return {consumed, Found::control};
    if (!frame_.fin) return {consumed};
    if (const auto error = finish_message()) return {consumed, Found::violation, error};
    return {consumed, Found::message};
}

HAWSER_DECL Message MessageAssembler::take_message() {
    progress_ = {};
    const bool text = kind_ == Message::Kind::text;
    return builder_.finish(kind_, text ? Message::Utf8::valid : Message::Utf8::unchecked);
}

HAWSER_DECL ByteView MessageAssembler::control_payload() const noexcept {
    return ByteView{control_}.first(static_cast<std::size_t>(frame_.length));
}

HAWSER_DECL bool MessageAssembler::at_rest() const noexcept {
    return !in_payload_ && header_size_ == 0 && progress_.fragments == 0;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
