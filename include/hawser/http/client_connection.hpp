#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/output.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/body_reader.hpp>
#include <hawser/http/exchange_times.hpp>
#include <hawser/http/head_reader.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <variant>

namespace hawser::inline HAWSER_MODE::http {

struct ClientConnectionOptions {
    HeadLimits head = {};
    /// Bytes of a response's body.
    std::size_t body = (std::size_t{1} << 20) + 256;
    /// How long a connection is kept for the next request; shorter than servers keep it.
    Duration idle_timeout = std::chrono::seconds{45};
};

/// The client's end of one HTTP/1.1 connection: one exchange at a time.
class ClientConnection {
public:
    /// The connection has ended, or is to be closed; a request under way got no response.
    /// `Error::closed` where it ended between exchanges, or after a response that ends it.
    struct Closed {
        std::error_code error;
    };

    /// A response for each request, in order; Closed exactly once, last.
    using Event = std::variant<ReceivedResponse, Closed>;

    /// `options` must outlive the connection.
    ClientConnection(const ClientConnectionOptions& options, TimePoint now) noexcept;

    // StreamEngine
    [[nodiscard]] std::size_t receive(MutableBytes bytes, TimePoint now);
    void receive_eof(TimePoint now);
    void receive_error(std::error_code error, TimePoint now);
    void tick(TimePoint now);
    [[nodiscard]] std::optional<Event> poll_event();
    /// Gives a long body out in pieces of about `budget` bytes; each counts as progress.
    void take_output(Output& into, std::size_t budget, TimePoint now);
    [[nodiscard]] std::size_t read_limit() const noexcept;
    [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }
    [[nodiscard]] bool finished() const noexcept;

    /// Sends a request; allowed while `is_reusable()`. The method must be a token other than
    /// CONNECT, the target and the Host field are the caller's. Where they would not stay in the
    /// request line nothing is sent, and the connection is Closed with `Error::bad_argument`.
    /// Interim responses (1xx) are skipped.
    void request(RequestHead head, Output body, const ExchangeTimes& times, TimePoint now);
    /// Whether a request may be sent: no exchange is under way, and the connection has not ended.
    [[nodiscard]] bool is_reusable() const noexcept;
    /// Ends the connection at once; Closed with `Error::aborted`.
    void abort() noexcept;

private:
    enum class State : std::uint8_t { idle, head, body, closed };

    [[nodiscard]] std::size_t receive_head(ByteView bytes, TimePoint now);
    [[nodiscard]] std::size_t receive_body(ByteView bytes, TimePoint now);
    void take_head(std::string_view text, TimePoint now);
    void complete_response(TimePoint now) noexcept;
    void close(std::error_code error) noexcept;

    const ClientConnectionOptions* options_;
    HeadReader reader_;
    ResponseHead head_;
    BodyReader body_;
    Output output_;
    std::string method_;
    ExchangeTimes times_;
    TimePoint deadline_;
    std::error_code error_;
    std::uint8_t interim_ = 0;
    State state_ = State::idle;
    bool keep_alive_ = true;
    /// Whether a part of the request has been taken.
    bool has_sent_ = false;
    bool response_event_ = false;
    bool closed_event_ = false;
};

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/client_connection.ipp>
#endif
