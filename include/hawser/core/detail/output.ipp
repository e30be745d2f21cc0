#pragma once

#include <hawser/core/output.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL void Output::append(ByteView bytes) {
    copied_.insert(copied_.end(), bytes.begin(), bytes.end());
    size_ += bytes.size();
}

HAWSER_DECL void Output::append_frame(const Message& message) {
    const ByteView frame = message.frame();
    if (frame.size() < share_from) return append(frame);
    shared_.push_back({copied_.size(), message});
    size_ += frame.size();
}

HAWSER_DECL void Output::append(Output&& other) {
    if (empty()) {
        clear();
        std::swap(*this, other);
        return;
    }
    std::size_t copied = other.copied_begin_;
    for (std::size_t i = other.shared_begin_; i != other.shared_.size(); ++i) {
        const auto& [before, message] = other.shared_[i];
        append(ByteView{other.copied_}.subspan(copied, before - copied));
        copied = before;
        if (i == other.shared_begin_ && other.frame_offset_ != 0) {
            append(message.frame().subspan(other.frame_offset_));
            continue;
        }
        append_frame(message);
    }
    append(ByteView{other.copied_}.subspan(copied));
    other.clear();
}

HAWSER_DECL MutableBytes Output::extend(std::size_t size) {
    const std::size_t at = copied_.size();
    copied_.resize(at + size);
    size_ += size;
    return MutableBytes{copied_}.subspan(at);
}

HAWSER_DECL std::size_t Output::gather(std::span<ByteView> into) const {
    std::size_t count = 0;
    std::size_t copied = copied_begin_;
    std::size_t offset = frame_offset_;
    const auto put = [&](ByteView bytes) {
        if (!bytes.empty()) into[count++] = bytes;
    };
    for (std::size_t i = shared_begin_; i != shared_.size() && count + 1 < into.size(); ++i) {
        put(ByteView{copied_}.subspan(copied, shared_[i].before - copied));
        copied = shared_[i].before;
        put(shared_[i].message.frame().subspan(std::exchange(offset, 0)));
        if (i + 1 == shared_.size() && count < into.size()) put(ByteView{copied_}.subspan(copied));
    }
    if (shared_begin_ == shared_.size() && !into.empty()) put(ByteView{copied_}.subspan(copied));
    return count;
}

HAWSER_DECL void Output::consume(std::size_t size) {
    size_ -= size;
    if (size_ == 0) return clear();
    while (size != 0) {
        const bool frame_next = shared_begin_ != shared_.size();
        const std::size_t copied_end = frame_next ? shared_[shared_begin_].before : copied_.size();
        const std::size_t step = std::min(size, copied_end - copied_begin_);
        copied_begin_ += step;
        size -= step;
        if (size == 0) return;
        const std::size_t left = shared_[shared_begin_].message.frame().size() - frame_offset_;
        if (size < left) {
            frame_offset_ += size;
            return;
        }
        size -= left;
        frame_offset_ = 0;
        shared_[shared_begin_++].message = Message{};
    }
}

HAWSER_DECL void Output::clear() noexcept {
    copied_.clear();
    shared_.clear();
    copied_begin_ = shared_begin_ = frame_offset_ = size_ = 0;
}

HAWSER_DECL std::vector<std::byte> Output::flatten() const {
    std::vector<std::byte> all;
    all.reserve(size_);
    std::size_t copied = copied_begin_;
    std::size_t offset = frame_offset_;
    const auto put = [&](ByteView bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
    for (std::size_t i = shared_begin_; i != shared_.size(); ++i) {
        put(ByteView{copied_}.subspan(copied, shared_[i].before - copied));
        copied = shared_[i].before;
        put(shared_[i].message.frame().subspan(std::exchange(offset, 0)));
    }
    put(ByteView{copied_}.subspan(copied));
    return all;
}

}  // namespace hawser::inline HAWSER_MODE
