#pragma once

#include <hawser/http/request.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// The address that trusted proxies say a request came from: the last in `X-Forwarded-For` that is
/// not a proxy of ours. Each proxy appends whom it heard from, so what stands further left was said
/// by somebody who is not trusted. `peer` is whom the request came from directly; nothing where it
/// is no trusted proxy, or where the field does not end in addresses.
[[nodiscard]] HAWSER_DECL std::optional<std::string> forwarded_address(
    const http::RequestHead& head, std::string_view peer,
    const std::vector<std::string>& trusted_proxies);

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/forwarded.ipp>
#endif
