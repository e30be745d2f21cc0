#pragma once

#include <hawser/websocket/handshake.hpp>

#include <hawser/core/base64.hpp>
#include <hawser/http/grammar.hpp>
#include <hawser/http/semantics.hpp>
#include <hawser/http/status.hpp>
#include <hawser/websocket/detail/sha1.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

namespace detail {

inline constexpr std::string_view key_field = "Sec-WebSocket-Key";
inline constexpr std::string_view accept_field = "Sec-WebSocket-Accept";
inline constexpr std::string_view version_field = "Sec-WebSocket-Version";
inline constexpr std::string_view subprotocol_field = "Sec-WebSocket-Protocol";
inline constexpr std::string_view extension_field = "Sec-WebSocket-Extensions";
/// §4.1: "a nonce consisting of a randomly selected 16-byte value".
inline constexpr std::size_t key_size = 16;

[[nodiscard]] inline std::error_code check_subprotocols(const std::vector<std::string>& names) {
    for (auto name = names.begin(); name != names.end(); ++name) {
        const bool repeated = std::find(names.begin(), name, *name) != name;
        if (repeated || !http::is_token(*name)) return Error::bad_argument;
    }
    return {};
}

[[nodiscard]] inline std::error_code check_fields(const http::Fields& fields) {
    for (const auto [name, value] : fields) {
        if (http::is_reserved(name)) return Error::bad_argument;
    }
    return {};
}

[[nodiscard]] inline std::string join(const std::vector<std::string>& elements) {
    std::string list;
    for (const std::string& element : elements) {
        if (!list.empty()) list += ", ";
        list += element;
    }
    return list;
}

/// The value of a field that must be there exactly once.
[[nodiscard]] inline std::optional<std::string_view> single(const http::Fields& fields,
                                                            std::string_view name) {
    if (fields.count(name) != 1) return std::nullopt;
    return fields.find(name);
}

[[nodiscard]] inline bool is_key(std::optional<std::string_view> value) {
    if (!value) return false;
    const auto bytes = decode_base64(*value);
    return bytes && bytes->size() == key_size;
}

/// §4.2.1, one requirement after the other.
[[nodiscard]] inline std::error_code judge_upgrade(const http::RequestHead& head,
                                                   const HandshakeOptions& options,
                                                   http::Security security) {
    if (head.method != "GET" || !http::is_websocket_upgrade(head)) return Error::not_an_upgrade;
    const auto length = head.fields.find("Content-Length");
    if (head.fields.contains("Transfer-Encoding") || length.value_or("0") != "0") {
        return Error::unexpected_body;
    }
    if (single(head.fields, version_field) != "13") return Error::bad_websocket_version;
    if (!is_key(single(head.fields, key_field))) return Error::bad_websocket_key;
    return http::check_origin(head, options.origin, security);
}

/// The place in `spoken` of the best subprotocol that is offered; one pass over the offer, however
/// long it is.
[[nodiscard]] inline std::size_t best_offered(const http::Fields& fields,
                                              const std::vector<std::string>& spoken) {
    std::size_t best = spoken.size();
    for (const auto [name, value] : fields) {
        if (!http::equal_ignoring_case(name, subprotocol_field)) continue;
        for (std::string_view list = value; best != 0 && !list.empty();) {
            const std::string_view offered = http::take_list_element(list);
            const auto found = std::ranges::find(spoken, offered);
            best = std::min(best, static_cast<std::size_t>(found - spoken.begin()));
        }
    }
    return best;
}

/// The value of a field that may be there more than once, "combined by concatenating" (RFC 9110
/// §5.3); nothing where it is not there.
[[nodiscard]] inline std::optional<std::string> combined(const http::Fields& fields,
                                                         std::string_view name) {
    std::vector<std::string> values;
    for (const auto [known, value] : fields) {
        if (http::equal_ignoring_case(known, name)) values.emplace_back(value);
    }
    if (values.empty()) return std::nullopt;
    return join(values);
}

inline void accept_compression(const http::Fields& request, const Compression& compression,
                               Upgrade& upgrade) {
    const auto offers = combined(request, extension_field);
    auto accepted = offers ? compression.accept(*offers) : std::nullopt;
    if (!accepted) return;
    upgrade.response.fields.set(extension_field, accepted->field);
    upgrade.codec = std::move(accepted->codec);
}

[[nodiscard]] inline unsigned refusal_status(std::error_code error, const http::RequestHead& head) {
    if (error == Error::not_an_upgrade) return head.method == "GET" ? 400 : 405;
    return http::status_for(error);
}

[[nodiscard]] inline Refusal refuse(std::error_code error, const http::RequestHead& head) {
    Refusal refusal{http::make_text_response(refusal_status(error, head), error.message()), error};
    http::Fields& fields = refusal.response.fields;
    if (refusal.response.status == 405) fields.set("Allow", "GET");
    if (error == Error::bad_websocket_version) {
        fields.set("Upgrade", "websocket");
        // §4.4: the server answers with the versions it is capable of.
        fields.set(version_field, "13");
    }
    // Whatever follows the head is no HTTP request.
    if (error == Error::unexpected_body) fields.set("Connection", "close");
    return refusal;
}

[[nodiscard]] inline std::error_code check_reply_subprotocol(const http::Fields& fields,
                                                             const UpgradeRequest& request) {
    if (!fields.contains(subprotocol_field)) return {};
    const auto selected = single(fields, subprotocol_field);
    if (selected &&
        std::ranges::find(request.subprotocols, *selected) != request.subprotocols.end()) {
        return {};
    }
    return Error::unrequested_subprotocol;
}

}  // namespace detail

