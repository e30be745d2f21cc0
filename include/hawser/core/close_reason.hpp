#pragma once

#include <hawser/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace hawser::inline HAWSER_MODE {

/// The close codes of RFC 6455 §7.4.1 that this library sends or reports, on every transport.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported = 1003,
    /// Reported, never sent: the peer's close frame carried no code.
    none = 1005,
    /// Reported, never sent: there was no close frame.
    abnormal = 1006,
    invalid_bytes = 1007,
    policy_violation = 1008,
    too_big = 1009,
    internal_error = 1011,
    try_again_later = 1013,
};

/// Who ended a channel, or whose fault its end was.
enum class Party : std::uint8_t { local, peer, network };

/// Why a channel ended.
struct CloseReason {
    /// `Error::closed` after a clean close, by either side; otherwise the exact cause.
    std::error_code error = Error::closed;
    /// The close code of RFC 6455 §7.4, also on polling; application codes are 3000 to 4999.
    std::uint16_t code = static_cast<std::uint16_t>(CloseCode::normal);
    /// The peer's or our own words, UTF-8, at most 123 bytes.
    std::string text = {};
    Party by = Party::local;

    friend bool operator==(const CloseReason&, const CloseReason&) = default;
};

/// Whether an application may send `code` in a close frame (RFC 6455 §7.4): 1000 to 1003, 1007 to
/// 1014, 3000 to 4999.
[[nodiscard]] constexpr bool is_sendable_close_code(std::uint16_t code) noexcept {
    if (code >= 3000) return code <= 4999;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/// The longest text of a close frame: a control frame's 125 bytes without the code's two (§5.5).
inline constexpr std::size_t max_close_text = 123;

}  // namespace hawser::inline HAWSER_MODE
