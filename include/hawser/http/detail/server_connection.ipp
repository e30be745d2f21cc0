#pragma once

#include <hawser/http/server_connection.hpp>

#include <hawser/http/semantics.hpp>
#include <hawser/http/serializer.hpp>
#include <hawser/http/status.hpp>

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// Answers of pipelined requests that may wait to be taken before the next request is read.
inline constexpr std::size_t most_pending_output = 64 * 1024;

/// Whether all that a request expects is `100-continue` (RFC 9110 §10.1.1).
[[nodiscard]] HAWSER_DECL bool can_be_met(const Fields& fields) noexcept {
    for (const Field field : fields) {
        if (!equal_ignoring_case(field.name, "Expect")) continue;
        if (!equal_ignoring_case(field.value, "100-continue")) return false;
    }
    return true;
}

/// Whether the body is in a coding that somebody would have to undo.
[[nodiscard]] HAWSER_DECL bool has_content_coding(const Fields& fields) noexcept {
    const auto coding = fields.find("Content-Encoding");
    return coding &&
           (!equal_ignoring_case(*coding, "identity") || fields.count("Content-Encoding") > 1);
}

/// The time that `bytes` take at `rate` bytes per second.
[[nodiscard]] constexpr Duration time_for(std::size_t bytes, std::size_t rate) noexcept {
    constexpr std::size_t nanoseconds = 1'000'000'000;
    const std::size_t most = std::numeric_limits<std::size_t>::max() / nanoseconds / 4;
    return std::chrono::nanoseconds{std::min(bytes, most) * nanoseconds / rate};
}

}  // namespace detail

HAWSER_DECL ServerConnection::ServerConnection(const ServerConnectionOptions& options,
                                               TimePoint now) noexcept
    : options_{&options}, reader_{HeadReader::Section::request, options.head},
      deadline_{deadline_after(now, options.head_timeout)} {}

HAWSER_DECL std::size_t ServerConnection::receive(MutableBytes bytes, TimePoint now) {
    if (state_ == State::decision && !head_event_) begin_body(options_->body);
    std::size_t consumed = 0;
    switch (state_) {
    case State::head: consumed = receive_head(bytes, now); break;
    case State::body: consumed = receive_body(bytes, now); break;
    case State::answer:
        if (!bytes.empty()) interrupt();
        break;
    case State::decision: break;
    case State::closed: return bytes.size();
    }
    offered_ = bytes.size() - consumed;
    if (eof_ && offered_ == 0) end_of_input();
    return consumed;
}

HAWSER_DECL std::size_t ServerConnection::receive_head(ByteView bytes, TimePoint now) {
    if (bytes.empty() || output_.size() >= detail::most_pending_output) return 0;
    if (has_answered_ && !reader_.begun()) deadline_ = deadline_after(now, options_->head_timeout);
    const auto [consumed, head, error] = reader_.read(bytes);
    if (error) refuse(error);
    if (head) take_head(*head, now);
    return consumed;
}

HAWSER_DECL void ServerConnection::take_head(std::string_view text, TimePoint now) {
    auto head = parse_request_head(text);
    reader_.reset();
    if (!head) return refuse(head.error());
    head_ = *std::move(head);
    minor_version_ = static_cast<std::uint8_t>(head_.minor_version);
    is_head_request_ = head_.has_method("HEAD");
    keep_alive_ = keeps_alive(head_.fields, head_.minor_version);
    if (const auto error = check_request(head_)) return refuse(error);
    const auto length = request_body_length(
        head_, reads_chunks_strictly() ? ChunkedCoding::trusted : ChunkedCoding::refused);
    if (!length) return refuse(length.error());
    body_.announce(*length);
    state_ = State::decision;
    head_event_ = true;
    deadline_ =
        deadline_after(now, length->empty() ? options_->answer_timeout : options_->body_timeout);
    body_deadline_ = options_->body_rate == 0 ? never : deadline_;
}

HAWSER_DECL void ServerConnection::accept_body(std::size_t limit, std::optional<Response> too_big) {
    assert((state_ == State::decision || state_ == State::closed) && "no Head was given");
    if (state_ != State::decision) return;
    if (too_big) too_big_ = std::make_unique<Response>(*std::move(too_big));
    begin_body(limit);
}

HAWSER_DECL void ServerConnection::begin_body(std::size_t limit) {
    // An HTTP/1.0 client cannot mean it: the field came with HTTP/1.1.
    const bool expects = minor_version_ != 0 && head_.fields.contains("Expect");
    if (expects && !detail::can_be_met(head_.fields)) return refuse(Error::bad_expectation);
    if (body_.length().empty()) return finish_request();
    if (detail::has_content_coding(head_.fields)) return refuse(Error::content_coding);
    if (const auto error = body_.begin(limit, options_->head)) return refuse(error);
    if (expects) output_.append("HTTP/1.1 100 Continue\r\n\r\n");
    state_ = State::body;
    if (eof_ && offered_ == 0) end_of_input();
}

HAWSER_DECL std::size_t ServerConnection::receive_body(ByteView bytes, TimePoint now) {
    const std::size_t consumed = body_.feed(bytes);
    if (body_.error()) {
        refuse(body_.error());
        return consumed;
    }
    if (body_deadline_ != never) {
        const Duration granted = detail::time_for(consumed, options_->body_rate);
        body_deadline_ = deadline_after(body_deadline_, granted);
    }
    deadline_ = std::min(deadline_after(now, options_->body_timeout), body_deadline_);
    if (!body_.complete()) return consumed;
    deadline_ = deadline_after(now, options_->answer_timeout);
    finish_request();
    return consumed;
}