HAWSER_DECL std::error_code check(const HandshakeOptions& options) {
    if (const auto error = detail::check_subprotocols(options.subprotocols)) return error;
    return detail::check_fields(options.fields);
}

HAWSER_DECL std::error_code check(const ClientHandshakeOptions& options) {
    if (const auto error = detail::check_subprotocols(options.subprotocols)) return error;
    return detail::check_fields(options.fields);
}

HAWSER_DECL bool asks_for_websocket(const http::RequestHead& head) noexcept {
    return head.minor_version != 0 && head.fields.has_token("Upgrade", "websocket");
}

HAWSER_DECL std::string accept_value(std::string_view key) {
    constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return base64(detail::sha1(as_bytes(std::string{key}.append(guid))));
}

HAWSER_DECL std::variant<Upgrade, Refusal> accept_upgrade(const http::RequestHead& head,
                                                          const HandshakeOptions& options,
                                                          http::Security security,
                                                          const Compression* compression) {
    const auto error = detail::judge_upgrade(head, options, security);
    if (error) return detail::refuse(error, head);
    Upgrade upgrade{.response = {.status = 101, .fields = options.fields}, .subprotocol = {}};
    http::Fields& fields = upgrade.response.fields;
    fields.set("Upgrade", "websocket");
    fields.set("Connection", "Upgrade");
    fields.set(detail::accept_field, accept_value(*head.fields.find(detail::key_field)));
    if (compression != nullptr) detail::accept_compression(head.fields, *compression, upgrade);
    const std::size_t best = detail::best_offered(head.fields, options.subprotocols);
    if (best == options.subprotocols.size()) return upgrade;
    upgrade.subprotocol = options.subprotocols[best];
    fields.set(detail::subprotocol_field, upgrade.subprotocol);
    return upgrade;
}

HAWSER_DECL Result<UpgradeRequest>
make_upgrade_request(const http::Url& url, const ClientHandshakeOptions& options, Entropy entropy,
                     std::shared_ptr<const Compression> compression) {
    if (const auto error = check(options)) return error;
    // One that was made by hand may hold anything; what is parsed is good.
    if (!http::is_target(url.target) || !http::parse_authority(url.authority())) {
        return Error::bad_url;
    }
    std::array<std::byte, detail::key_size> nonce{};
    entropy.fill(nonce);
    const std::string key = base64(nonce);
    UpgradeRequest request{.head = {.target = url.target},
                           .accept = accept_value(key),
                           .subprotocols = options.subprotocols,
                           .compression = std::move(compression)};
    http::Fields& fields = request.head.fields;
    fields.add("Host", url.authority());
    fields.add("Upgrade", "websocket");
    fields.add("Connection", "Upgrade");
    fields.add(detail::key_field, key);
    fields.add(detail::version_field, "13");
    if (!options.subprotocols.empty()) {
        fields.add(detail::subprotocol_field, detail::join(options.subprotocols));
    }
    if (request.compression) fields.add(detail::extension_field, request.compression->offer());
    for (const auto [name, value] : options.fields)
        fields.add(name, value);
    return request;
}

HAWSER_DECL std::error_code check_upgrade_reply(const http::ResponseHead& reply,
                                                const UpgradeRequest& request) {
    const http::Fields& fields = reply.fields;
    if (reply.status != 101 || reply.minor_version == 0) return Error::upgrade_refused;
    // §4.1: the whole value must match, it is no list here.
    if (!http::equal_ignoring_case(fields.find("Upgrade").value_or(""), "websocket") ||
        fields.count("Upgrade") != 1 || !fields.has_token("Connection", "upgrade")) {
        return Error::upgrade_refused;
    }
    // RFC 9112 §6.1, RFC 9110 §8.6: neither may be in a 1xx response.
    if (fields.contains("Transfer-Encoding") ||
        fields.find("Content-Length").value_or("0") != "0") {
        return Error::unexpected_body;
    }
    if (detail::single(fields, detail::accept_field) != request.accept) {
        return Error::bad_websocket_accept;
    }
    return detail::check_reply_subprotocol(fields, request);
}

HAWSER_DECL Result<std::unique_ptr<MessageCodec>> agreed_codec(const http::ResponseHead& reply,
                                                               const UpgradeRequest& request) {
    const auto answer = detail::combined(reply.fields, detail::extension_field);
    if (!answer) return std::unique_ptr<MessageCodec>{};
    if (!request.compression) return Error::unrequested_extension;
    return request.compression->agree(*answer);
}

}  // namespace hawser::inline HAWSER_MODE::websocket
