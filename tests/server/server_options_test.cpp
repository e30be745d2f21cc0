#include <hawser/server/server_options.hpp>

#include <doctest/doctest.h>

#include <type_traits>

static_assert(std::is_aggregate_v<hawser::ServerOptions>);

TEST_CASE("by default a server believes no proxy, limits everything, and shares no port") {
    const hawser::ServerOptions options;
    CHECK(options.trusted_proxies.empty());
    CHECK(options.tls == nullptr);
    CHECK_FALSE(options.listen.reuse_port);
    CHECK(options.caps.connections == 65536);
    CHECK(options.http.head.bytes == 16 * 1024);
    CHECK(options.http.head.fields == 100);
    CHECK(options.http.body == (1 << 20) + 256);
    CHECK(options.http.head_timeout == std::chrono::seconds{10});
    CHECK(options.link.write_stall == std::chrono::seconds{30});
}