HAWSER_DECL void ServerConnection::finish_request() noexcept {
    state_ = State::answer;
    request_event_ = true;
    too_big_.reset();
    if (eof_ && offered_ == 0) interrupt();
}

HAWSER_DECL void ServerConnection::interrupt() noexcept {
    if (was_interrupted_) return;
    was_interrupted_ = interrupt_event_ = true;
}

HAWSER_DECL std::optional<ServerConnection::Event> ServerConnection::poll_event() {
    if (state_ == State::decision && !head_event_) begin_body(options_->body);
    if (std::exchange(head_event_, false)) return Head{&head_, body_.length()};
    if (std::exchange(request_event_, false)) {
        return Request{std::move(head_), body_.take()};
    }
    if (std::exchange(interrupt_event_, false)) return Interrupted{};
    if (std::exchange(closed_event_, false)) return Closed{error_};
    return std::nullopt;
}

HAWSER_DECL bool ServerConnection::awaits_response() const noexcept {
    if (state_ == State::decision) return !head_event_;
    return state_ == State::body || (state_ == State::answer && !request_event_);
}

HAWSER_DECL void ServerConnection::respond(Response response, TimePoint now) {
    if (state_ == State::closed) return;
    assert(awaits_response() && "no request waits for an answer");
    const bool is_unread =
        state_ == State::body || (state_ == State::decision && !body_.length().empty());
    const bool is_last = closing_ || is_unread || (eof_ && offered_ == 0) ||
                         response.fields.has_token("Connection", "close");
    if (is_last) keep_alive_ = false;
    write(std::move(response));
    if (!keep_alive_) return close(Error::closed);
    forget_request();
    state_ = State::head;
    has_answered_ = true;
    deadline_ = deadline_after(now, options_->idle_timeout);
}

HAWSER_DECL void ServerConnection::write(Response response) {
    const bool is_final = response.status >= 200 && response.status <= 599;
    assert(is_final && "only a final status answers a request");
    if (!is_final) response = make_text_response(500, "the answer had no final status\n");
    write_response_head(
        output_, response,
        {minor_version_, keep_alive_ ? Persistence::keep_alive : Persistence::close});
    const bool has_body = !is_head_request_ && response.status != 204 && response.status != 304;
    if (has_body) output_.append(std::move(response.body));
}

HAWSER_DECL void ServerConnection::refuse(std::error_code error) {
    keep_alive_ = false;
    if (error == Error::body_too_big && too_big_ != nullptr) {
        write(*std::move(too_big_));
    } else {
        write(make_text_response(status_for(error), error.message() + '\n'));
    }
    close(error);
}

HAWSER_DECL void ServerConnection::forget_request() noexcept {
    [[maybe_unused]] const RequestHead head{std::move(head_)};  // `= {}` would keep the memory
    (void)body_.take();
    too_big_.reset();
    head_event_ = request_event_ = interrupt_event_ = was_interrupted_ = false;
}

HAWSER_DECL void ServerConnection::close(std::error_code error) noexcept {
    if (state_ == State::closed) return;
    forget_request();
    reader_.reset();
    state_ = State::closed;
    error_ = error;
    closed_event_ = true;
    deadline_ = never;
}

/// The peer has sent all it will, and all of it has been consumed.
HAWSER_DECL void ServerConnection::end_of_input() noexcept {
    switch (state_) {
    case State::head: return close(reader_.begun() ? Error::incomplete_message : Error::closed);
    case State::body: return close(Error::incomplete_message);
    case State::answer: return interrupt();
    case State::decision:
    case State::closed: return;
    }
}

HAWSER_DECL void ServerConnection::receive_eof(TimePoint) {
    eof_ = true;
    if (offered_ == 0 || state_ == State::answer) end_of_input();
}

HAWSER_DECL void ServerConnection::receive_error(std::error_code error, TimePoint) {
    close(error);
    output_ = {};
}

HAWSER_DECL void ServerConnection::tick(TimePoint now) {
    if (now < deadline_) return;
    switch (state_) {
    case State::head:
        return reader_.begun() ? refuse(Error::exchange_timeout) : close(Error::idle_timeout);
    case State::decision:
    case State::body: return refuse(Error::exchange_timeout);
    case State::answer: return refuse(Error::answer_timeout);
    case State::closed: return;
    }
}

HAWSER_DECL void ServerConnection::shut_down(TimePoint) {
    if (state_ == State::head) return close(Error::draining);
    if (state_ != State::closed) refuse(Error::draining);
}

HAWSER_DECL void ServerConnection::take_output(Output& into, std::size_t, TimePoint) {
    if (output_.empty()) return;
    into.append(std::move(output_));
    // What `into` may have given in exchange is memory that an idle connection does not need.
    output_ = {};
}

HAWSER_DECL std::size_t ServerConnection::read_limit() const noexcept {
    switch (state_) {
    case State::head:
        if (output_.size() >= detail::most_pending_output) return 0;
        return std::numeric_limits<std::size_t>::max();
    case State::decision:
    case State::body: return std::numeric_limits<std::size_t>::max();
    case State::answer:
        if (eof_) return 0;
        return options_->head.bytes - std::min(options_->head.bytes, offered_);
    case State::closed: return 0;
    }
    return 0;
}

HAWSER_DECL bool ServerConnection::is_idle() const noexcept {
    return state_ == State::head && !reader_.begun() && offered_ == 0;
}

HAWSER_DECL bool ServerConnection::finished() const noexcept {
    return state_ == State::closed && !closed_event_ && output_.empty();
}

}  // namespace hawser::inline HAWSER_MODE::http
