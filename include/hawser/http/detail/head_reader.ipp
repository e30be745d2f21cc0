#pragma once

#include <hawser/http/head_reader.hpp>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL HeadReader::Step HeadReader::read(ByteView bytes) {
    const std::size_t consumed = guard_.feed(as_characters(bytes));
    if (guard_.error()) return {.consumed = consumed, .error = guard_.error()};
    std::string_view head = as_characters(bytes.first(consumed));
    if (!part_.empty() || !guard_.complete()) {
        part_.append(head);
        head = part_;
    }
    if (!guard_.complete()) return {.consumed = consumed};
    if (head.starts_with("\r\n")) head.remove_prefix(2);
    return {.consumed = consumed, .head = head};
}

HAWSER_DECL void HeadReader::reset() noexcept {
    guard_ = HeadGuard{section_, *limits_};
    part_ = std::string{};
}

}  // namespace hawser::inline HAWSER_MODE::http
