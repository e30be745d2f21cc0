#pragma once

#include <hawser/core/message.hpp>
#include <hawser/core/message_builder.hpp>
#include <hawser/core/result.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hawser::inline HAWSER_MODE::websocket {

/// Compresses the messages that one connection sends, and inflates those that it receives, as was
/// negotiated. What a frame carries of a compressed message is told by its bit RSV1 (RFC 7692 §6).
class MessageCodec {
public:
    MessageCodec() = default;
    MessageCodec(const MessageCodec&) = delete;
    MessageCodec& operator=(const MessageCodec&) = delete;
    virtual ~MessageCodec() = default;

    /// The compressed bytes of `message`, which are sent next; nothing where it goes as it is.
    [[nodiscard]] virtual std::optional<Message> compress(const Message& message) = 0;
    /// Says that what was compressed last did not leave, so that nothing may build on it.
    virtual void forget_compressed() noexcept = 0;

    /// Appends to `into` what `bytes`, the next ones of a compressed message, inflate to, but no
    /// more than fits `limit` bytes. `Error::message_too_big` where that is not all,
    /// `Error::bad_compressed_bytes` behind what was good; nothing may be inflated after an error.
    [[nodiscard]] virtual std::error_code inflate(ByteView bytes, MessageBuilder& into,
                                                  std::size_t limit) = 0;
    /// The same with what is left at the end of the message.
    [[nodiscard]] virtual std::error_code finish_inflating(MessageBuilder& into,
                                                           std::size_t limit) = 0;
};

/// A way to compress messages, and how it is negotiated (RFC 6455 §9). Immutable: shared by all
/// connections, on all threads.
class Compression {
public:
    /// What a server has accepted.
    struct Accepted {
        /// The value of Sec-WebSocket-Extensions in the answer.
        std::string field;
        std::unique_ptr<MessageCodec> codec;
    };

    Compression() = default;
    Compression(const Compression&) = delete;
    Compression& operator=(const Compression&) = delete;
    virtual ~Compression() = default;

    /// Server: the first of the client's `offers` that can be met; nothing where there is none.
    [[nodiscard]] virtual std::optional<Accepted> accept(std::string_view offers) const = 0;
    /// Client: the value of Sec-WebSocket-Extensions in the request.
    [[nodiscard]] virtual std::string offer() const = 0;
    /// Client: what follows from the server's `answer` to the offer.
    /// `Error::unrequested_extension` where it is not what was offered.
    [[nodiscard]] virtual Result<std::unique_ptr<MessageCodec>>
    agree(std::string_view answer) const = 0;
};

}  // namespace hawser::inline HAWSER_MODE::websocket
