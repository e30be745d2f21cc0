#pragma once

#include <hawser/core/output.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Calls `visit` with one piece after the other, none of them empty, until it returns false.
template <class Visit>
void Output::visit_pieces(Visit visit) const {
    const ByteView copied = copied_;
    std::size_t at = copied_consumed_;
    for (std::size_t i = 0; i != shared_.size(); ++i) {
        const std::size_t before = shared_[i].before;
        if (before != at && !visit(copied.subspan(at, before - at))) return;
        if (!visit(shared_[i].rest())) return;
        at = before;
    }
    if (at != copied.size()) visit(copied.subspan(at));
}

/// Sees to it that appending `size` copied bytes cannot throw.
HAWSER_DECL void Output::make_room(std::size_t size) {
    if (size <= copied_.capacity() - copied_.size()) return;
    // Bytes are moved only after as many were appended or consumed, hence O(1) each, amortised.
    if (copied_consumed_ > copied_.size() / 2) {
        for (std::size_t i = 0; i != shared_.size(); ++i) shared_[i].before -= copied_consumed_;
        copied_.erase(copied_.begin(),
                      copied_.begin() + static_cast<std::ptrdiff_t>(copied_consumed_));
        copied_consumed_ = 0;
    }
    const std::size_t needed = copied_.size() + size;
    if (needed > copied_.capacity()) copied_.reserve(std::max(needed, 2 * copied_.capacity()));
}

HAWSER_DECL void Output::append(ByteView bytes) {
    make_room(bytes.size());
    copied_.insert(copied_.end(), bytes.begin(), bytes.end());
    size_ += bytes.size();
}

HAWSER_DECL MutableBytes Output::extend(std::size_t size) {
    make_room(size);
    copied_.resize(copied_.size() + size);
    size_ += size;
    return MutableBytes{copied_}.last(size);
}

HAWSER_DECL void Output::append_frame(const Message& message) {
    const ByteView frame = message.frame();
    if (frame.size() < share_from) return append(frame);
    shared_.push({copied_.size(), 0, message});
    size_ += frame.size();
}

HAWSER_DECL void Output::append_with_head(ByteView head, const Message& message) {
    const std::size_t size = head.size() + message.size();
    if (size < share_from) {
        const MutableBytes room = extend(size);
        copy_bytes(head, room);
        return copy_bytes(message.bytes(), room.subspan(head.size()));
    }
    make_room(head.size());
    const std::size_t own_header = message.frame().size() - message.size();
    shared_.push({copied_.size() + head.size(), own_header, message});
    copied_.insert(copied_.end(), head.begin(), head.end());
    size_ += size;
}

HAWSER_DECL void Output::append(Output&& other) {
    if (&other == this) return;
    if (empty()) {
        std::swap(*this, other);
        return;
    }
    const ByteView copied = ByteView{other.copied_}.subspan(other.copied_consumed_);
    shared_.make_room(other.shared_.size());
    make_room(copied.size());
    const std::size_t at = copied_.size();
    while (!other.shared_.empty()) {
        Shared shared = other.shared_.pop();
        shared.before = shared.before - other.copied_consumed_ + at;
        shared_.push(std::move(shared));
    }
    copied_.insert(copied_.end(), copied.begin(), copied.end());
    size_ += other.size_;
    other.clear();
}

HAWSER_DECL std::size_t Output::gather(std::span<ByteView> into) const noexcept {
    std::size_t count = 0;
    visit_pieces([&](ByteView piece) {
        if (count == into.size()) return false;
        into[count++] = piece;
        return true;
    });
    return count;
}

HAWSER_DECL void Output::consume(std::size_t size) noexcept {
    assert(size <= size_ && "more was consumed than there is");
    size_ -= size;
    if (size_ == 0) return clear();
    while (size != 0) {
        const std::size_t copied_end = shared_.empty() ? copied_.size() : shared_.front().before;
        const std::size_t copied = std::min(size, copied_end - copied_consumed_);
        copied_consumed_ += copied;
        size -= copied;
        if (size == 0) return;
        const std::size_t step = std::min(size, shared_.front().rest().size());
        shared_.front().consumed += step;
        size -= step;
        if (shared_.front().rest().empty()) shared_.drop();
    }
}

HAWSER_DECL void Output::clear() noexcept {
    copied_.clear();
    if (copied_.capacity() > kept) copied_ = std::vector<std::byte>{};
    shared_.clear();
    copied_consumed_ = size_ = 0;
}

HAWSER_DECL std::vector<std::byte> Output::flatten() const {
    std::vector<std::byte> all;
    all.reserve(size_);
    visit_pieces([&](ByteView piece) {
        all.insert(all.end(), piece.begin(), piece.end());
        return true;
    });
    return all;
}

}  // namespace hawser::inline HAWSER_MODE
