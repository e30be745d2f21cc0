#pragma once

#include <hawser/polling/parameters.hpp>

#include <hawser/http/target.hpp>
#include <hawser/polling/field_names.hpp>
#include <hawser/polling/number.hpp>

#include <string_view>
#include <utility>

namespace hawser::inline HAWSER_MODE::polling {

namespace detail {

/// All that a request says about one parameter.
class ParameterReader {
public:
    explicit ParameterReader(const http::RequestHead& head) noexcept : head_{&head} {}

    /// False once anything was wrong.
    [[nodiscard]] bool is_good() const noexcept { return good_; }

    std::optional<std::string> text(std::string_view field, std::string_view query) {
        std::optional<std::string> found;
        for (const http::Field line : head_->fields) {
            if (http::equal_ignoring_case(line.name, field)) add(found, std::string{line.value});
        }
        for (std::string_view rest = head_->query(); !rest.empty();) {
            const std::string_view pair = take_pair(rest);
            const std::size_t equals = pair.find('=');
            if (pair.substr(0, equals) != query) continue;
            const auto value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
            add(found, http::percent_decode(value));
        }
        return found;
    }

    std::optional<std::uint64_t> number(std::string_view field, std::string_view query) {
        const auto found = text(field, query);
        if (!found) return std::nullopt;
        const auto number = parse_number(*found);
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

    void add(std::optional<std::string>& found, std::optional<std::string> value) {
        // "A parameter given twice with different values": a bad number.
        if (!value || (found && *found != *value)) good_ = false;
        found = std::move(value);
    }

    const http::RequestHead* head_;
    bool good_ = true;
};

}  // namespace detail

HAWSER_DECL std::optional<Parameters> parse_parameters(const http::RequestHead& head) {
    detail::ParameterReader reader{head};
    Parameters parameters{
        .session = reader.text(field::session, "session"),
        .after = reader.number(field::after, "after"),
        .request = reader.number(field::request, "request"),
        .first = reader.number(field::first, "first"),
    };
    if (const auto hold = reader.number(field::hold, "hold")) {
        parameters.hold = from_milliseconds(*hold);
    }
    // Both count from 1.
    if (parameters.request == 0U || parameters.first == 0U) return std::nullopt;
    if (!reader.is_good()) return std::nullopt;
    return parameters;
}

}  // namespace hawser::inline HAWSER_MODE::polling
