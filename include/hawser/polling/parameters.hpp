#pragma once

#include <hawser/core/time.hpp>
#include <hawser/http/request.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hawser::inline HAWSER_MODE::polling {

/// What a request says in header fields, or in query parameters of the same name.
struct Parameters {
    /// Not checked in any way.
    std::optional<std::string> session = {};
    std::optional<std::uint64_t> after = {};
    std::optional<std::uint64_t> request = {};
    std::optional<std::uint64_t> first = {};
    std::optional<Duration> hold = {};

    friend bool operator==(const Parameters&, const Parameters&) = default;
};

/// Reads the parameters of a request. Empty (`Refusal::bad_number`) where one is no number of the
/// protocol, or is given twice with different values. Other query parameters are not looked at.
[[nodiscard]] HAWSER_DECL std::optional<Parameters> parse_parameters(const http::RequestHead& head);

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/parameters.ipp>
#endif
