#pragma once

#include <hawser/http/client_connection.hpp>

#include <hawser/http/grammar.hpp>
#include <hawser/http/semantics.hpp>
#include <hawser/http/serializer.hpp>

#include <array>
#include <cassert>
#include <limits>
#include <string_view>
#include <utility>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// Interim responses (1xx) that one request may get.
inline constexpr std::uint8_t most_interim_responses = 8;

/// Moves the first `size` bytes of `from`, of which there are more, to the end of `into`, by
/// copying.
HAWSER_DECL void move_bytes(Output& from, Output& into, std::size_t size) {
    std::array<ByteView, 16> views;
    while (size != 0) {
        std::size_t moved = 0;
        for (const ByteView view : std::span{views}.first(from.gather(views))) {
            const ByteView piece = view.first(std::min(view.size(), size - moved));
            into.append(piece);
            moved += piece.size();
            if (moved == size) break;
        }
        from.consume(moved);
        size -= moved;
    }
}

}  // namespace detail

HAWSER_DECL ClientConnection::ClientConnection(const ClientConnectionOptions& options,
                                               TimePoint now) noexcept
    : options_{&options}, reader_{HeadReader::Section::response, options.head},
      deadline_{deadline_after(now, options.idle_timeout)} {}

HAWSER_DECL bool ClientConnection::is_reusable() const noexcept {
    return state_ == State::idle && !response_event_;
}

HAWSER_DECL void ClientConnection::request(RequestHead head, Output body,
                                           const ExchangeTimes& times, TimePoint now) {
    assert(is_reusable() && "one exchange at a time");
    assert(head.method != "CONNECT" && "a tunnel is not supported");
    if (!is_reusable()) return;
    if (!is_token(head.method) || !is_target(head.target)) return close(Error::bad_argument);
    write_request_head(output_, head, body.size());
    output_.append(std::move(body));
    keep_alive_ = keeps_alive(head.fields, head.minor_version);
    method_ = std::move(head.method);
    times_ = times;
    interim_ = 0;
    has_sent_ = false;
    state_ = State::head;
    deadline_ = deadline_after(now, times_.first_byte);
}

HAWSER_DECL void ClientConnection::take_output(Output& into, std::size_t budget, TimePoint now) {
    if (output_.empty()) return;
    if (output_.size() <= budget) {
        into.append(std::exchange(output_, {}));
    } else if (budget != 0) {
        detail::move_bytes(output_, into, budget);
    }
    has_sent_ = true;
    if (state_ != State::head || reader_.begun()) return;
    deadline_ = deadline_after(now, output_.empty() ? times_.first_byte : times_.progress);
}

HAWSER_DECL std::size_t ClientConnection::receive(MutableBytes bytes, TimePoint now) {
    if (response_event_ || bytes.empty()) return 0;
    switch (state_) {
    case State::idle: close(Error::unexpected_bytes); return bytes.size();
    case State::head: return receive_head(bytes, now);
    case State::body: return receive_body(bytes, now);
    case State::closed: return bytes.size();
    }
    return 0;
}

HAWSER_DECL std::size_t ClientConnection::receive_head(ByteView bytes, TimePoint now) {
    // An answer to nothing: what was left over by an earlier exchange, or was slipped in.
    if (!has_sent_) {
        close(Error::unexpected_bytes);
        return bytes.size();
    }
    deadline_ = deadline_after(now, times_.progress);
    const auto [consumed, head, error] = reader_.read(bytes);
    if (error) close(error);
    if (head) take_head(*head, now);
    return consumed;
}

HAWSER_DECL void ClientConnection::take_head(std::string_view text, TimePoint now) {
    auto head = parse_response_head(text);
    reader_.reset();
    if (!head) return close(head.error());
    if (head->status < 200) {
        // Nobody has asked for an upgrade; other interim responses are skipped (RFC 9110 §15.2).
        const bool is_skipped = head->status != 101 && ++interim_ <= detail::most_interim_responses;
        if (!is_skipped) close(Error::bad_status_line);
        return;
    }
    const auto length = response_body_length(
        *head, method_, reads_chunks_strictly() ? ChunkedCoding::trusted : ChunkedCoding::refused);
    if (!length) return close(length.error());
    body_.announce(*length);
    if (const auto error = body_.begin(options_->body, options_->head)) return close(error);
    keep_alive_ = keep_alive_ && keeps_alive(head->fields, head->minor_version) &&
                  length->kind != BodyLength::Kind::until_close;
    head_ = *std::move(head);
    state_ = State::body;
    if (body_.complete()) complete_response(now);
}

HAWSER_DECL std::size_t ClientConnection::receive_body(ByteView bytes, TimePoint now) {
    deadline_ = deadline_after(now, times_.progress);
    const std::size_t consumed = body_.feed(bytes);
    if (body_.error()) {
        close(body_.error());
    } else if (body_.complete()) {
        complete_response(now);
    }
    return consumed;
}

HAWSER_DECL void ClientConnection::complete_response(TimePoint now) noexcept {
    response_event_ = true;
    // An early answer, before the request was sent to its end, leaves the rest without a meaning.
    if (!keep_alive_ || !output_.empty()) return close(Error::closed);
    state_ = State::idle;
    deadline_ = deadline_after(now, options_->idle_timeout);
}

HAWSER_DECL std::optional<ClientConnection::Event> ClientConnection::poll_event() {
    if (std::exchange(response_event_, false)) {
        return ReceivedResponse{std::exchange(head_, {}), body_.take()};
    }
    if (std::exchange(closed_event_, false)) return Closed{error_};
    return std::nullopt;
}

HAWSER_DECL void ClientConnection::close(std::error_code error) noexcept {
    if (state_ == State::closed) return;
    state_ = State::closed;
    error_ = error;
    closed_event_ = true;
    deadline_ = never;
    output_ = {};
    reader_.reset();
    if (response_event_) return;
    head_ = {};
    (void)body_.take();
}

HAWSER_DECL void ClientConnection::receive_eof(TimePoint now) {
    switch (state_) {
    case State::idle: return close(Error::closed);
    case State::head:
        return close(reader_.begun() ? Error::incomplete_message : Error::connection_lost);
    case State::body:
        body_.end();
        return body_.error() ? close(body_.error()) : complete_response(now);
    case State::closed: return;
    }
}

HAWSER_DECL void ClientConnection::receive_error(std::error_code error, TimePoint) { close(error); }

HAWSER_DECL void ClientConnection::tick(TimePoint now) {
    if (now < deadline_) return;
    close(state_ == State::idle ? Error::idle_timeout : Error::exchange_timeout);
}

HAWSER_DECL void ClientConnection::abort() noexcept { close(Error::aborted); }

HAWSER_DECL std::size_t ClientConnection::read_limit() const noexcept {
    return state_ == State::closed || response_event_ ? 0 : std::numeric_limits<std::size_t>::max();
}

HAWSER_DECL bool ClientConnection::finished() const noexcept {
    return state_ == State::closed && !closed_event_ && !response_event_;
}

}  // namespace hawser::inline HAWSER_MODE::http
