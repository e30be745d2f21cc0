#pragma once

#include "frame.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

/// The first bytes of a message: who sent it, and which of his it is, so that no message can be
/// taken for another. Printable characters, so that a message may be text.
class Stamp {
public:
    static constexpr std::size_t size = 8;

    Stamp(std::uint64_t lane, std::uint64_t number) noexcept {
        std::uint64_t both = lane << 28 | (number & 0xFFF'FFFF);
        for (char& digit : digits_) {
            digit = static_cast<char>('0' + (both & 63));
            both >>= 6;
        }
    }

    [[nodiscard]] std::string_view text() const noexcept { return {digits_.data(), size}; }

private:
    std::array<char, size> digits_;
};

/// What all messages of a load are like: their size and kind, and the bytes behind the stamp, which
/// they share, so that many large messages in flight do not need as much memory.
class MessageShape {
public:
    MessageShape(Opcode kind, std::size_t size)
        : kind_{kind}, size_{size}, header_{client_frame_header(kind, size)},
          stamp_size_{std::min(size, Stamp::size)}, tail_(size - stamp_size_, '\0') {
        std::uint64_t state = size;
        for (char& byte : tail_) {
            state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX
            byte = static_cast<char>(kind == Opcode::text ? ' ' + (state >> 33) % 95 : state >> 56);
        }
        masked_tail_ = tail_;
        mask(masked_tail_.data(), masked_tail_.size(), stamp_size_);
    }

    [[nodiscard]] Opcode kind() const noexcept { return kind_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// The message with `stamp` itself.
    [[nodiscard]] std::string payload(const Stamp& stamp) const {
        return std::string{stamp.text().substr(0, stamp_size_)} + tail_;
    }

    /// The masked frame of the message with `stamp` is this, appended to `bytes`, and then
    /// `masked_tail()`.
    void append_head(std::string& bytes, const Stamp& stamp) const {
        bytes += header_;
        const std::size_t begin = bytes.size();
        bytes += stamp.text().substr(0, stamp_size_);
        mask(bytes.data() + begin, stamp_size_);
    }
    /// Stays valid as long as the shape.
    [[nodiscard]] std::string_view masked_tail() const noexcept { return masked_tail_; }

    /// Whether `bytes` are those that the message with `stamp` has from `position` on.
    [[nodiscard]] bool matches(std::string_view bytes, std::size_t position,
                               const Stamp& stamp) const noexcept {
        if (bytes.size() > size_ - position) return false;
        if (position < stamp_size_) {
            const auto begin = stamp.text().substr(position, stamp_size_ - position);
            const auto compared = bytes.substr(0, begin.size());
            if (!begin.starts_with(compared)) return false;
            bytes.remove_prefix(compared.size());
            position = stamp_size_;
        }
        const char* const expected = tail_.data() + (position - stamp_size_);
        return std::memcmp(expected, bytes.data(), bytes.size()) == 0;
    }

private:
    Opcode kind_;
    std::size_t size_;
    std::string header_;
    std::size_t stamp_size_;
    std::string tail_;
    std::string masked_tail_;
};

/// Verifies the messages of one lane as they come back, in order, in any pieces.
class MessageChecker {
public:
    explicit MessageChecker(const MessageShape& shape, std::uint64_t lane) noexcept
        : shape_{&shape}, lane_{lane} {}

    /// Messages that have come back whole.
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

    /// Throws WrongEcho.
    void take(std::string_view bytes) {
        if (!shape_->matches(bytes, position_, Stamp{lane_, received_})) {
            throw WrongEcho{"the bytes that came back are not those that were sent"};
        }
        position_ += bytes.size();
    }
    /// Throws WrongEcho.
    void end(Opcode kind) {
        if (position_ != shape_->size()) throw WrongEcho{"a message came back shortened"};
        if (kind != shape_->kind()) throw WrongEcho{"a message came back as another kind"};
        position_ = 0;
        ++received_;
    }

private:
    const MessageShape* shape_;
    std::uint64_t lane_;
    std::uint64_t received_ = 0;
    std::size_t position_ = 0;
};

}  // namespace bench
