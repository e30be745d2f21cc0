#pragma once

#include <hawser/websocket/deflate_negotiation.hpp>

#include <hawser/core/role.hpp>
#include <hawser/http/grammar.hpp>
#include <hawser/websocket/extension_list.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

namespace detail {

inline constexpr std::string_view deflate_name = "permessage-deflate";
inline constexpr int least_window_bits = DeflateDirection::least_window_bits;
inline constexpr int most_window_bits = DeflateDirection::most_window_bits;

/// "a decimal integer value without leading zeroes between 8 to 15, inclusive" (§7.1.2).
[[nodiscard]] inline std::optional<int> parse_window_bits(std::string_view value) {
    if (value == "8" || value == "9") return value.front() - '0';
    const bool fits = value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5';
    if (!fits) return std::nullopt;
    return 10 + (value[1] - '0');
}

/// The parameters of one offer or answer, each at most once; nothing where it is not there.
struct DeflateParameters {
    bool server_no_context_takeover = false;
    bool client_no_context_takeover = false;
    std::optional<int> server_max_window_bits = {};
    std::optional<int> client_max_window_bits = {};

    /// Whether `parameter`, said by `from`, may be there.
    [[nodiscard]] bool take(const ExtensionParameter& parameter, Role from) {
        const auto& [name, value] = parameter;
        if (name == "server_no_context_takeover") return set(server_no_context_takeover, value);
        if (name == "client_no_context_takeover") return set(client_no_context_takeover, value);
        if (name == "server_max_window_bits") return set(server_max_window_bits, value);
        if (name != "client_max_window_bits") return false;
        // §7.1.2.2: in an offer it may stand alone, to say that it may be answered.
        const bool stands_alone = from == Role::client && !value;
        return set(client_max_window_bits, stands_alone ? "15" : value);
    }

private:
    [[nodiscard]] static bool set(bool& flag, const std::optional<std::string>& value) {
        return !value && !std::exchange(flag, true);
    }
    [[nodiscard]] static bool set(std::optional<int>& bits,
                                  const std::optional<std::string>& value) {
        if (bits || !value) return false;
        bits = parse_window_bits(*value);
        return bits.has_value();
    }
};

[[nodiscard]] inline std::optional<DeflateParameters>
deflate_parameters(const Extension& extension, Role from) {
    if (extension.name != deflate_name) return std::nullopt;
    DeflateParameters parameters;
    const bool good = std::ranges::all_of(extension.parameters, [&](const auto& parameter) {
        return parameters.take(parameter, from);
    });
    if (!good) return std::nullopt;
    return parameters;
}

[[nodiscard]] inline std::string parameter(std::string_view name) {
    return "; " + std::string{name};
}
[[nodiscard]] inline std::string parameter(std::string_view name, int value) {
    return parameter(name) + '=' + std::to_string(value);
}

/// `agreement` in words, without what goes without saying.
[[nodiscard]] inline std::string described(const DeflateAgreement& agreement) {
    const auto& [server, client] = agreement;
    std::string text{deflate_name};
    if (!server.context_takeover) text += parameter("server_no_context_takeover");
    if (!client.context_takeover) text += parameter("client_no_context_takeover");
    if (server.window_bits != most_window_bits) {
        text += parameter("server_max_window_bits", server.window_bits);
    }
    if (client.window_bits != most_window_bits) {
        text += parameter("client_max_window_bits", client.window_bits);
    }
    return text;
}

[[nodiscard]] inline std::optional<AcceptedDeflate> accept(const DeflateParameters& wish,
                                                           const DeflateOptions& options) {
    const auto& [send, receive, level, memory_level, threshold] = options;
    const int server_bits = wish.server_max_window_bits.value_or(send.window_bits);
    if (server_bits < least_window_bits) return std::nullopt;
    const int client_bits = wish.client_max_window_bits.value_or(most_window_bits);
    AcceptedDeflate accepted{
        .agreement = {.server = {.window_bits = std::min(server_bits, send.window_bits),
                                 .context_takeover =
                                     send.context_takeover && !wish.server_no_context_takeover},
                      .client = {.window_bits = client_bits,
                                 .context_takeover = receive.context_takeover &&
                                                     !wish.client_no_context_takeover}},
        .field = {}};
    auto& [server, client] = accepted.agreement;
    // §7.1.2.2: without the client's word a server must not ask it for a smaller window.
    if (wish.client_max_window_bits) {
        client.window_bits = std::min(client_bits, receive.window_bits);
    }
    accepted.field = described(accepted.agreement);
    // §7.1.2.1: a server accepts what it is asked for "by including" it, even what is largest.
    if (wish.server_max_window_bits && server.window_bits == most_window_bits) {
        accepted.field += parameter("server_max_window_bits", most_window_bits);
    }
    return accepted;
}

}  // namespace detail

HAWSER_DECL std::error_code check(const DeflateOptions& options) noexcept {
    const auto is_in = [](int value, int least, int most) {
        return value >= least && value <= most;
    };
    const auto is_window = [&](int bits) {
        return is_in(bits, detail::least_window_bits, detail::most_window_bits);
    };
    const bool good = is_window(options.send.window_bits) &&
                      is_window(options.receive.window_bits) && is_in(options.level, 1, 9) &&
                      is_in(options.memory_level, 1, 9);
    if (!good) return Error::bad_argument;
    return {};
}

HAWSER_DECL std::optional<AcceptedDeflate> accept_deflate(std::string_view offers,
                                                         const DeflateOptions& options) {
    const auto extensions = parse_extensions(offers);
    if (!extensions) return std::nullopt;
    for (const Extension& offer : *extensions) {
        const auto wish = detail::deflate_parameters(offer, Role::client);
        if (!wish) continue;
        if (auto accepted = detail::accept(*wish, options)) return accepted;
    }
    return std::nullopt;
}

HAWSER_DECL std::string deflate_offer(const DeflateOptions& options) {
    std::string offer = detail::described({.server = options.receive, .client = options.send});
    if (options.send.window_bits == detail::most_window_bits) {
        offer += detail::parameter("client_max_window_bits");
    }
    return offer;
}

HAWSER_DECL Result<DeflateAgreement> read_deflate_answer(std::string_view answer,
                                                         const DeflateOptions& options) {
    const auto extensions = parse_extensions(answer);
    if (!extensions || extensions->size() != 1) return Error::unrequested_extension;
    const auto said = detail::deflate_parameters(extensions->front(), Role::server);
    if (!said) return Error::unrequested_extension;
    using detail::most_window_bits;
    const DeflateAgreement agreement{
        .server = {.window_bits = said->server_max_window_bits.value_or(most_window_bits),
                   .context_takeover = !said->server_no_context_takeover},
        .client = {.window_bits =
                       said->client_max_window_bits.value_or(options.send.window_bits),
                   .context_takeover =
                       options.send.context_takeover && !said->client_no_context_takeover}};
    const bool is_offered =
        agreement.server.window_bits <= options.receive.window_bits &&
        agreement.client.window_bits <= options.send.window_bits &&
        (options.receive.context_takeover || !agreement.server.context_takeover);
    if (!is_offered) return Error::unrequested_extension;
    return agreement;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
