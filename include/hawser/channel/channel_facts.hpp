#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// What was known of the peer when its channel was opened: a cheap handle to one block that never
/// changes. What it gives out is valid as long as it or a copy of it. What is not known is empty.
class ChannelFacts {
public:
    /// What is to be known, for transports to fill in.
    struct Block {
        /// The peer's address without port, as text; the path of a local socket.
        std::string peer_address = {};
        std::uint16_t peer_port = 0;
        /// The request target (RFC 9112 §3.2) of the handshake, or of the request that opened the
        /// session, query included.
        std::string target = {};
        std::vector<std::pair<std::string, std::string>> headers = {};
        /// The subprotocol agreed on (RFC 6455 §1.9).
        std::string subprotocol = {};
        /// The version and cipher suite of TLS, as OpenSSL names them.
        std::string tls_version = {};
        std::string tls_cipher = {};
    };
    class Headers;

    ChannelFacts() = default;
    HAWSER_DECL explicit ChannelFacts(const Block& block);

    [[nodiscard]] std::string_view peer_address() const noexcept { return text(address_at); }
    [[nodiscard]] std::uint16_t peer_port() const noexcept {
        return words_ ? static_cast<std::uint16_t>(words_[0]) : std::uint16_t{0};
    }
    [[nodiscard]] std::string_view target() const noexcept { return text(target_at); }
    [[nodiscard]] std::string_view subprotocol() const noexcept { return text(subprotocol_at); }
    [[nodiscard]] bool is_encrypted() const noexcept { return !tls_version().empty(); }
    [[nodiscard]] std::string_view tls_version() const noexcept { return text(tls_version_at); }
    [[nodiscard]] std::string_view tls_cipher() const noexcept { return text(tls_cipher_at); }

    /// The header fields of the peer's request (on a server) or reply (on a client), in order:
    /// pairs of name and value.
    [[nodiscard]] Headers headers() const noexcept;
    /// The value of the first field called `name`, in any case.
    [[nodiscard]] HAWSER_DECL std::optional<std::string_view> header(
        std::string_view name) const noexcept;

private:
    /// Which text is the first of what.
    enum Place : std::size_t {
        address_at,
        target_at,
        subprotocol_at,
        tls_version_at,
        tls_cipher_at,
        /// Name and value of the first field, then those of the others.
        headers_at,
    };

    [[nodiscard]] std::size_t texts() const noexcept {
        return words_ ? std::size_t{words_[1]} : std::size_t{headers_at};
    }
    [[nodiscard]] std::string_view text(std::size_t index) const noexcept;

    /// The port; how many texts; behind which byte each ends; the bytes of all. There may be very
    /// many channels, hence so tight.
    std::shared_ptr<const std::uint32_t[]> words_;
};

/// The header fields of a peer, in order. Keeps the facts that it is of.
class ChannelFacts::Headers {
public:
    using value_type = std::pair<std::string_view, std::string_view>;
    class Iterator;

    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return (facts_.texts() - headers_at) / 2; }
    /// Name and value of the field at `index`.
    [[nodiscard]] value_type operator[](std::size_t index) const noexcept {
        return {facts_.text(headers_at + 2 * index), facts_.text(headers_at + 2 * index + 1)};
    }
    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept;

private:
    friend class ChannelFacts;

    explicit Headers(ChannelFacts facts) noexcept : facts_{std::move(facts)} {}

    ChannelFacts facts_;
};

/// Goes over header fields in their order.
class ChannelFacts::Headers::Iterator {
public:
    using value_type = Headers::value_type;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;

    [[nodiscard]] value_type operator*() const noexcept { return (*headers_)[index_]; }
    Iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    Iterator operator++(int) noexcept {
        const Iterator before = *this;
        ++index_;
        return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

private:
    friend class Headers;

    Iterator(const Headers* headers, std::size_t index) noexcept
        : headers_{headers}, index_{index} {}

    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
};

inline ChannelFacts::Headers ChannelFacts::headers() const noexcept { return Headers{*this}; }

inline ChannelFacts::Headers::Iterator ChannelFacts::Headers::begin() const noexcept {
    return {this, 0};
}

inline ChannelFacts::Headers::Iterator ChannelFacts::Headers::end() const noexcept {
    return {this, size()};
}

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/channel/detail/channel_facts.ipp>
#endif
