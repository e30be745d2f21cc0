#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/message.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE::framing {

/// Checks text that arrives in pieces (RFC 3629: no overlong forms, no surrogates, nothing above
/// U+10FFFF). It fails at the first byte that no continuation could make valid.
class Utf8Validator {
public:
    /// Takes the next bytes; false once the text cannot become valid any more.
    [[nodiscard]] bool feed(ByteView bytes) noexcept;
    /// Whether the text so far is whole: valid, and not in the middle of a character.
    [[nodiscard]] bool complete() const noexcept { return state_ == accept; }

private:
    static constexpr std::uint8_t accept = 6;

    std::uint8_t state_ = accept;
};

/// Whether `bytes` are UTF-8.
[[nodiscard]] inline bool is_utf8(ByteView bytes) noexcept {
    Utf8Validator validator;
    return validator.feed(bytes) && validator.complete();
}

/// Whether `message` may be sent: binary, or text that is UTF-8. Remembers what it finds with the
/// bytes of a long message, so that a text sent to many is checked once.
[[nodiscard]] inline bool check_text(const Message& message) noexcept {
    if (!message.is_text() || message.utf8() == Message::Utf8::valid) return true;
    if (message.utf8() == Message::Utf8::invalid) return false;
    const bool valid = is_utf8(message.bytes());
    message.remember_utf8(valid ? Message::Utf8::valid : Message::Utf8::invalid);
    return valid;
}

}  // namespace hawser::inline HAWSER_MODE::framing

#if !defined(HAWSER_COMPILED)
#include <hawser/framing/detail/utf8.ipp>
#endif
