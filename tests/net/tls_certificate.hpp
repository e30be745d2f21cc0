#pragma once

#include <asio/buffer.hpp>
#include <asio/ssl/context.hpp>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace test {

/// A key and a certificate of it for one host name, signed by itself, made on the spot.
class Certificate {
public:
    explicit Certificate(const std::string& host) {
        make_key();
        X509_set_version(certificate_.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
        X509_set_pubkey(certificate_.get(), key_.get());
        X509_NAME* const name = X509_get_subject_name(certificate_.get());
        const auto* const text = reinterpret_cast<const unsigned char*>(host.c_str());
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(certificate_.get(), name);
        add_host(host);
        if (X509_sign(certificate_.get(), key_.get(), EVP_sha256()) == 0) fail();
    }

    /// What a server that shows it needs.
    [[nodiscard]] std::shared_ptr<asio::ssl::context> server() const {
        auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
        context->use_certificate(asio::buffer(pem()), asio::ssl::context::pem);
        if (SSL_CTX_use_PrivateKey(context->native_handle(), key_.get()) != 1) fail();
        return context;
    }
    /// What a client that trusts it, and nobody else, needs.
    [[nodiscard]] std::shared_ptr<asio::ssl::context> client() const {
        auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
        context->add_certificate_authority(asio::buffer(pem()));
        return context;
    }

private:
    template <auto Free>
    struct Freed {
        void operator()(auto* object) const { Free(object); }
    };

    [[noreturn]] static void fail() { throw std::runtime_error{"OpenSSL made no certificate"}; }

    void make_key() {
        const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> maker{
            EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr)};
        EVP_PKEY* key = nullptr;
        if (EVP_PKEY_keygen_init(maker.get()) != 1 ||
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(maker.get(), NID_X9_62_prime256v1) != 1 ||
            EVP_PKEY_keygen(maker.get(), &key) != 1) {
            fail();
        }
        key_.reset(key);
    }
    void add_host(const std::string& host) {
        const std::string value = "DNS:" + host;
        const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension{
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, value.c_str())};
        if (!extension || X509_add_ext(certificate_.get(), extension.get(), -1) != 1) fail();
    }
    [[nodiscard]] std::string pem() const {
        const std::unique_ptr<BIO, Freed<BIO_free_all>> memory{BIO_new(BIO_s_mem())};
        PEM_write_bio_X509(memory.get(), certificate_.get());
        char* text = nullptr;
        const auto size = BIO_get_mem_data(memory.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }

    std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key_;
    std::unique_ptr<X509, Freed<X509_free>> certificate_{X509_new()};
};

}  // namespace test
