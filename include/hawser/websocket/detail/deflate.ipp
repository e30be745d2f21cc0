#pragma once

#include <hawser/websocket/deflate.hpp>

#include <hawser/core/role.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <new>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

namespace detail {

/// How an empty block without compression ends: what a sender leaves out of each message, and a
/// receiver adds again (RFC 7692 §7.2).
inline constexpr std::array message_end{std::byte{0x00}, std::byte{0x00}, std::byte{0xFF},
                                        std::byte{0xFF}};

/// Bytes that zlib gives at a time.
using DeflatePiece = std::array<std::byte, 4096>;

/// The most bytes that zlib takes at a time.
inline constexpr std::size_t most_input = std::numeric_limits<uInt>::max();

inline void set_input(z_stream& stream, ByteView bytes) noexcept {
    // zlib's own word for it, without ZLIB_CONST, is not const; it does not write there.
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
}

/// zlib's state to compress; it knows what it has compressed before. Must not be moved.
class Deflater {
public:
    Deflater(int window_bits, const DeflateOptions& options) {
        // Negative: without zlib's own header.
        const int result = deflateInit2(&stream_, options.level, Z_DEFLATED, -window_bits,
                                        options.memory_level, Z_DEFAULT_STRATEGY);
        if (result != Z_OK) throw std::bad_alloc{};
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() { deflateEnd(&stream_); }

    /// The compressed form of `bytes`, at least one and at most `most_input` (§7.2.1). Where it
    /// throws, nothing but destroying it is allowed.
    [[nodiscard]] Message deflate(ByteView bytes) {
        MessageBuilder compressed;
        set_input(stream_, bytes);
        do {
            DeflatePiece piece;
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = piece.size();
            ::deflate(&stream_, Z_SYNC_FLUSH);
            compressed.append(ByteView{piece}.first(piece.size() - stream_.avail_out));
        } while (stream_.avail_out == 0);
        compressed.shorten(message_end.size());
        return compressed.finish(Message::Kind::binary, Message::Utf8::unchecked);
    }

private:
    z_stream stream_{};
};

/// zlib's state to inflate; it knows what it has inflated before. Must not be moved.
class Inflater {
public:
    explicit Inflater(int window_bits) {
        if (inflateInit2(&stream_, -window_bits) != Z_OK) throw std::bad_alloc{};
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream_); }

    /// As `MessageCodec::inflate`, for at most `most_input` bytes.
    [[nodiscard]] std::error_code inflate(ByteView bytes, MessageBuilder& into,
                                          std::size_t limit) {
        set_input(stream_, bytes);
        do {
            DeflatePiece piece;
            const std::size_t left = limit - into.size();
            // One byte more than may be, to learn whether there is one.
            const std::size_t room = std::min(piece.size() - 1, left) + 1;
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(room);
            const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
            const std::size_t made = room - stream_.avail_out;
            into.append(ByteView{piece}.first(std::min(made, left)), limit);
            if (made > left) return Error::message_too_big;
            if (result == Z_BUF_ERROR) return {};  // all was taken before
            if (const auto error = judge(result)) return error;
        } while (stream_.avail_in != 0 || stream_.avail_out == 0);
        return {};
    }

    /// Whether a block has ended, and no other begun.
    [[nodiscard]] bool is_between_blocks() const noexcept {
        return (static_cast<unsigned>(stream_.data_type) & 128U) != 0;
    }

private:
    [[nodiscard]] std::error_code judge(int result) {
        if (result == Z_MEM_ERROR) throw std::bad_alloc{};
        if (result != Z_OK && result != Z_STREAM_END) return Error::bad_compressed_bytes;
        // A block with BFINAL set ends what a deflate stream may refer to, not the message
        // (§7.2.3.4): whatever follows is a new one.
        if (result == Z_STREAM_END) inflateReset(&stream_);
        return {};
    }

    z_stream stream_{};
};

/// permessage-deflate on one connection.
class DeflateCodec final : public MessageCodec {
public:
    DeflateCodec(const DeflateOptions& options, DeflateDirection send, DeflateDirection receive)
        : options_{options} {
        options_.send = send;
        options_.receive = receive;
    }

