#pragma once

#include "../batch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// RFC 6455 §5.2.
enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};

/// The mask key of all frames the generator sends. A client must draw a new one for each (RFC 6455
/// §5.3); that would be the generator's cost, and none of the server's.
inline constexpr std::array<char, 4> mask_key{'\x5A', '\xC3', '\x91', '\x0E'};

/// Masks or unmasks bytes, the first of which stands at `position` of its frame's payload.
inline void mask(char* bytes, std::size_t size, std::size_t position = 0) noexcept {
    for (std::size_t i = 0; i != size; ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ mask_key[(position + i) % 4]);
    }
}

/// The header of a client's frame that is whole by itself, mask key and all.
[[nodiscard]] inline std::string client_frame_header(Opcode opcode, std::size_t size) {
    std::string header = frame_header(size, Masking::client);
    header.front() = static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    return header.append(mask_key.data(), mask_key.size());
}

/// Takes a server's bytes apart, however they were split, into messages and control frames. A
/// message may have come in fragments. Hands them to a sink:
///
///   void payload(std::string_view bytes)          the next bytes of a message
///   void end_of_message(Opcode opcode)            which has been text or binary
///   void control(Opcode opcode, std::string_view payload)
class FrameReader {
public:
    /// Throws WrongEcho where the bytes are not a server's frames.
    template <class Sink>
    void read(std::string_view bytes, Sink& sink) {
        while (!bytes.empty()) {
            if (left_ == 0 && !take_header(bytes)) return;
            take_payload(bytes, sink);
        }
    }

private:
    [[nodiscard]] bool is_control() const noexcept { return (head_[0] & 0x08) != 0; }
    [[nodiscard]] bool is_final() const noexcept { return (head_[0] & 0x80) != 0; }
    [[nodiscard]] Opcode opcode() const noexcept { return static_cast<Opcode>(head_[0] & 0x0F); }

    /// Whether the header is whole; what it has taken is gone from `bytes`.
    bool take_header(std::string_view& bytes) {
        std::size_t needed = 2;
        for (;;) {
            while (head_size_ < needed) {
                if (bytes.empty()) return false;
                head_[head_size_++] = static_cast<unsigned char>(bytes.front());
                bytes.remove_prefix(1);
            }
            const unsigned length = head_[1];
            const std::size_t whole = length == 126 ? 4 : length == 127 ? 10 : 2;
            if (whole == needed) break;
            needed = whole;
        }
        judge_header();
        left_ = head_size_ == 2 ? head_[1] : 0;
        for (std::size_t i = 2; i != head_size_; ++i) {
            left_ = left_ << 8 | head_[i];
        }
        head_size_ = 0;
        return true;
    }

    void judge_header() const {
        if ((head_[1] & 0x80) != 0) throw WrongEcho{"a server's frame is masked"};
        if ((head_[0] & 0x70) != 0) throw WrongEcho{"a frame has a reserved bit"};
        if (is_control()) {
            if (!is_final() || head_size_ != 2) throw WrongEcho{"a control frame is too long"};
        } else if ((opcode() == Opcode::continuation) != (message_ != Opcode::continuation)) {
            throw WrongEcho{"a frame is out of its turn"};
        }
    }

    template <class Sink>
    void take_payload(std::string_view& bytes, Sink& sink) {
        const auto part =
            bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
        bytes.remove_prefix(part.size());
        left_ -= part.size();
        if (is_control()) {
            control_.append(part);
            if (left_ != 0) return;
            sink.control(opcode(), control_);
            control_.clear();
            return;
        }
        if (opcode() != Opcode::continuation) message_ = opcode();
        if (!part.empty()) sink.payload(part);
        if (left_ != 0 || !is_final()) return;
        const Opcode ended = message_;
        message_ = Opcode::continuation;
        sink.end_of_message(ended);
    }

    std::array<unsigned char, 10> head_{};
    std::size_t head_size_ = 0;
    /// Payload bytes of the frame that are still to come.
    std::uint64_t left_ = 0;
    /// The kind of the message under way; `continuation` between messages.
    Opcode message_ = Opcode::continuation;
    std::string control_;
};

}  // namespace bench
