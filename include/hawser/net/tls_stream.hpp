#pragma once

#include <hawser/core/role.hpp>
#include <hawser/net/stream.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE::net {

/// TLS over TCP, as a byte stream. One read and one write may be under way at a time; they keep
/// what they need alive, though destroying the stream ends them. Shares the context, which must not
/// be changed any more. Not to be used once it has been moved from.
class TlsStream {
public:
    using executor_type = asio::any_io_executor;
    using Context = std::shared_ptr<asio::ssl::context>;

    TlsStream(asio::ip::tcp::socket socket, Context context)
        : state_{std::make_shared<State>(std::move(socket), std::move(context))} {}
    TlsStream(TlsStream&&) noexcept = default;
    TlsStream& operator=(TlsStream other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~TlsStream();

    [[nodiscard]] executor_type get_executor() const { return state_->stream.get_executor(); }

    /// A client's side: says which host it wants (RFC 6066 §3), and demands a certificate of that
    /// host. Before the handshake. Errors: OpenSSL's.
    [[nodiscard]] std::error_code expect_host(const std::string& host);

    /// Shakes hands in `role`. Calls `handler(error)`.
    template <class Handler>
    void async_handshake(Role role, Handler handler) {
        const auto side = role == Role::server ? asio::ssl::stream_base::server
                                               : asio::ssl::stream_base::client;
        state_->stream.async_handshake(
            side, [state = state_, handler = std::move(handler)](std::error_code error) mutable {
                handler(error);
            });
    }

    /// The protocol's version ("TLSv1.3") and the cipher suite, as OpenSSL names them; after the
    /// handshake.
    [[nodiscard]] std::string version() const;
    [[nodiscard]] std::string cipher() const;

    /// Reads. After `end_output` nothing is handed out any more: what the peer still sends is
    /// dropped, and the read completes when the peer has ended too.
    template <class Handler>
    void async_read_some(asio::mutable_buffer into, Handler handler) {
        if (state_->is_ending) return state_->drop_input(into, std::move(handler));
        state_->stream.async_read_some(
            into, [state = state_, into, handler = std::move(handler)](std::error_code error,
                                                                       std::size_t size) mutable {
                if (state->is_ending) return state->drop_input(into, std::move(handler));
                handler(error, size);
            });
    }

    /// Writes some of the bytes, in one record of TLS. Short buffers are copied together.
    template <class Buffers, class Handler>
    void async_write_some(const Buffers& from, Handler handler) {
        state_->stream.async_write_some(
            state_->one_record(from),
            [state = state_, handler = std::move(handler)](std::error_code error,
                                                           std::size_t size) mutable {
                state->record = {};
                handler(error, size);
            });
    }

    /// Says goodbye (close_notify, RFC 8446 §6.1), then ends the output of the socket; in the
    /// background. Only while nothing is being written; nothing may be written afterwards.
    void end_output();
    /// Closes the socket at once, which ends what is under way.
    void close(std::error_code& error) { state_->stream.lowest_layer().close(error); }

private:
    /// Shared with what is under way, and never moved, as Asio's TLS stream must not be.
    struct State : std::enable_shared_from_this<State> {
        /// The most bytes of a record (RFC 8446 §5.1).
        static constexpr std::size_t record_size = 16 * 1024;

        State(asio::ip::tcp::socket socket, Context shared)
            : context{std::move(shared)}, stream{std::move(socket), *context} {}

        template <class Handler>
        void drop_input(asio::mutable_buffer into, Handler handler);
        template <class Buffers>
        [[nodiscard]] asio::const_buffer one_record(const Buffers& from);

        Context context;
        asio::ssl::stream<asio::ip::tcp::socket> stream;
        /// What was copied together and is being written.
        std::vector<std::byte> record;
        bool is_ending = false;
    };

    std::shared_ptr<State> state_;
};

/// Reads from the socket, whose bytes are no longer of interest, until it fails or ends.
template <class Handler>
void TlsStream::State::drop_input(asio::mutable_buffer into, Handler handler) {
    stream.next_layer().async_read_some(
        into, [self = shared_from_this(), into, handler = std::move(handler)](
                  std::error_code error, std::size_t) mutable {
            if (!error) return self->drop_input(into, std::move(handler));
            handler(error, 0);
        });
}

template <class Buffers>
asio::const_buffer TlsStream::State::one_record(const Buffers& from) {
    const auto begin = asio::buffer_sequence_begin(from);
    const auto end = asio::buffer_sequence_end(from);
    const asio::const_buffer first =
        begin == end ? asio::const_buffer{} : asio::const_buffer{*begin};
    const std::size_t size = std::min(asio::buffer_size(from), record_size);
    if (first.size() >= size) return first;
    record.resize(size);
    asio::buffer_copy(asio::buffer(record), from);
    return asio::buffer(record);
}

static_assert(ByteStream<TlsStream>);

/// Whether a client's handshake has failed with `error` as it did not accept the server's
/// certificate.
[[nodiscard]] bool is_refused_certificate(std::error_code error) noexcept;

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/tls_stream.ipp>
#endif
