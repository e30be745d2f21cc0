#pragma once

#include <hawser/core/error.hpp>

#include <string_view>
#include <system_error>

namespace hawser::inline HAWSER_MODE::http {

/// The reason phrase of a status (RFC 9110 §15); empty for one that is not registered.
[[nodiscard]] HAWSER_DECL std::string_view reason_phrase(unsigned status) noexcept;

/// The status with which a server answers a request that failed with `error`; 400 where none fits
/// better.
[[nodiscard]] HAWSER_DECL unsigned status_for(std::error_code error) noexcept;

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/status.ipp>
#endif
