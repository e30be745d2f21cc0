#include <hawser/transport/tls.hpp>

#include "net/tls_certificate.hpp"
#include "support/failing_talk.hpp"

#include <memory>

// What a stream of TLS asks of its socket fails at each call in turn, in the handshake, under the
// channel and in the goodbye.

namespace {

template <class T>
void check_each_failure(hawser::Role role) {
    const test::Certificate certificate{"localhost"};
    const auto server = certificate.server();
    const auto client = certificate.client();
    const auto calls =
        test::calls_of<T>(role, {.acceptor = std::make_shared<hawser::TlsAcceptor>(server),
                                 .dialer = std::make_shared<hawser::TlsDialer>(client)});
    CHECK(calls > 8);
    // No stream is left: each would hold its context.
    CHECK(server.use_count() == 1);
    CHECK(client.use_count() == 1);
}

}  // namespace

TEST_CASE_TEMPLATE("A26 whichever call of a client fails, a channel over TLS ends once", T,
                   hawser::WebSocket, hawser::LongPolling) {
    check_each_failure<T>(hawser::Role::client);
}

TEST_CASE_TEMPLATE("A26 whichever call of a server fails, a channel over TLS ends once", T,
                   hawser::WebSocket, hawser::LongPolling) {
    check_each_failure<T>(hawser::Role::server);
}
