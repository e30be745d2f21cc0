#pragma once

#include <hawser/core/entropy.hpp>
#include <hawser/core/result.hpp>
#include <hawser/http/fields.hpp>
#include <hawser/http/origin.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>
#include <hawser/http/url.hpp>
#include <hawser/websocket/compression.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace hawser::inline HAWSER_MODE::websocket {

/// What a server says to an upgrade.
struct HandshakeOptions {
    /// Which web pages may connect; by default those of the same host.
    http::OriginPolicy origin = {};
    /// What the server speaks, best first; the first that the client offers is selected.
    std::vector<std::string> subprotocols = {};
    /// More fields for the 101 response, made with `Fields::checked_add`.
    http::Fields fields = {};
};

/// Whether an application may use these options: subprotocols are tokens (RFC 6455 §4.1), each
/// named once; no field is one that the handshake sets itself. Else `Error::bad_argument`.
[[nodiscard]] HAWSER_DECL std::error_code check(const HandshakeOptions& options);

/// An upgrade that was accepted.
struct Upgrade {
    /// The 101 response, without body.
    http::Response response;
    /// The selected one; empty where there is none.
    std::string subprotocol;
    /// Null where no compression was accepted.
    std::unique_ptr<MessageCodec> codec = nullptr;
};

/// An upgrade that was refused; the connection may go on as HTTP.
struct Refusal {
    http::Response response;
    std::error_code error;
};

/// Whether `head` asks for a WebSocket at all, well or badly: an Upgrade field with the token
/// `websocket` in an HTTP/1.1 request. On 1.0 the field is to be ignored (RFC 9110 §7.8).
[[nodiscard]] HAWSER_DECL bool asks_for_websocket(const http::RequestHead& head) noexcept;

/// Judges the request head of an upgrade (RFC 6455 §4.2), whose body is empty. No extension is
/// accepted but `compression`, where it is not null: what else the client offers is left out of the
/// answer, which declines it (§9.1).
[[nodiscard]] HAWSER_DECL std::variant<Upgrade, Refusal>
accept_upgrade(const http::RequestHead& head, const HandshakeOptions& options,
               http::Security security = http::Security::plain,
               const Compression* compression = nullptr);

/// What a client asks for.
struct ClientHandshakeOptions {
    /// What the client speaks, best first.
    std::vector<std::string> subprotocols = {};
    /// More fields for the request, made with `Fields::checked_add`.
    http::Fields fields = {};
};

/// Whether an application may use these options; as for a server.
[[nodiscard]] HAWSER_DECL std::error_code check(const ClientHandshakeOptions& options);

/// The request of a client, and what its reply is judged by.
struct UpgradeRequest {
    http::RequestHead head;
    /// What Sec-WebSocket-Accept must say.
    std::string accept;
    /// What was offered.
    std::vector<std::string> subprotocols;
    std::shared_ptr<const Compression> compression;
};

/// The upgrade request for `url` (ws, wss, http or https), with a fresh key from `entropy`. No
/// extension is offered but `compression`, where it is not null. `Error::bad_argument` where the
/// options are not good, `Error::bad_url` where the target or the host are none.
[[nodiscard]] HAWSER_DECL Result<UpgradeRequest>
make_upgrade_request(const http::Url& url, const ClientHandshakeOptions& options, Entropy entropy,
                     std::shared_ptr<const Compression> compression = nullptr);

/// Judges the server's reply to `request` (RFC 6455 §4.1), but for extensions.
/// `Error::upgrade_refused` for any status but 101: redirects are not followed, and no body is
/// read.
[[nodiscard]] HAWSER_DECL std::error_code check_upgrade_reply(const http::ResponseHead& reply,
                                                              const UpgradeRequest& request);

/// What a good reply to `request` says about compression: null where it was not accepted, or an
/// error where the server accepted an extension that was not offered (§9.1: the client "MUST _Fail
/// the WebSocket Connection_").
[[nodiscard]] HAWSER_DECL Result<std::unique_ptr<MessageCodec>>
agreed_codec(const http::ResponseHead& reply, const UpgradeRequest& request);

/// The value of Sec-WebSocket-Accept that answers `key` (RFC 6455 §4.2.2).
[[nodiscard]] HAWSER_DECL std::string accept_value(std::string_view key);

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/handshake.ipp>
#endif
