#pragma once

#include <hawser/channel/channel_facts.hpp>
#include <hawser/http/origin.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hawser::inline HAWSER_MODE {

/// Where a request comes from.
struct PeerFacts {
    /// Without port; the one that a trusted proxy names, where there is one. Counted by the caps.
    std::string address = {};
    std::uint16_t port = 0;
    http::Security security = http::Security::plain;
    std::string tls_version = {};
    std::string tls_cipher = {};
    /// Its connection's place under the server's caps, for as long as somebody holds it.
    std::shared_ptr<const void> place = nullptr;

    /// As the beginning of what a channel's `info()` says.
    [[nodiscard]] ChannelFacts::Block as_facts() const {
        return {.peer_address = address,
                .peer_port = port,
                .tls_version = tls_version,
                .tls_cipher = tls_cipher};
    }
};

/// The application's say in whether a channel may be opened, after the library has found the
/// request good: the response that refuses it (401, 403, …), or nothing. Called on the connection's
/// executor.
using Admit =
    std::function<std::optional<http::Response>(const http::RequestHead&, const PeerFacts&)>;

}  // namespace hawser::inline HAWSER_MODE