    std::optional<Message> compress(const Message& message) override {
        const std::size_t size = message.size();
        const bool can = size != 0 && size <= most_input &&
                         options_.send.window_bits >= DeflateDirection::least_window_bits;
        if (!can || size < options_.threshold) return std::nullopt;
        return options_.send.context_takeover ? compress_next(message) : compress_alone(message);
    }
    void forget_compressed() noexcept override { deflater_.reset(); }

    std::error_code inflate(ByteView bytes, MessageBuilder& into, std::size_t limit) override {
        if (!inflater_) {
            // To have zlib's senders understood that take 9 for 8.
            const int least = DeflateDirection::least_window_bits;
            inflater_ = std::make_unique<Inflater>(std::max(options_.receive.window_bits, least));
        }
        while (!bytes.empty()) {
            const ByteView next = bytes.first(std::min(bytes.size(), most_input));
            if (const auto error = inflater_->inflate(next, into, limit)) return error;
            bytes = bytes.subspan(next.size());
        }
        return {};
    }
    std::error_code finish_inflating(MessageBuilder& into, std::size_t limit) override {
        if (const auto error = inflate(message_end, into, limit)) return error;
        if (!inflater_->is_between_blocks()) return Error::bad_compressed_bytes;
        if (!options_.receive.context_takeover) inflater_.reset();
        return {};
    }

private:
    /// Compresses what follows on earlier messages.
    [[nodiscard]] Message compress_next(const Message& message) {
        // Put back only at the end: what has been compressed and is not sent must not be known.
        auto deflater = std::move(deflater_);
        if (!deflater) deflater = make_deflater();
        Message compressed = deflater->deflate(message.bytes());
        deflater_ = std::move(deflater);
        return compressed;
    }
    /// Compresses what is the same for every connection that has agreed on the same window. The
    /// outcome stays with the message; an empty one says that it is better sent as it is.
    [[nodiscard]] std::optional<Message> compress_alone(const Message& message) const {
        const Message* const known = message.form(key());
        Message compressed = known != nullptr ? *known : make_deflater()->deflate(message.bytes());
        if (compressed.size() >= message.size()) compressed = Message{};
        if (known == nullptr) message.remember_form(key(), compressed);
        if (compressed.empty()) return std::nullopt;
        return compressed;
    }
    [[nodiscard]] std::unique_ptr<Deflater> make_deflater() const {
        return std::make_unique<Deflater>(options_.send.window_bits, options_);
    }
    /// Names all that the compressed form depends on.
    [[nodiscard]] std::uint32_t key() const noexcept {
        const int parts[] = {options_.send.window_bits, options_.level, options_.memory_level};
        std::uint32_t key = 0;
        for (const int part : parts)
            key = key << 4 | static_cast<std::uint32_t>(part);
        return key;
    }

    DeflateOptions options_;
    /// There only where an earlier message may be referred to.
    std::unique_ptr<Deflater> deflater_;
    /// There only within a message, or where an earlier one may be referred to.
    std::unique_ptr<Inflater> inflater_;
};

class Deflate final : public Compression {
public:
    explicit Deflate(const DeflateOptions& options) : options_{options} {}

    std::optional<Accepted> accept(std::string_view offers) const override {
        auto accepted = accept_deflate(offers, options_);
        if (!accepted) return std::nullopt;
        const auto& [server, client] = accepted->agreement;
        return Accepted{std::move(accepted->field), codec(server, client)};
    }
    std::string offer() const override { return deflate_offer(options_); }
    Result<std::unique_ptr<MessageCodec>> agree(std::string_view answer) const override {
        const auto agreement = read_deflate_answer(answer, options_);
        if (!agreement) return agreement.error();
        return codec(agreement->client, agreement->server);
    }

private:
    [[nodiscard]] std::unique_ptr<MessageCodec> codec(DeflateDirection send,
                                                      DeflateDirection receive) const {
        return std::make_unique<DeflateCodec>(options_, send, receive);
    }

    DeflateOptions options_;
};

}  // namespace detail

HAWSER_DECL std::shared_ptr<const Compression> deflate(DeflateOptions options) {
    if (const auto error = check(options)) {
        throw std::system_error{error, "the options of permessage-deflate"};
    }
    return std::make_shared<const detail::Deflate>(options);
}

}  // namespace hawser::inline HAWSER_MODE::websocket
