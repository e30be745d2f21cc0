#pragma once

#include <hawser/core/role.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/net/tls_stream.hpp>
#include <hawser/transport/dialer.hpp>
#include <hawser/transport/secure_acceptor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// A TLS handshake with a deadline. Kept alive by the handshake.
class TlsHandshake final : public std::enable_shared_from_this<TlsHandshake>,
                           private net::Timer,
                           private net::Deferred {
public:
    /// Called once, with the error and, where there is none, the stream to be moved from.
    using Handler = std::function<void(std::error_code, net::TlsStream&)>;

    TlsHandshake(std::shared_ptr<net::Loop> loop, net::TlsStream stream, Handler handler)
        : loop_{std::move(loop)}, stream_{std::move(stream)}, handler_{std::move(handler)} {}
    TlsHandshake(const TlsHandshake&) = delete;
    TlsHandshake& operator=(const TlsHandshake&) = delete;
    ~TlsHandshake() { loop_->disarm(*this); }

    void start(Role role, Duration patience) {
        loop_->arm(*this, deadline_after(Clock::now(), patience));
        stream_.async_handshake(role, [self = shared_from_this()](std::error_code error) {
            self->complete(error);
        });
    }
    /// Gives up without calling the handler; nothing happens where it has been called.
    void cancel() {
        if (!std::exchange(handler_, nullptr)) return;
        std::error_code ignored;  // there is nobody left to tell
        stream_.close(ignored);
    }

private:
    void complete(std::error_code error) {
        loop_->disarm(*this);
        if (const auto handler = std::exchange(handler_, nullptr)) handler(error, stream_);
    }
    void expired() noexcept override {
        // Null when it is being destroyed.
        if (auto self = weak_from_this().lock()) loop_->defer({std::move(self), this});
    }
    void end_of_turn() override {
        const auto handler = handler_;
        cancel();
        if (handler) handler(Error::handshake_timeout, stream_);
    }

    std::shared_ptr<net::Loop> loop_;
    net::TlsStream stream_;
    Handler handler_;
};

}  // namespace detail

/// Makes the streams of https and wss servers.
class TlsAcceptor final : public SecureAcceptor {
public:
    explicit TlsAcceptor(net::TlsStream::Context context) : context_{std::move(context)} {}

    void secure(const std::shared_ptr<net::Loop>& loop, asio::ip::tcp::socket socket,
                Duration patience, Handler handler) const override {
        const auto handshake = std::make_shared<detail::TlsHandshake>(
            loop, net::TlsStream{std::move(socket), context_},
            [handler = std::move(handler)](std::error_code error, net::TlsStream& stream) {
                if (error) return;
                std::string protocol = stream.version();
                std::string suite = stream.cipher();
                handler({.stream = std::move(stream),
                         .version = std::move(protocol),
                         .cipher = std::move(suite)});
            });
        handshake->start(Role::server, patience);
    }

private:
    net::TlsStream::Context context_;
};

/// Makes the streams of https and wss clients; each server must show a certificate of its host,
/// else it fails with `Error::certificate_refused`.
class TlsDialer final : public SecureDialer {
public:
    explicit TlsDialer(net::TlsStream::Context context) : context_{std::move(context)} {}

    [[nodiscard]] std::unique_ptr<DialAttempt> dial(std::shared_ptr<net::Loop> loop,
                                                    const net::Remote& remote, Duration patience,
                                                    OnStream handler) const override {
        auto attempt = std::make_unique<Attempt>(std::move(loop), remote.host, context_,
                                                 std::move(handler));
        attempt->start(remote, patience);
        return attempt;
    }

private:
    class Attempt final : public DialAttempt {
    public:
        Attempt(std::shared_ptr<net::Loop> loop, std::string host, net::TlsStream::Context context,
                OnStream handler)
            : shared_{std::make_shared<Shared>()} {
            shared_->loop = std::move(loop);
            shared_->host = std::move(host);
            shared_->context = std::move(context);
            shared_->handler = std::move(handler);
        }
        Attempt(const Attempt&) = delete;
        Attempt& operator=(const Attempt&) = delete;
        ~Attempt() override {
            shared_->handler = nullptr;
            if (const auto handshake = shared_->handshake.lock()) handshake->cancel();
        }

        void start(const net::Remote& remote, Duration patience) {
            const TimePoint deadline = deadline_after(Clock::now(), patience);
            connecting_ = std::make_unique<PlainDialAttempt>(
                shared_->loop, remote, patience,
                [shared = shared_, deadline](std::error_code error, asio::ip::tcp::socket socket) {
                    if (error) return shared->complete(error, {});
                    shared->shake_hands(std::move(socket), deadline - Clock::now());
                });
        }

    private:
        struct Shared : std::enable_shared_from_this<Shared> {
            std::shared_ptr<net::Loop> loop;
            std::string host;
            net::TlsStream::Context context;
            OnStream handler;
            std::weak_ptr<detail::TlsHandshake> handshake = {};

            void complete(std::error_code error, net::AnyStream stream) {
                const auto told = std::exchange(handler, nullptr);
                if (told) told(error, std::move(stream));
            }
            void shake_hands(asio::ip::tcp::socket socket, Duration patience);
        };

        std::shared_ptr<Shared> shared_;
        std::unique_ptr<DialAttempt> connecting_;
    };

    net::TlsStream::Context context_;
};

inline void TlsDialer::Attempt::Shared::shake_hands(asio::ip::tcp::socket socket,
                                                    Duration patience) {
    net::TlsStream stream{std::move(socket), context};
    if (const auto error = stream.expect_host(host)) return complete(error, {});
    const auto started = std::make_shared<detail::TlsHandshake>(
        loop, std::move(stream),
        [this, keep = shared_from_this()](std::error_code error, net::TlsStream& secured) {
            if (net::is_refused_certificate(error)) error = Error::certificate_refused;
            if (error) return complete(error, {});
            complete({}, std::move(secured));
        });
    handshake = started;
    started->start(Role::client, patience);
}

/// What makes a `Server` one of https and wss (`ServerOptions::tls`), with TLS 1.2 and newer, the
/// certificate chain and the private key of two PEM files. Throws std::system_error (OpenSSL's)
/// where they cannot be used.
[[nodiscard]] inline std::shared_ptr<const SecureAcceptor> tls_acceptor(
    const std::string& certificate_chain_file, const std::string& private_key_file) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    context->use_certificate_chain_file(certificate_chain_file);
    context->use_private_key_file(private_key_file, asio::ssl::context::pem);
    return std::make_shared<const TlsAcceptor>(std::move(context));
}

/// What clients reach https and wss URLs with (`ConnectOptions::tls`), with TLS 1.2 and newer,
/// trusting the certificate authorities of a PEM file, or the system's where none is named. Throws
/// std::system_error (OpenSSL's) where they cannot be used.
[[nodiscard]] inline std::shared_ptr<const SecureDialer> tls_dialer(
    const std::string& authorities_file = {}) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    if (authorities_file.empty()) {
        context->set_default_verify_paths();
    } else {
        context->load_verify_file(authorities_file);
    }
    return std::make_shared<const TlsDialer>(std::move(context));
}

}  // namespace hawser::inline HAWSER_MODE
