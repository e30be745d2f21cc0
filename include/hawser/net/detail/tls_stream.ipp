#pragma once

#include <hawser/net/tls_stream.hpp>

#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/ssl/error.hpp>
#include <asio/ssl/host_name_verification.hpp>

namespace hawser::inline HAWSER_MODE::net {

HAWSER_DECL TlsStream::~TlsStream() {
    if (state_ == nullptr) return;
    std::error_code ignored;  // there is nobody left to tell
    close(ignored);
}

HAWSER_DECL std::error_code TlsStream::expect_host(const std::string& host) {
    SSL* const native = state_->stream.native_handle();
    std::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    // "Literal IPv4 and IPv6 addresses are not permitted in "HostName"" (RFC 6066 §3).
    if (not_an_address && SSL_set_tlsext_host_name(native, host.c_str()) != 1) {
        return asio::error::invalid_argument;
    }
    std::error_code error;
    state_->stream.set_verify_mode(asio::ssl::verify_peer, error);
    if (!error) state_->stream.set_verify_callback(asio::ssl::host_name_verification{host}, error);
    return error;
}

HAWSER_DECL std::string TlsStream::version() const {
    return SSL_get_version(state_->stream.native_handle());
}

HAWSER_DECL std::string TlsStream::cipher() const {
    return SSL_get_cipher_name(state_->stream.native_handle());
}

HAWSER_DECL void TlsStream::end_output() {
    if (std::exchange(state_->is_ending, true)) return;
    // As if the peer had said goodbye already: else OpenSSL would wait for it, and fail where the
    // peer has something else to say first.
    SSL* const native = state_->stream.native_handle();
    SSL_set_shutdown(native, SSL_get_shutdown(native) | SSL_RECEIVED_SHUTDOWN);
    state_->stream.async_shutdown([state = state_](std::error_code) {
        std::error_code ignored;  // the peer may be gone already
        state->stream.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    });
}

HAWSER_DECL bool is_refused_certificate(std::error_code error) noexcept {
    return error.category() == asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
               SSL_R_CERTIFICATE_VERIFY_FAILED;
}

}  // namespace hawser::inline HAWSER_MODE::net
