#pragma once

#include <hawser/core/limits.hpp>
#include <hawser/core/output.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/head_reader.hpp>
#include <hawser/http/response.hpp>
#include <hawser/websocket/handshake.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

/// The connection stands; messages may come.
struct Opened {
    /// Client: the head of the server's reply. Server: null.
    std::unique_ptr<http::ResponseHead> reply = nullptr;
    /// The selected one; empty where there is none.
    std::string subprotocol = {};
};

/// The HTTP part of a connection (RFC 6455 §4): what it sends first and, on a client, the reply to
/// it. A server has judged the request before, so its side is open from the beginning.
class OpeningHandshake {
public:
    struct Step {
        /// Bytes taken, at most up to the end of the reply's head.
        std::size_t consumed = 0;
        /// Why there will be no connection.
        std::error_code error = {};
    };

    /// A server's side.
    explicit OpeningHandshake(Upgrade upgrade);
    /// A client's side; `limits` must outlive it.
    OpeningHandshake(UpgradeRequest request, const HeadLimits& limits, TimePoint deadline);

    /// Whether a client still waits for the reply.
    [[nodiscard]] bool awaits_reply() const noexcept { return awaited_.has_value(); }
    /// When the reply must be here; `never` where none is awaited.
    [[nodiscard]] TimePoint deadline() const noexcept;
    /// Takes bytes of the reply.
    [[nodiscard]] Step receive(ByteView bytes);

    /// That the connection stands, exactly once, as soon as it does.
    [[nodiscard]] std::optional<Opened> take_opened();
    /// What compresses and inflates the messages, once; null where nothing was negotiated.
    [[nodiscard]] std::unique_ptr<MessageCodec> take_codec() noexcept {
        return std::move(codec_);
    }
    /// Appends what is to be sent, once.
    void take_output(Output& into);
    /// Whether there is nothing left to do.
    [[nodiscard]] bool done() const noexcept;

private:
    struct Awaited {
        UpgradeRequest request;
        http::HeadReader reader;
        TimePoint deadline;
    };

    [[nodiscard]] std::error_code accept(std::string_view head);

    Output output_;
    std::optional<Awaited> awaited_;
    std::optional<Opened> opened_;
    std::unique_ptr<MessageCodec> codec_;
};

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/opening_handshake.ipp>
#endif
