#pragma once

#include <hawser/core/config.hpp>

#include <string_view>

namespace hawser::inline HAWSER_MODE {

/// The version of the library, by the rules of semantic versioning. The build reads it from here.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

/// The same as text.
inline constexpr std::string_view version = "0.1.0";

}  // namespace hawser::inline HAWSER_MODE
