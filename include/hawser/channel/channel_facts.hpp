#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// What was known of the peer when its channel was opened: a cheap handle to one block that never
/// changes, valid for ever. What is not known is empty.
class ChannelFacts {
public:
    /// The block's content, for transports to fill in.
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

    ChannelFacts() = default;
    explicit ChannelFacts(Block block) : block_{std::make_shared<const Block>(std::move(block))} {}

    [[nodiscard]] std::string_view peer_address() const noexcept { return block().peer_address; }
    [[nodiscard]] std::uint16_t peer_port() const noexcept { return block().peer_port; }
    [[nodiscard]] std::string_view target() const noexcept { return block().target; }
    [[nodiscard]] std::string_view subprotocol() const noexcept { return block().subprotocol; }
    [[nodiscard]] bool is_encrypted() const noexcept { return !block().tls_version.empty(); }
    [[nodiscard]] std::string_view tls_version() const noexcept { return block().tls_version; }
    [[nodiscard]] std::string_view tls_cipher() const noexcept { return block().tls_cipher; }

    /// The header fields of the peer's request (on a server) or reply (on a client), in order.
    [[nodiscard]] std::span<const std::pair<std::string, std::string>> headers() const noexcept {
        return block().headers;
    }
    /// The value of the first field called `name`, in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
        for (const auto& [field, value] : headers()) {
            if (same_name(field, name)) return value;
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] const Block& block() const noexcept {
        static const Block nothing;
        return block_ ? *block_ : nothing;
    }

    [[nodiscard]] static bool same_name(std::string_view a, std::string_view b) noexcept {
        if (a.size() != b.size()) return false;
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        };
        for (std::size_t i = 0; i != a.size(); ++i) {
            if (lower(a[i]) != lower(b[i])) return false;
        }
        return true;
    }

    std::shared_ptr<const Block> block_;
};

}  // namespace hawser::inline HAWSER_MODE
