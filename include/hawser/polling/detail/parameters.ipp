#pragma once

#include <hawser/polling/parameters.hpp>

#include <hawser/http/target.hpp>
#include <hawser/polling/field_names.hpp>
#include <hawser/polling/number.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hawser::inline HAWSER_MODE::polling {

namespace detail {

/// How a parameter is called in a header field, and in the query.
struct ParameterNames {
    std::string_view field;
    std::string_view query;
};

/// The places of the parameters in what follows.
enum ParameterIndex : std::size_t { session_at, after_at, request_at, first_at, hold_at };

inline constexpr std::array parameter_names{
    ParameterNames{field::session, "session"}, ParameterNames{field::after, "after"},
    ParameterNames{field::request, "request"}, ParameterNames{field::first, "first"},
    ParameterNames{field::hold, "hold"},
};

/// What a request says of its parameters, gathered in one pass over its fields and its query.
class ParameterReader {
public:
    /// `head` must outlive the reader and what it gives out.
    explicit ParameterReader(const http::RequestHead& head) {
        for (const http::Field line : head.fields) read_field(line);
        for (std::string_view rest = head.query(); !rest.empty();) read_pair(take_pair(rest));
    }

    /// False once anything was wrong.
    [[nodiscard]] bool is_good() const noexcept { return good_; }

    [[nodiscard]] std::optional<std::string> text(ParameterIndex index) const {
        if (!found_[index]) return std::nullopt;
        return std::string{*found_[index]};
    }

    std::optional<std::uint64_t> number(ParameterIndex index) {
        if (!found_[index]) return std::nullopt;
        const auto number = parse_number(*found_[index]);
        if (!number) good_ = false;
        return number;
    }

private:
    static std::string_view take_pair(std::string_view& rest) noexcept {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        return pair;
    }

    void read_field(const http::Field& line) noexcept {
        for (std::size_t i = 0; i != parameter_names.size(); ++i) {
            if (!http::equal_ignoring_case(line.name, parameter_names[i].field)) continue;
            compare(i, line.value);
            found_[i] = line.value;
        }
    }

    void read_pair(std::string_view pair) {
        const std::size_t equals = pair.find('=');
        const auto names =
            std::ranges::find(parameter_names, pair.substr(0, equals), &ParameterNames::query);
        if (names == parameter_names.end()) return;
        const auto i = static_cast<std::size_t>(names - parameter_names.begin());
        const bool has_value = equals != std::string_view::npos;
        auto value = http::percent_decode(has_value ? pair.substr(equals + 1) : "");
        if (!value) {
            good_ = false;
            return;
        }
        compare(i, *value);
        decoded_[i] = *std::move(value);
        found_[i] = decoded_[i];
    }

    /// "A parameter given twice with different values": a bad number.
    void compare(std::size_t index, std::string_view value) noexcept {
        if (found_[index] && *found_[index] != value) good_ = false;
    }

    std::array<std::optional<std::string_view>, parameter_names.size()> found_ = {};
    /// What the query says, decoded.
    std::array<std::string, parameter_names.size()> decoded_ = {};
    bool good_ = true;
};

}  // namespace detail

HAWSER_DECL std::optional<Parameters> parse_parameters(const http::RequestHead& head) {
    detail::ParameterReader reader{head};
    Parameters parameters{
        .session = reader.text(detail::session_at),
        .after = reader.number(detail::after_at),
        .request = reader.number(detail::request_at),
        .first = reader.number(detail::first_at),
    };
    if (const auto hold = reader.number(detail::hold_at)) {
        parameters.hold = from_milliseconds(*hold);
    }
    // Both count from 1.
    if (parameters.request == 0U || parameters.first == 0U) return std::nullopt;
    if (!reader.is_good()) return std::nullopt;
    return parameters;
}

}  // namespace hawser::inline HAWSER_MODE::polling
