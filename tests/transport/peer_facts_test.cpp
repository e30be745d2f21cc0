#include <hawser/transport/peer_facts.hpp>

#include <doctest/doctest.h>

#include <type_traits>

static_assert(std::is_aggregate_v<hawser::PeerFacts>);

TEST_CASE("what is known of a peer begins what its channel says") {
    const hawser::PeerFacts peer{.address = "192.0.2.7",
                                 .port = 1234,
                                 .security = hawser::http::Security::tls,
                                 .tls_version = "TLSv1.3",
                                 .tls_cipher = "TLS_AES_128_GCM_SHA256"};
    const hawser::ChannelFacts info{peer.as_facts()};
    CHECK(info.peer_address() == "192.0.2.7");
    CHECK(info.peer_port() == 1234);
    CHECK(info.tls_version() == "TLSv1.3");
    CHECK(info.tls_cipher() == "TLS_AES_128_GCM_SHA256");
    CHECK(info.is_encrypted());
}

TEST_CASE("a peer of which nothing is known came unprotected") {
    const hawser::PeerFacts peer;
    CHECK(peer.security == hawser::http::Security::plain);
    CHECK(peer.place == nullptr);
    CHECK_FALSE(hawser::ChannelFacts{peer.as_facts()}.is_encrypted());
}
