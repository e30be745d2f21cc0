#pragma once

#include <hawser/server/handler_route.hpp>
#include <hawser/server/route.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// From path to what stands behind it. A path matches exactly; one that ends in `/*` matches all
/// that begins with what is before the star; the longest match wins. Several routes may share a
/// path: an upgrade goes to the first that takes upgrades, the rest to the first that does not.
/// To be filled before a server uses it, and not changed afterwards.
class Router {
public:
    Router() = default;

    /// Puts `route` at `path`.
    void add(std::string path, std::shared_ptr<Route> route) {
        entries_.push_back({std::move(path), std::move(route)});
    }

    /// Puts an endpoint at `path`; the endpoint's object may be gone before the router.
    template <class E>
        requires requires(const E& endpoint) { endpoint.route(); }
    void add(std::string path, const E& endpoint) {
        add(std::move(path), std::shared_ptr<Route>{endpoint.route()});
    }

    /// Puts a handler at `path`, for the application's plain HTTP: called with an `http::Request`,
    /// it returns an `http::Response` or an `asio::awaitable` of one, run on the connection's
    /// executor.
    template <RequestHandler Handler>
    void add(std::string path, Handler handler, HandlerOptions options = {}) {
        add(std::move(path),
            std::make_shared<HandlerRoute<Handler>>(std::move(handler), std::move(options)));
    }

    /// The route for a request; null where none matches.
    [[nodiscard]] std::shared_ptr<Route> find(const http::RequestHead& head) const;

    /// Calls `visit(Route&)` once for each route.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
            const auto same = [&](const Entry& other) { return other.route == entry->route; };
            if (std::find_if(entries_.begin(), entry, same) == entry) visit(*entry->route);
        }
    }

private:
    struct Entry {
        std::string path;
        std::shared_ptr<Route> route;
    };

    /// How many characters of `pattern` match; nothing where it does not match.
    [[nodiscard]] static std::optional<std::size_t> match(std::string_view pattern,
                                                          std::string_view path) noexcept;

    std::vector<Entry> entries_;
};

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/router.ipp>
#endif
