#pragma once

#include <hawser/http/parser.hpp>

#include <hawser/http/grammar.hpp>
#include <hawser/http/head_guard.hpp>

#include <llhttp.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {

/// The error behind what llhttp says about a head; `otherwise` where that says nothing more.
[[nodiscard]] HAWSER_DECL Error head_error(llhttp_errno_t found, Error otherwise) noexcept {
    switch (found) {
    case HPE_INVALID_METHOD: return Error::unknown_method;
    case HPE_INVALID_URL: return Error::bad_target;
    case HPE_INVALID_VERSION: return Error::bad_version;
    case HPE_INVALID_STATUS: return Error::bad_status_line;
    case HPE_INVALID_HEADER_TOKEN: return Error::bad_field;
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH: return Error::bad_content_length;
    case HPE_INVALID_TRANSFER_ENCODING: return Error::bad_transfer_encoding;
    default: return otherwise;
    }
}

/// From end to end, as a search goes over many bytes at a time.
[[nodiscard]] HAWSER_DECL std::size_t count_lines(std::string_view head) noexcept {
    std::size_t lines = 0;
    for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) ++lines;
    return lines;
}

/// Takes what llhttp finds in one head.
class HeadSink {
public:
    HeadSink(llhttp_type_t type, Fields& fields) noexcept : fields_{&fields} {
        llhttp_init(&parser_, type, &settings());
        parser_.data = this;
    }

    /// Parses all of `head`; llhttp must find its end in the last byte, and no field more or less
    /// than there are lines.
    [[nodiscard]] std::error_code parse(std::string_view head, Error otherwise) {
        if (head.empty()) return otherwise;
        head_ = head;
        const std::size_t lines = count_lines(head);
        fields_->reserve(head.size() + lines, lines);
        const llhttp_errno_t before = llhttp_execute(&parser_, head.data(), head.size() - 1);
        if (before != HPE_OK) return head_error(before, otherwise);
        const llhttp_errno_t last = llhttp_execute(&parser_, &head.back(), 1);
        if (last != HPE_PAUSED) return head_error(last, otherwise);
        // The first line and the empty one are no fields.
        return fields_->size() + 2 == lines ? std::error_code{} : Error::bad_field;
    }

    /// The target or the reason phrase.
    [[nodiscard]] std::string_view first_line() const noexcept { return first_line_; }
    [[nodiscard]] unsigned minor_version() const noexcept { return parser_.http_minor; }
    [[nodiscard]] unsigned status() const noexcept { return parser_.status_code; }

private:
    static HeadSink& of(llhttp_t* parser) noexcept { return *static_cast<HeadSink*>(parser->data); }

    /// Makes `text` longer by what follows it in the same head.
    static int extend(std::string_view& text, const char* at, std::size_t size) noexcept {
        if (!text.empty() && text.data() + text.size() != at) return HPE_USER;
        text = text.empty() ? std::string_view{at, size}
                            : std::string_view{text.data(), text.size() + size};
        return HPE_OK;
    }

    static int on_first_line(llhttp_t* parser, const char* at, std::size_t size) noexcept {
        return extend(of(parser).first_line_, at, size);
    }
    static int on_name(llhttp_t* parser, const char* at, std::size_t size) noexcept {
        return extend(of(parser).name_, at, size);
    }
    static int on_value(llhttp_t* parser, const char* at, std::size_t size) noexcept {
        return extend(of(parser).value_, at, size);
    }
    static int on_value_complete(llhttp_t* parser) {
        HeadSink& sink = of(parser);
        if (sink.hides_coding()) return HPE_INVALID_TRANSFER_ENCODING;
        sink.fields_->append(std::exchange(sink.name_, {}),
                             trim_blanks(std::exchange(sink.value_, {})));
        return HPE_OK;
    }
    static int on_headers_complete(llhttp_t*) noexcept { return HPE_PAUSED; }

    /// Whether a Transfer-Encoding has a TAB beside it: a blank to some readers, to others a part
    /// of the coding, which they then ignore.
    [[nodiscard]] bool hides_coding() const noexcept {
        if (!equal_ignoring_case(name_, "Transfer-Encoding")) return false;
        const auto begin = static_cast<std::size_t>(name_.data() - head_.data());
        return head_.substr(begin, head_.find('\r', begin) - begin).find('\t') != head_.npos;
    }

