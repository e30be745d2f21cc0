#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::http {

/// `text` with its percent-encodings resolved (RFC 3986 §2.1); empty where one is malformed.
/// A plus sign stays what it is.
[[nodiscard]] HAWSER_DECL std::optional<std::string> percent_decode(std::string_view text);

/// `text` with all but the unreserved characters (RFC 3986 §2.3) percent-encoded.
[[nodiscard]] HAWSER_DECL std::string percent_encode(std::string_view text);

/// The value of the first parameter called `name` in a query (`a=1&b=2`), percent-decoded; names
/// are compared percent-decoded and with case. A parameter without `=` has an empty value; one
/// whose encoding is malformed does not exist.
[[nodiscard]] HAWSER_DECL std::optional<std::string> query_parameter(std::string_view query,
                                                                     std::string_view name);

/// How many parameters of a query are called `name`, those with a malformed value included.
[[nodiscard]] HAWSER_DECL std::size_t query_parameter_count(std::string_view query,
                                                            std::string_view name);

/// Whether every percent sign begins a percent-encoding, of another byte than NUL.
[[nodiscard]] HAWSER_DECL bool is_well_encoded(std::string_view target) noexcept;

/// Whether a segment of `path` is `.` or `..`, percent-encoded or not (RFC 3986 §3.3).
[[nodiscard]] HAWSER_DECL bool has_dot_segments(std::string_view path) noexcept;

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/target.ipp>
#endif
