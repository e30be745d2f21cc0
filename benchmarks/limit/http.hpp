#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace limit {

/// A request that is whole.
struct Request {
    std::string_view head;
    std::string_view body;

    [[nodiscard]] bool is_post() const noexcept { return head.starts_with("POST "); }
    [[nodiscard]] std::string_view path() const noexcept {
        const std::string_view rest = head.substr(head.find(' ') + 1);
        return rest.substr(0, rest.find(' '));
    }
    /// The value of a field, which has to be spelled as the generator spells it.
    [[nodiscard]] std::string_view field(std::string_view line_begin) const noexcept {
        const std::size_t at = head.find(line_begin);
        if (at == head.npos) return {};
        const std::string_view rest = head.substr(at + line_begin.size());
        return rest.substr(0, rest.find('\r'));
    }
    [[nodiscard]] std::size_t number(std::string_view line_begin) const noexcept {
        const std::string_view digits = field(line_begin);
        std::size_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return number;
    }
    [[nodiscard]] std::size_t size() const noexcept { return head.size() + body.size(); }
};

/// The request at the begin of `bytes`; nothing where it is not whole.
[[nodiscard]] inline std::optional<Request> parse_request(std::string_view bytes) noexcept {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == bytes.npos) return std::nullopt;
    Request request{.head = bytes.substr(0, end + 4), .body = {}};
    if (!request.is_post()) return request;
    const std::size_t length = request.number("\r\nContent-Length: ");
    if (bytes.size() - request.head.size() < length) return std::nullopt;
    request.body = bytes.substr(request.head.size(), length);
    return request;
}

}  // namespace limit
