#pragma once

#include <hawser/core/config.hpp>

#include <string_view>

/// The header fields of the protocol. What a request's field says, a query parameter may say, too.
namespace hawser::inline HAWSER_MODE::polling::field {

inline constexpr std::string_view version = "Hawser";
inline constexpr std::string_view session = "Hawser-Session";
inline constexpr std::string_view after = "Hawser-After";
inline constexpr std::string_view request = "Hawser-Request";
inline constexpr std::string_view hold = "Hawser-Hold";
inline constexpr std::string_view first = "Hawser-First";
inline constexpr std::string_view received = "Hawser-Received";
inline constexpr std::string_view interval = "Hawser-Interval";
inline constexpr std::string_view grace = "Hawser-Grace";
inline constexpr std::string_view max_message = "Hawser-Max-Message";
inline constexpr std::string_view max_body = "Hawser-Max-Body";
inline constexpr std::string_view error = "Hawser-Error";

}  // namespace hawser::inline HAWSER_MODE::polling::field

namespace hawser::inline HAWSER_MODE::polling {

/// The media type of a body that is frames.
inline constexpr std::string_view frames_media_type = "application/vnd.hawser.frames";

/// The value of the field `Hawser`, in every reply of this protocol.
inline constexpr std::string_view protocol_version = "1";

}  // namespace hawser::inline HAWSER_MODE::polling
