#pragma once

#include <hawser/http/head_reader.hpp>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL HeadReader::Step HeadReader::read(ByteView bytes) {
    const std::size_t consumed = guard_.feed(as_characters(bytes));
    if (guard_.error()) return {.consumed = consumed, .error = guard_.error()};
    ByteView head = bytes.first(consumed);
    if (!part_.empty() || !guard_.complete()) {
        part_.insert(part_.end(), head.begin(), head.end());
        head = part_;
    }
    if (!guard_.complete()) return {.consumed = consumed};
    std::string_view text = as_characters(head);
    if (text.starts_with("\r\n")) text.remove_prefix(2);
    return {.consumed = consumed, .head = text};
}

HAWSER_DECL void HeadReader::reset() noexcept {
    guard_.reset();
    part_ = std::vector<std::byte>{};  // `= {}` would keep the memory
}

}  // namespace hawser::inline HAWSER_MODE::http
