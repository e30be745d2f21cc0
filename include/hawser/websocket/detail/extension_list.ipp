#pragma once

#include <hawser/websocket/extension_list.hpp>

#include <hawser/http/grammar.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

namespace detail {

/// What is left of a list of extensions.
class ExtensionText {
public:
    explicit ExtensionText(std::string_view text) noexcept : rest_{http::trim_blanks(text)} {}

    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool is_at(char c) const noexcept { return rest_.starts_with(c); }

    /// Takes `c` off, if it is next, and the blanks around it.
    [[nodiscard]] bool take(char c) noexcept {
        if (!is_at(c)) return false;
        rest_ = http::trim_blanks(rest_.substr(1));
        return true;
    }
    /// Takes the longest token off, and the blanks behind it; empty where there is none.
    [[nodiscard]] std::string_view take_token() noexcept {
        const auto end = std::ranges::find_if_not(
            rest_, [](char c) { return http::is_token({&c, 1}); });
        const auto token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_ = http::trim_blanks(rest_.substr(token.size()));
        return token;
    }
    /// Takes a token off, or a quoted string, of which §9.1 says: "the value after quoted-string
    /// unescaping MUST conform to the 'token' ABNF".
    [[nodiscard]] std::optional<std::string> take_value() {
        std::string value{is_at('"') ? take_quoted() : take_token()};
        if (!http::is_token(value)) return std::nullopt;
        return value;
    }

private:
    /// What is between two quotes; empty where the second is missing.
    [[nodiscard]] std::string take_quoted() {
        std::string unescaped;
        for (std::size_t at = 1; at != rest_.size(); ++at) {
            if (rest_[at] == '"') {
                rest_ = http::trim_blanks(rest_.substr(at + 1));
                return unescaped;
            }
            if (rest_[at] == '\\' && ++at == rest_.size()) break;
            unescaped += rest_[at];
        }
        return {};
    }

    std::string_view rest_;
};

[[nodiscard]] inline std::optional<ExtensionParameter> parse_parameter(ExtensionText& text) {
    ExtensionParameter parameter{.name = text.take_token(), .value = {}};
    if (parameter.name.empty()) return std::nullopt;
    if (!text.take('=')) return parameter;
    parameter.value = text.take_value();
    if (!parameter.value) return std::nullopt;
    return parameter;
}

[[nodiscard]] inline std::optional<Extension> parse_extension(ExtensionText& text) {
    Extension extension{.name = text.take_token(), .parameters = {}};
    if (extension.name.empty()) return std::nullopt;
    while (text.take(';')) {
        auto parameter = parse_parameter(text);
        if (!parameter) return std::nullopt;
        extension.parameters.push_back(*std::move(parameter));
    }
    return extension;
}

}  // namespace detail

HAWSER_DECL std::optional<std::vector<Extension>> parse_extensions(std::string_view list) {
    std::vector<Extension> extensions;
    detail::ExtensionText text{list};
    do {
        if (text.empty() || text.is_at(',')) continue;
        auto extension = detail::parse_extension(text);
        if (!extension) return std::nullopt;
        extensions.push_back(*std::move(extension));
    } while (text.take(','));
    if (!text.empty()) return std::nullopt;
    return extensions;
}

}  // namespace hawser::inline HAWSER_MODE::websocket
