#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/output.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/body_length.hpp>
#include <hawser/http/body_reader.hpp>
#include <hawser/http/head_reader.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <variant>

namespace hawser::inline HAWSER_MODE::http {

struct ServerConnectionOptions {
    HeadLimits head = {};
    /// Bytes of a request's body, where the host does not say otherwise.
    std::size_t body = (std::size_t{1} << 20) + 256;
    /// From the first byte of a head (of the first request: from the beginning) to its end.
    Duration head_timeout = std::chrono::seconds{10};
    /// How long a body may stop; also what it is granted at the start besides `body_rate`.
    Duration body_timeout = std::chrono::seconds{15};
    /// Bytes per second that a body must reach in the long run; 0: any.
    std::size_t body_rate = 256;
    /// From the end of an answer to the first byte of the next request.
    Duration idle_timeout = std::chrono::seconds{60};
    /// From a complete request to its answer; then it is answered 503.
    Duration answer_timeout = std::chrono::seconds{120};
};

/// The server's end of one HTTP/1.1 connection (RFC 9112): one request at a time becomes events,
/// its answer becomes bytes; pipelined requests wait for their turn.
///
/// A malformed, oversized or late request is answered by the engine itself, with the right status
/// and `Connection: close`. So is every refusal after which the rest of the input means nothing.
class ServerConnection {
public:
    /// The head of a request is complete and valid; its body is not read yet. Before it polls the
    /// next event the host may `accept_body` with a limit of its own, or `respond` at once. If it
    /// does neither, the body is accepted with the limit of the options. When a body is accepted
    /// that is announced as too long, has a content coding or comes with an unknown expectation,
    /// the engine answers (413, 415, 417) and closes. A body is never decoded.
    struct Head {
        /// Valid until the next call of the engine.
        const RequestHead* head;
        BodyLength body;
    };

    /// Bytes of a next request, or the end of input, have come while a request waits for its
    /// answer; so whoever holds it back should answer now. At most once for each request.
    struct Interrupted {};

    /// The connection has ended, or will when the pending output is written. `Error::closed` where
    /// it ended between requests: by the peer, or after `Connection: close`.
    struct Closed {
        std::error_code error;
    };

    /// A `Request` is complete; the host must `respond`. An upgrade is a request like any other,
    /// and what follows it is not consumed. Order: Head, then Request unless it was answered at
    /// once, then perhaps Interrupted; Closed exactly once, last.
    using Event = std::variant<Head, Request, Interrupted, Closed>;

    /// `options` must outlive the connection.
    ServerConnection(const ServerConnectionOptions& options, TimePoint now) noexcept;

    // StreamEngine
    [[nodiscard]] std::size_t receive(MutableBytes bytes, TimePoint now);
    void receive_eof(TimePoint now);
    void receive_error(std::error_code error, TimePoint now);
    void tick(TimePoint now);
    [[nodiscard]] std::optional<Event> poll_event();
    void take_output(Output& into, std::size_t budget, TimePoint now);
    /// While a request waits for its answer: what the limit of a head leaves beside the bytes that
    /// have been offered. 0 when nothing more is to be read, and while so many answers wait to be
    /// taken that no further request is.
    [[nodiscard]] std::size_t read_limit() const noexcept;
    [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }
    [[nodiscard]] bool finished() const noexcept;

    /// Has the body of the request whose Head was the last event read, up to `limit` bytes. When it
    /// is longer, `too_big`, if given, is the answer instead of the engine's own 413; the
    /// connection is closed afterwards either way.
    void accept_body(std::size_t limit, std::optional<Response> too_big = std::nullopt);
    /// Answers the request whose Head or Request was the last event. Where its body has not been
    /// read to its end, the connection is closed afterwards. The status must be from 200 to 599.
    void respond(Response response, TimePoint now);
    /// Whether `respond` may be called.
    [[nodiscard]] bool awaits_response() const noexcept;
    /// Whether answers wait to be taken, so that the stream must not be given away yet.
    [[nodiscard]] bool has_output() const noexcept { return !output_.empty(); }

    /// The next answer is the last one. Does not end a connection that `is_idle()`.
    void close_after_answer() noexcept { closing_ = true; }
    /// Whether it is between requests, and nothing of a next one has arrived.
    [[nodiscard]] bool is_idle() const noexcept;
    /// Ends the connection: a request that waits is answered 503. Closed with `Error::draining`.
    void shut_down(TimePoint now);

private:
    enum class State : std::uint8_t { head, decision, body, answer, closed };

    [[nodiscard]] std::size_t receive_head(ByteView bytes, TimePoint now);
    [[nodiscard]] std::size_t receive_body(ByteView bytes, TimePoint now);
    void take_head(std::string_view text, TimePoint now);
    void interrupt() noexcept;
    /// Goes on to the body of the request whose head has been given to the host.
    void begin_body(std::size_t limit);
    void finish_request() noexcept;
    void forget_request() noexcept;
    void end_of_input() noexcept;
    void write(Response response);
    /// Answers with the status for `error`, then closes.
    void refuse(std::error_code error);
    void close(std::error_code error) noexcept;

    const ServerConnectionOptions* options_;
    HeadReader reader_;
    RequestHead head_;
    BodyReader body_;
    Output output_;
    std::unique_ptr<Response> too_big_;
    TimePoint deadline_;
    /// When the body must be complete at the least rate.
    TimePoint body_deadline_ = never;
    std::error_code error_;
    /// Bytes offered and not consumed.
    std::size_t offered_ = 0;
    State state_ = State::head;
    // What the answer depends on when the head is gone.
    std::uint8_t minor_version_ = 1;
    bool is_head_request_ = false;
    bool keep_alive_ = true;
    bool has_answered_ = false;
    // Events to be polled, or already polled.
    bool head_event_ = false;
    bool request_event_ = false;
    bool interrupt_event_ = false;
    bool was_interrupted_ = false;
    bool closed_event_ = false;
    bool eof_ = false;
    bool closing_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/server_connection.ipp>
#endif
