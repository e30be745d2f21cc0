#pragma once

#include <hawser/core/config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE::websocket {

/// A parameter of an extension.
struct ExtensionParameter {
    std::string_view name;
    /// Without quotes; nothing where there is no `=`.
    std::optional<std::string> value;
};

/// An extension as it is offered or accepted.
struct Extension {
    std::string_view name;
    std::vector<ExtensionParameter> parameters;
};

/// Reads the value of Sec-WebSocket-Extensions (RFC 6455 §9.1), in order; empty elements count as
/// nothing. The names refer to `list`. Nothing where it is malformed, be it at the very end.
[[nodiscard]] HAWSER_DECL std::optional<std::vector<Extension>>
parse_extensions(std::string_view list);

}  // namespace hawser::inline HAWSER_MODE::websocket

#if !defined(HAWSER_COMPILED)
#include <hawser/websocket/detail/extension_list.ipp>
#endif