    static const llhttp_settings_t& settings() noexcept {
        static const llhttp_settings_t settings = [] {
            llhttp_settings_t made;
            llhttp_settings_init(&made);
            made.on_url = &on_first_line;
            made.on_status = &on_first_line;
            made.on_header_field = &on_name;
            made.on_header_value = &on_value;
            made.on_header_value_complete = &on_value_complete;
            made.on_headers_complete = &on_headers_complete;
            return made;
        }();
        return settings;
    }

    llhttp_t parser_;
    Fields* fields_;
    std::string_view head_;
    std::string_view first_line_;
    std::string_view name_;
    std::string_view value_;
};

}  // namespace detail

HAWSER_DECL Result<RequestHead> parse_request_head(std::string_view text) {
    RequestHead head;
    detail::HeadSink sink{HTTP_REQUEST, head.fields};
    if (const auto error = sink.parse(text, Error::bad_request_line)) return error;
    head.method = text.substr(0, text.find(' '));
    head.target = sink.first_line();
    head.minor_version = sink.minor_version();
    return head;
}

HAWSER_DECL Result<ResponseHead> parse_response_head(std::string_view text) {
    ResponseHead head;
    detail::HeadSink sink{HTTP_RESPONSE, head.fields};
    if (const auto error = sink.parse(text, Error::bad_status_line)) return error;
    head.status = sink.status();
    head.reason = sink.first_line();
    head.minor_version = sink.minor_version();
    return head;
}

class ChunkedDecoder::State {
public:
    State(std::size_t body_limit, const HeadLimits& limits) noexcept
        : trailers_{HeadGuard::Section::trailers, limits}, limits_{&limits},
          body_limit_{body_limit} {
        // A parser that has just read this head expects the first chunk.
        constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        llhttp_init(&parser_, HTTP_REQUEST, &settings());
        parser_.data = this;
        if (llhttp_execute(&parser_, head.data(), head.size()) != HPE_OK) error_ = Error::bad_chunk;
    }

    [[nodiscard]] std::size_t feed(std::string_view bytes, std::vector<std::byte>& body);
    [[nodiscard]] bool complete() const noexcept { return complete_ && !error_; }
    [[nodiscard]] std::error_code error() const noexcept { return error_; }

private:
    [[nodiscard]] std::size_t feed_chunks(std::string_view bytes);
    [[nodiscard]] std::size_t feed_trailers(std::string_view bytes);
    [[nodiscard]] bool affords(std::size_t more_overhead) noexcept;

    static State& of(llhttp_t* parser) noexcept { return *static_cast<State*>(parser->data); }
    static int on_chunk_header(llhttp_t* parser) noexcept;
    static int on_body(llhttp_t* parser, const char* at, std::size_t size);
    static int on_message_complete(llhttp_t*) noexcept { return HPE_PAUSED; }
    static const llhttp_settings_t& settings() noexcept;

    llhttp_t parser_;
    HeadGuard trailers_;
    const HeadLimits* limits_;
    std::size_t body_limit_;
    /// While bytes are being fed: where what is decoded goes.
    std::vector<std::byte>* body_ = nullptr;
    /// While bytes are being fed: where what has not been counted as overhead begins.
    const char* uncounted_ = nullptr;
    /// Bytes that were no part of the body, up to the last chunk.
    std::size_t overhead_ = 0;
    std::error_code error_;
    bool in_trailers_ = false;
    bool complete_ = false;
};

/// Counts `more_overhead` bytes that were no part of the body. Chunks of a single byte are
/// affordable, with a plain header; extensions and padding only as long as those of a whole head.
HAWSER_DECL bool ChunkedDecoder::State::affords(std::size_t more_overhead) noexcept {
    constexpr std::size_t overhead_per_byte = 8;
    overhead_ += more_overhead;
    if (overhead_ <= limits_->bytes + overhead_per_byte * body_->size()) return true;
    error_ = Error::bad_chunk;
    return false;
}

HAWSER_DECL int ChunkedDecoder::State::on_chunk_header(llhttp_t* parser) noexcept {
    State& state = of(parser);
    // Trailers follow the last chunk, an empty one.
    if (parser->content_length == 0) return HPE_PAUSED;
    if (parser->content_length <= state.body_limit_ - state.body_->size()) return HPE_OK;
    state.error_ = Error::body_too_big;
    return HPE_USER;
}

