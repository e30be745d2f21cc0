#pragma once

#include <hawser/session/outbox.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE::session {

HAWSER_DECL void Outbox::finish(std::vector<std::byte> last_frame) {
    if (last_frame_ != nullptr) return;
    last_frame_ = std::make_unique<LastFrame>(LastFrame{.bytes = std::move(last_frame)});
}

HAWSER_DECL bool Outbox::has_number(std::size_t index) const noexcept {
    return acknowledged_ + index < last_number_;
}

HAWSER_DECL ByteView Outbox::next_frame(std::size_t index) const noexcept {
    if (index < numbered_.size()) return numbered_[index].frame();
    if (has_number(index)) return last_frame_->bytes;
    if (!waiting_.empty()) return waiting_.front().frame();
    if (last_frame_ != nullptr && last_frame_->number == 0) return last_frame_->bytes;
    return {};
}

HAWSER_DECL void Outbox::number_next() {
    ++last_number_;
    if (waiting_.empty()) {
        last_frame_->number = last_number_;
        return;
    }
    numbered_.push(waiting_.pop());
    numbered_bytes_ += numbered_.back().frame().size();
    waiting_.set_elsewhere(numbered_bytes_);
}

HAWSER_DECL void Outbox::append(Output& into, std::size_t index) const {
    if (index < numbered_.size()) return into.append_frame(numbered_[index]);
    into.append(ByteView{last_frame_->bytes});
}

HAWSER_DECL Outbox::Taken Outbox::take(Output& into, const TakeLimits& limits) {
    Taken taken{.first = acknowledged_ + 1};
    std::size_t bytes = 0;
    while (taken.count < std::max<std::size_t>(limits.messages, 1)) {
        const std::size_t size = next_frame(taken.count).size();
        if (size == 0) break;
        bytes += size;
        if (taken.count != 0 && bytes > limits.bytes) break;
        if (has_number(taken.count)) {
            ++retransmitted_;
        } else {
            number_next();
        }
        append(into, taken.count++);
    }
    return taken;
}

HAWSER_DECL void Outbox::release(std::uint64_t up_to) {
    up_to = std::min(up_to, last_number_);
    while (acknowledged_ < up_to) {
        ++acknowledged_;
        if (!numbered_.empty()) numbered_bytes_ -= numbered_.pop().frame().size();
    }
    waiting_.set_elsewhere(numbered_bytes_);
}

HAWSER_DECL void Outbox::clear() noexcept {
    waiting_.clear();
    waiting_.set_elsewhere(0);
    numbered_.clear();
    numbered_bytes_ = 0;
    last_frame_.reset();
}

HAWSER_DECL bool Outbox::is_delivered() const noexcept {
    return last_frame_ != nullptr && last_frame_->number != 0 &&
           last_frame_->number == acknowledged_;
}

HAWSER_DECL bool Outbox::empty() const noexcept {
    return messages() == 0 && (last_frame_ == nullptr || is_delivered());
}

HAWSER_DECL std::size_t Outbox::messages() const noexcept {
    return numbered_.size() + waiting_.messages();
}

}  // namespace hawser::inline HAWSER_MODE::session
