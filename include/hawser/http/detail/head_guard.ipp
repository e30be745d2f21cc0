#pragma once

#include <hawser/http/head_guard.hpp>

#include <hawser/http/grammar.hpp>

#include <algorithm>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL HeadGuard::HeadGuard(Section section, const HeadLimits& limits) noexcept
    : limits_{&limits}, section_{section} {
    switch (section) {
    case Section::request: state_ = State::start; break;
    case Section::response: state_ = State::status_protocol; break;
    case Section::trailers: state_ = State::line_start; break;
    }
}

HAWSER_DECL std::error_code HeadGuard::error() const noexcept {
    return state_ == State::failed ? make_error_code(error_) : std::error_code{};
}

HAWSER_DECL HeadGuard::State HeadGuard::fail(Error error) noexcept {
    error_ = error;
    return State::failed;
}

HAWSER_DECL std::size_t HeadGuard::feed(std::string_view bytes) noexcept {
    const std::string_view within = bytes.substr(0, limits_->bytes - size_);
    std::size_t consumed = 0;
    while (consumed != within.size() && state_ != State::complete && state_ != State::failed) {
        consumed += step(within.substr(consumed));
    }
    size_ += consumed;
    const bool beyond = consumed == within.size() && within.size() != bytes.size();
    if (beyond && state_ != State::complete && state_ != State::failed) {
        const bool in_target = state_ == State::target;
        state_ = fail(in_target ? Error::target_too_long : Error::head_too_big);
    }
    return consumed;
}

/// Looks at the characters that leave the state as it is, or at one that does not.
HAWSER_DECL std::size_t HeadGuard::step(std::string_view bytes) noexcept {
    std::size_t size = 0;
    switch (state_) {
    case State::method:
    case State::name: size = run(bytes, detail::token_character); break;
    case State::value:
    case State::reason: size = run(bytes, detail::value_character); break;
    case State::target:
        size = run(bytes, detail::target_character);
        target_size_ += static_cast<std::uint32_t>(size);
        if (target_size_ > limits_->target) state_ = fail(Error::target_too_long);
        break;
    default: break;
    }
    if (size != 0) return size;
    state_ = after(bytes.front());
    return 1;
}

HAWSER_DECL std::size_t HeadGuard::run(std::string_view bytes, std::uint8_t characters) noexcept {
    const auto end = std::ranges::find_if_not(
        bytes, [characters](char c) { return detail::is_in(c, characters); });
    return static_cast<std::size_t>(end - bytes.begin());
}

HAWSER_DECL HeadGuard::State HeadGuard::after(char c) noexcept {
    switch (state_) {
    case State::start: return after_start(c);
    case State::leading_line_end: return c == '\n' ? State::start : fail(Error::bad_line_end);
    case State::method: return c == ' ' ? State::target : fail(Error::bad_request_line);
    case State::target:
        if (c == '\r' || c == '\n') return fail(Error::bad_request_line);
        if (c != ' ' || target_size_ == 0) return fail(Error::bad_target);
        position_ = 0;
        return State::protocol;
    case State::protocol:
    case State::version_end: return after_protocol(c);
    case State::status_protocol:
    case State::status_code:
    case State::status_end:
    case State::reason: return after_status(c);
    case State::line_start:
    case State::name:
    case State::value: return after_field(c);
    case State::line_end: return c == '\n' ? State::line_start : fail(Error::bad_line_end);
    case State::last_line_end: return c == '\n' ? State::complete : fail(Error::bad_line_end);
    case State::complete:
    case State::failed: break;
    }
    return state_;
}

HAWSER_DECL HeadGuard::State HeadGuard::after_start(char c) noexcept {
    if (detail::is_in(c, detail::token_character)) return State::method;
    if (c == '\n') return fail(Error::bad_line_end);
    // "a server ... SHOULD ignore at least one empty line (CRLF) received prior to the
    // request-line" (RFC 9112 §2.2); no more than one here.
    if (c != '\r' || position_ != 0) return fail(Error::bad_request_line);
    position_ = 1;
    return State::leading_line_end;
}

HAWSER_DECL HeadGuard::State HeadGuard::after_protocol(char c) noexcept {
    constexpr std::string_view protocol = "HTTP/1.";
    if (state_ == State::version_end) {
        if (c == '\n') return fail(Error::bad_line_end);
        return c == '\r' ? State::line_end : fail(Error::bad_request_line);
    }
    const std::size_t position = position_++;
    if (position == protocol.size()) {
        if (c == '0' || c == '1') return State::version_end;
        return fail(is_digit(c) ? Error::bad_version : Error::bad_request_line);
    }
    if (c == protocol[position]) return State::protocol;
    // Another major version is one that is not supported, not an error of syntax.
    return fail(protocol[position] == '1' && is_digit(c) ? Error::bad_version
                                                         : Error::bad_request_line);
}

HAWSER_DECL HeadGuard::State HeadGuard::after_status(char c) noexcept {
    constexpr std::string_view protocol = "HTTP/1.";
    if (c == '\n') return fail(Error::bad_line_end);
    switch (state_) {
    case State::status_protocol:
        if (position_ < protocol.size()) {
            if (c != protocol[position_]) return fail(Error::bad_status_line);
        } else if (position_ == protocol.size()) {
            if (c != '0' && c != '1') return fail(Error::bad_version);
        } else if (c != ' ') {
            return fail(Error::bad_status_line);
        }
        if (position_++ <= protocol.size()) return State::status_protocol;
        position_ = 0;
        return State::status_code;
    case State::status_code:
        if (!is_digit(c) || (position_ == 0 && (c < '1' || c > '5'))) break;
        return ++position_ == 3 ? State::status_end : State::status_code;
    case State::status_end:
        // The blank before an empty reason phrase is left out by some servers.
        if (c == ' ') return State::reason;
        if (c == '\r') return State::line_end;
        break;
    default:
        if (c == '\r') return State::line_end;
        break;
    }
    return fail(Error::bad_status_line);
}

HAWSER_DECL HeadGuard::State HeadGuard::after_field(char c) noexcept {
    if (state_ == State::name) return c == ':' ? State::value : fail(Error::bad_field);
    if (c == '\n') return fail(Error::bad_line_end);
    if (state_ == State::value) return c == '\r' ? State::line_end : fail(Error::bad_field);
    if (c == '\r') return State::last_line_end;
    // A blank here would fold the line into the one before (RFC 9112 §5.2).
    if (!detail::is_in(c, detail::token_character)) return fail(Error::bad_field);
    return fields_++ < limits_->fields ? State::name : fail(Error::too_many_fields);
}

}  // namespace hawser::inline HAWSER_MODE::http
