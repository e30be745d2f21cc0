#pragma once

#include <hawser/http/serializer.hpp>

#include <hawser/http/grammar.hpp>
#include <hawser/http/status.hpp>

#include <array>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string_view>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// A number as decimal digits.
class Decimal {
public:
    explicit Decimal(std::size_t number) noexcept {
        char* const begin = digits_.data();
        size_ = static_cast<std::size_t>(std::to_chars(begin, begin + digits_.size(), number).ptr -
                                         begin);
    }
    [[nodiscard]] std::string_view text() const noexcept { return {digits_.data(), size_}; }

private:
    std::array<char, std::numeric_limits<std::size_t>::digits10 + 1> digits_{};
    std::size_t size_ = 0;
};

/// Appends the pieces as one, so that room is made once.
HAWSER_DECL void write(Output& into, std::initializer_list<std::string_view> pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    MutableBytes room = into.extend(size);
    for (const std::string_view piece : pieces) {
        copy_bytes(as_bytes(piece), room);
        room = room.subspan(piece.size());
    }
}

/// `fields` without those called as one of `names`; a copy is made only where there are some.
class WithoutFields {
public:
    WithoutFields(const Fields& fields, std::initializer_list<std::string_view> names)
        : fields_{&fields} {
        for (const std::string_view name : names) {
            if (!fields_->contains(name)) continue;
            if (fields_ == &fields) kept_ = fields;
            fields_ = &kept_;
            kept_.remove(name);
        }
    }
    WithoutFields(const WithoutFields&) = delete;
    WithoutFields& operator=(const WithoutFields&) = delete;

    [[nodiscard]] std::string_view lines() const noexcept { return fields_->lines(); }

private:
    const Fields* fields_;
    Fields kept_;
};

/// The Connection field of a response, where one is needed (RFC 9112 §9.3). "A sender of Upgrade
/// MUST also send an "Upgrade" connection option in the Connection header field" (RFC 9110 §7.8).
[[nodiscard]] HAWSER_DECL std::string_view connection_line(const Fields& fields,
                                                           const ResponseContext& context) {
    const bool offers_upgrade = fields.contains("Upgrade");
    if (context.persistence == Persistence::close) {
        return offers_upgrade ? "Connection: close, upgrade\r\n" : "Connection: close\r\n";
    }
    if (context.minor_version == 0) {
        return offers_upgrade ? "Connection: keep-alive, upgrade\r\n"
                              : "Connection: keep-alive\r\n";
    }
    return offers_upgrade ? "Connection: upgrade\r\n" : "";
}

}  // namespace detail

HAWSER_DECL void write_response_head(Output& into, const Response& response,
                                     const ResponseContext& context) {
    assert(response.status >= 100 && response.status <= 599);
    const detail::Decimal status{response.status};
    const std::string_view reason = reason_phrase(response.status);
    if (response.status < 200) {
        return detail::write(into, {"HTTP/1.1 ", status.text(), " ", reason, "\r\n",
                                    response.fields.lines(), "\r\n"});
    }
    const detail::WithoutFields fields{response.fields,
                                       {"Content-Length", "Transfer-Encoding", "Connection"}};
    const std::string_view connection = detail::connection_line(response.fields, context);
    if (response.status == 204 || response.status == 304) {
        return detail::write(into, {"HTTP/1.1 ", status.text(), " ", reason, "\r\n", fields.lines(),
                                    connection, "\r\n"});
    }
    detail::write(into, {"HTTP/1.1 ", status.text(), " ", reason, "\r\n", fields.lines(),
                         "Content-Length: ", detail::Decimal{response.body.size()}.text(), "\r\n",
                         connection, "\r\n"});
}

HAWSER_DECL void write_request_head(Output& into, const RequestHead& head, std::size_t body_size) {
    assert(is_token(head.method) && is_target(head.target));
    const detail::WithoutFields fields{head.fields, {"Content-Length", "Transfer-Encoding"}};
    const std::string_view version = head.minor_version == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    const bool expects_body =
        head.has_method("POST") || head.has_method("PUT") || head.has_method("PATCH");
    if (body_size == 0 && !expects_body) {
        return detail::write(into,
                             {head.method, " ", head.target, version, fields.lines(), "\r\n"});
    }
    detail::write(into, {head.method, " ", head.target, version, fields.lines(),
                         "Content-Length: ", detail::Decimal{body_size}.text(), "\r\n\r\n"});
}

}  // namespace hawser::inline HAWSER_MODE::http
