#pragma once

#include <hawser/polling/server_reply.hpp>

#include <hawser/polling/field_names.hpp>
#include <hawser/polling/number.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace hawser::inline HAWSER_MODE::polling {

namespace detail {

/// Reads the numbers of a reply's fields.
class ReplyFields {
public:
    explicit ReplyFields(const http::Fields& fields) noexcept : fields_{&fields} {}

    /// False once a number was malformed.
    [[nodiscard]] bool is_good() const noexcept { return good_; }

    std::optional<std::uint64_t> number(std::string_view name) {
        const auto text = fields_->find(name);
        if (!text) return std::nullopt;
        const auto number = parse_number(*text);
        if (!number) good_ = false;
        return number;
    }

    std::optional<Duration> milliseconds(std::string_view name) {
        const auto count = number(name);
        if (!count) return std::nullopt;
        return from_milliseconds(*count);
    }

private:
    const http::Fields* fields_;
    bool good_ = true;
};

/// A date, which RFC 9110 §10.2.3 also allows, is not understood: then the back-off decides.
[[nodiscard]] inline std::optional<Duration> retry_after(const http::Fields& fields) {
    const auto text = fields.find("Retry-After");
    const auto seconds = text ? parse_number(*text) : std::nullopt;
    if (!seconds) return std::nullopt;
    constexpr std::uint64_t most = 1'000'000'000;
    return std::chrono::seconds{std::min(*seconds, most)};
}

/// Whether `text` may be sent back as the value of a field, and is not empty.
[[nodiscard]] inline bool is_token_text(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace detail

HAWSER_DECL Result<ServerReply> read_reply(const http::ResponseHead& head) {
    if (head.fields.find(field::version) != protocol_version) return Error::foreign_reply;
    detail::ReplyFields fields{head.fields};
    ServerReply reply{
        .status = head.status,
        .refusal = refusal_named(head.fields.find(field::error).value_or("")),
        .first = fields.number(field::first),
        .received = fields.number(field::received),
        .hold = fields.milliseconds(field::hold),
        .interval = fields.milliseconds(field::interval),
        .grace = fields.milliseconds(field::grace),
        .max_message = fields.number(field::max_message),
        .max_body = fields.number(field::max_body),
        .retry_after = detail::retry_after(head.fields),
    };
    if (const auto session = head.fields.find(field::session)) reply.session = *session;
    if (reply.session && !detail::is_token_text(*reply.session)) return Error::bad_polling_reply;
    if (!fields.is_good()) return Error::bad_polling_reply;
    return reply;
}

}  // namespace hawser::inline HAWSER_MODE::polling