HAWSER_DECL int ChunkedDecoder::State::on_body(llhttp_t* parser, const char* at, std::size_t size) {
    State& state = of(parser);
    if (!state.affords(static_cast<std::size_t>(at - state.uncounted_))) return HPE_USER;
    const ByteView bytes = as_bytes({at, size});
    state.body_->insert(state.body_->end(), bytes.begin(), bytes.end());
    state.uncounted_ = at + size;
    return HPE_OK;
}

HAWSER_DECL const llhttp_settings_t& ChunkedDecoder::State::settings() noexcept {
    static const llhttp_settings_t settings = [] {
        llhttp_settings_t made;
        llhttp_settings_init(&made);
        made.on_chunk_header = &on_chunk_header;
        made.on_body = &on_body;
        made.on_message_complete = &on_message_complete;
        return made;
    }();
    return settings;
}

HAWSER_DECL std::size_t ChunkedDecoder::State::feed(std::string_view bytes,
                                                    std::vector<std::byte>& body) {
    body_ = &body;
    std::size_t consumed = 0;
    if (!in_trailers_ && !error_) consumed = feed_chunks(bytes);
    if (!in_trailers_ || error_ || complete_) return consumed;
    return consumed + feed_trailers(bytes.substr(consumed));
}

HAWSER_DECL std::size_t ChunkedDecoder::State::feed_chunks(std::string_view bytes) {
    uncounted_ = bytes.data();
    const llhttp_errno_t found = llhttp_execute(&parser_, bytes.data(), bytes.size());
    const char* end = bytes.data() + bytes.size();
    if (found == HPE_PAUSED) {
        end = llhttp_get_error_pos(&parser_);
        llhttp_resume(&parser_);
        in_trailers_ = true;
    } else if (found != HPE_OK) {
        if (!error_) error_ = Error::bad_chunk;
        // The line that announces too much may be too long already.
        (void)affords(static_cast<std::size_t>(llhttp_get_error_pos(&parser_) - uncounted_));
        return bytes.size();
    }
    if (!affords(static_cast<std::size_t>(end - uncounted_))) return bytes.size();
    return static_cast<std::size_t>(end - bytes.data());
}

/// The trailer section is guarded like a head, and llhttp must see its end in the same byte.
HAWSER_DECL std::size_t ChunkedDecoder::State::feed_trailers(std::string_view bytes) {
    const std::size_t consumed = trailers_.feed(bytes);
    const std::error_code refused = trailers_.error();
    // llhttp reads everything before the byte at which the guard stops, so that the first of their
    // errors counts, however the bytes are split. Where there is too much, no byte was refused.
    const bool stops_at_byte = trailers_.complete() || (refused && refused != Error::head_too_big);
    const std::size_t last = stops_at_byte ? 1 : 0;
    const llhttp_errno_t before = llhttp_execute(&parser_, bytes.data(), consumed - last);
    error_ = before == HPE_OK ? refused : make_error_code(Error::bad_chunk);
    if (error_ || !trailers_.complete()) return consumed;
    const llhttp_errno_t end = llhttp_execute(&parser_, bytes.data() + consumed - 1, last);
    complete_ = end == HPE_PAUSED;
    if (!complete_) error_ = Error::bad_chunk;
    return consumed;
}

HAWSER_DECL ChunkedDecoder::ChunkedDecoder(std::size_t body_limit, const HeadLimits& limits)
    : state_{std::make_unique<State>(body_limit, limits)} {}

HAWSER_DECL ChunkedDecoder::ChunkedDecoder(ChunkedDecoder&&) noexcept = default;
HAWSER_DECL ChunkedDecoder& ChunkedDecoder::operator=(ChunkedDecoder&&) noexcept = default;
HAWSER_DECL ChunkedDecoder::~ChunkedDecoder() = default;

HAWSER_DECL std::size_t ChunkedDecoder::feed(ByteView bytes, std::vector<std::byte>& body) {
    return state_->feed(as_characters(bytes), body);
}

HAWSER_DECL bool ChunkedDecoder::complete() const noexcept { return state_->complete(); }

HAWSER_DECL std::error_code ChunkedDecoder::error() const noexcept { return state_->error(); }

HAWSER_DECL bool reads_chunks_strictly() {
    static const bool strict = [] {
        constexpr HeadLimits limits;
        std::vector<std::byte> body;
        ChunkedDecoder decoder{16, limits};
        // The bytes behind a chunk must be CRLF.
        (void)decoder.feed(as_bytes("1\r\naXX0\r\n\r\n"), body);
        return decoder.error() == Error::bad_chunk;
    }();
    return strict;
}

}  // namespace hawser::inline HAWSER_MODE::http
