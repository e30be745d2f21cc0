#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

/// What has come back is not what was sent.
struct WrongEcho : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Who masks the frames of its messages (RFC 6455 §5.3): a WebSocket client does.
enum class Masking : std::uint8_t { none, client };

/// The header of the frame of a binary message of `size` bytes, without mask key.
[[nodiscard]] inline std::string frame_header(std::size_t size, Masking masking) {
    const auto mask_bit = static_cast<std::uint8_t>(masking == Masking::client ? 0x80 : 0);
    const unsigned length_bytes = size <= 125 ? 0 : size <= 0xFFFF ? 2 : 8;
    const auto short_length = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
    std::string header{'\x82', static_cast<char>(mask_bit | short_length)};
    for (unsigned left = length_bytes; left != 0; --left) {
        header += static_cast<char>(size >> (8 * (left - 1)));
    }
    return header;
}

/// Messages of one size that are sent together, and the bytes of the frames that must come back.
/// Each message begins with its number, so that none can be taken for another; the rest is made
/// once.
class Batch {
public:
    /// The least size of a message: that of its number.
    static constexpr std::size_t least_size = sizeof(std::uint64_t);

    /// `seed` makes the bytes of one client differ from those of another.
    Batch(std::size_t messages, std::size_t size, Masking masking, std::uint64_t seed)
        : messages_{messages}, size_{size}, masking_{masking} {
        const std::string header = frame_header(size, Masking::none);
        const std::string sent_header = frame_header(size, masking) + std::string{key()};
        frame_size_ = header.size() + size;
        sent_number_at_ = sent_header.size();
        number_at_ = header.size();
        for (std::size_t i = 0; i != messages; ++i) {
            std::string payload = make_payload(size, seed + i);
            expected_ += header + payload;
            mask(payload.data(), payload.size());
            sent_ += sent_header + payload;
        }
    }

    [[nodiscard]] std::size_t messages() const noexcept { return messages_; }
    /// The bytes of one message.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The bytes of the unmasked frame of one message.
    [[nodiscard]] std::size_t frame_size() const noexcept { return frame_size_; }
    /// All frames, as they are to be sent.
    [[nodiscard]] std::string_view sent() const noexcept { return sent_; }
    [[nodiscard]] bool is_complete() const noexcept { return received_ == expected_.size(); }
    /// Messages that have come back whole.
    [[nodiscard]] std::size_t received() const noexcept { return received_ / frame_size_; }

    /// Gives the messages the next numbers, and awaits them all anew.
    void renew() noexcept {
        received_ = 0;
        for (std::size_t i = 0; i != messages_; ++i, ++number_) {
            std::array<char, least_size> digits;
            for (std::size_t byte = 0; byte != digits.size(); ++byte) {
                digits[byte] = static_cast<char>(number_ >> (8 * byte));
            }
            expected_.replace(i * frame_size_ + number_at_, digits.size(), digits.data(),
                              digits.size());
            mask(digits.data(), digits.size());
            const std::size_t sent_frame = sent_.size() / messages_;
            sent_.replace(i * sent_frame + sent_number_at_, digits.size(), digits.data(),
                          digits.size());
        }
    }

    /// Compares the next bytes of frames that have come back. Throws WrongEcho.
    void verify(std::string_view bytes) {
        if (std::string_view{expected_}.substr(received_, bytes.size()) != bytes) {
            throw WrongEcho{"the echo is wrong"};
        }
        received_ += bytes.size();
    }

private:
    /// One for all frames: to draw a new one for each, as a client must, is the generator's cost
    /// and not the server's.
    [[nodiscard]] std::string_view key() const noexcept {
        return masking_ == Masking::client ? "\x5A\xC3\x91\x0E" : "";
    }

    /// `bytes` are the first ones of a message.
    void mask(char* bytes, std::size_t size) const noexcept {
        const std::string_view by = key();
        if (by.empty()) return;
        for (std::size_t i = 0; i != size; ++i)
            bytes[i] = static_cast<char>(bytes[i] ^ by[i % 4]);
    }

    static std::string make_payload(std::size_t size, std::uint64_t seed) {
        std::string payload(size, '\0');
        std::uint64_t state = seed * 2 + 1;
        for (char& byte : payload) {
            state *= 6364136223846793005U;  // Knuth's multiplier: any mixture will do
            byte = static_cast<char>(state >> 56);
        }
        return payload;
    }

    std::size_t messages_;
    std::size_t size_;
    Masking masking_;
    std::size_t frame_size_ = 0;
    std::size_t number_at_ = 0;
    std::size_t sent_number_at_ = 0;
    std::uint64_t number_ = 0;
    std::string sent_;
    std::string expected_;
    std::size_t received_ = 0;
};

}  // namespace bench
