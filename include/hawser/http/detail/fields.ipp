#pragma once

#include <hawser/http/fields.hpp>

#include <algorithm>
#include <cassert>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL Fields::Fields(std::initializer_list<Field> fields) {
    for (const auto& [name, value] : fields) add(name, value);
}

HAWSER_DECL void Fields::append(std::string_view name, std::string_view value) {
    // Room for the few fields of an ordinary answer, at once.
    if (entries_.capacity() == 0) reserve(160, 6);
    const std::size_t begin = lines_.size();
    lines_.resize(begin + name.size() + 2 + value.size() + 2);
    char* at = lines_.data() + begin;
    for (const std::string_view part : {name, std::string_view{": "}, value,
                                        std::string_view{"\r\n"}}) {
        at = std::copy(part.begin(), part.end(), at);
    }
    entries_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(name.size()),
                        static_cast<std::uint32_t>(value.size())});
}

HAWSER_DECL void Fields::add(std::string_view name, std::string_view value) {
    assert(is_token(name) && "a field's name must be a token");
    if (!is_token(name)) return;
    value = trim_blanks(value);
    append(name, value);
    const auto line_end = lines_.end() - 2;
    std::replace_if(
        line_end - static_cast<std::ptrdiff_t>(value.size()), line_end,
        [](char c) { return !detail::is_in(c, detail::value_character); }, ' ');
}

HAWSER_DECL void Fields::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

HAWSER_DECL std::error_code Fields::checked_add(std::string_view name, std::string_view value) {
    if (!is_token(name) || !is_field_value(value) || is_reserved(name)) return Error::bad_argument;
    append(name, trim_blanks(value));
    return {};
}

HAWSER_DECL std::size_t Fields::remove(std::string_view name) {
    const std::size_t found = count(name);
    if (found == 0) return 0;
    Fields kept;
    kept.reserve(lines_.size(), size());
    for (const Field field : *this) {
        if (!equal_ignoring_case(field.name, name)) kept.append(field.name, field.value);
    }
    *this = std::move(kept);
    return found;
}

HAWSER_DECL void Fields::clear() noexcept {
    lines_.clear();
    entries_.clear();
}

HAWSER_DECL void Fields::reserve(std::size_t bytes, std::size_t fields) {
    lines_.reserve(lines_.size() + bytes);
    entries_.reserve(entries_.size() + fields);
}

HAWSER_DECL Field Fields::operator[](std::size_t index) const noexcept {
    const auto [begin, name_size, value_size] = entries_[index];
    const std::string_view line = std::string_view{lines_}.substr(begin);
    return {line.substr(0, name_size), line.substr(std::size_t{name_size} + 2, value_size)};
}

HAWSER_DECL std::size_t Fields::next(std::string_view name, std::size_t index) const noexcept {
    for (; index != entries_.size(); ++index) {
        const Entry& entry = entries_[index];
        if (entry.name_size != name.size()) continue;
        if (equal_ignoring_case({lines_.data() + entry.begin, name.size()}, name)) break;
    }
    return index;
}

HAWSER_DECL std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
    const std::size_t index = next(name, 0);
    if (index == size()) return std::nullopt;
    return (*this)[index].value;
}

HAWSER_DECL bool Fields::contains(std::string_view name) const noexcept {
    return next(name, 0) != size();
}

HAWSER_DECL std::size_t Fields::count(std::string_view name) const noexcept {
    std::size_t found = 0;
    for (std::size_t i = next(name, 0); i != size(); i = next(name, i + 1)) ++found;
    return found;
}

HAWSER_DECL bool Fields::has_token(std::string_view name, std::string_view token) const noexcept {
    for (std::size_t i = next(name, 0); i != size(); i = next(name, i + 1)) {
        std::string_view list = (*this)[i].value;
        while (!list.empty()) {
            if (equal_ignoring_case(take_list_element(list), token)) return true;
        }
    }
    return false;
}

HAWSER_DECL bool is_reserved(std::string_view name) noexcept {
    constexpr std::string_view websocket = "Sec-WebSocket-";
    if (equal_ignoring_case(name.substr(0, websocket.size()), websocket)) return true;
    constexpr std::string_view names[] = {
        "Connection", "Content-Length",    "Expect", "Host", "Keep-Alive", "Proxy-Connection", "TE",
        "Trailer",    "Transfer-Encoding", "Upgrade"};
    return std::ranges::any_of(
        names, [name](std::string_view reserved) { return equal_ignoring_case(name, reserved); });
}

}  // namespace hawser::inline HAWSER_MODE::http
