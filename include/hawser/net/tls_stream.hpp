#pragma once

#include <hawser/core/config.hpp>
#include <hawser/core/role.hpp>
#include <hawser/net/stream.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/host_name_verification.hpp>
#include <asio/ssl/stream.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// TLS over TCP, as a byte stream. One read and one write may be under way at a time. Shares the
/// context, which must not be changed any more.
class TlsStream {
public:
    using executor_type = asio::any_io_executor;
    using Context = std::shared_ptr<asio::ssl::context>;

    TlsStream(asio::ip::tcp::socket socket, Context context)
        : state_{std::make_shared<State>(std::move(socket), std::move(context))} {}

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

    /// The protocol's version ("TLSv1.3") and the cipher suite; after the handshake.
    [[nodiscard]] std::string version() const { return SSL_get_version(native()); }
    [[nodiscard]] std::string cipher() const { return SSL_get_cipher_name(native()); }

    template <class Handler>
    void async_read_some(asio::mutable_buffer into, Handler handler) {
        if (state_->is_ending) return read_end(std::move(handler));
        state_->stream.async_read_some(into, std::move(handler));
    }
    template <class Buffers, class Handler>
    void async_write_some(const Buffers& from, Handler handler) {
        state_->stream.async_write_some(from, std::move(handler));
    }

    /// Says goodbye (close_notify, RFC 8446 §6.1), and ends the output of the socket. Nothing may be
    /// written afterwards; reading tells when the peer has answered.
    void end_output();
    void close(std::error_code& error) { state_->stream.lowest_layer().close(error); }

private:
    struct State {
        State(asio::ip::tcp::socket socket, Context shared)
            : context{std::move(shared)}, stream{std::move(socket), *context} {}

        Context context;
        asio::ssl::stream<asio::ip::tcp::socket> stream;
        bool is_ending = false;
        bool has_ended = false;
        /// A read that waits for the end.
        std::function<void()> on_end;
    };

    [[nodiscard]] SSL* native() const { return state_->stream.native_handle(); }

    template <class Handler>
    void read_end(Handler handler) {
        auto tell = [handler = std::move(handler)]() mutable { handler(asio::error::eof, 0); };
        if (state_->has_ended) return asio::post(get_executor(), std::move(tell));
        state_->on_end = std::move(tell);
    }

    // Shared with the goodbye, which goes on when the stream object is gone. Asio's TLS stream itself
    // must not move while an operation is under way.
    std::shared_ptr<State> state_;
};

inline std::error_code TlsStream::expect_host(const std::string& host) {
    std::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address && SSL_set_tlsext_host_name(native(), host.c_str()) != 1) {
        return asio::error::invalid_argument;
    }
    std::error_code error;
    state_->stream.set_verify_mode(asio::ssl::verify_peer, error);
    if (!error) state_->stream.set_verify_callback(asio::ssl::host_name_verification{host}, error);
    return error;
}

inline void TlsStream::end_output() {
    if (std::exchange(state_->is_ending, true)) return;
    state_->stream.async_shutdown([state = state_](std::error_code) {
        // Whatever came of it, nothing more is to be said or read.
        std::error_code ignored;
        state->stream.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
        state->has_ended = true;
        if (const auto on_end = std::exchange(state->on_end, nullptr)) on_end();
    });
}

static_assert(ByteStream<TlsStream>);

}  // namespace hawser::inline HAWSER_MODE::net
