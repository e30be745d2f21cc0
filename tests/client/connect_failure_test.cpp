#include <hawser/client/connect.hpp>

#include "support/failing_talk.hpp"

// What a client, or its server, asks of the system fails at each call in turn: to resolve a name,
// to open a socket, to connect, to wait, to read and to write, until the talk survives.

TEST_CASE_TEMPLATE("A26 whichever call fails, a client connects once or is told once why not", T,
                   hawser::WebSocket, hawser::LongPolling, hawser::Polling) {
    CHECK(test::calls_of<T>(hawser::Role::client) > 8);
}

TEST_CASE_TEMPLATE("A26 whichever call of a server's connection fails, each channel ends once", T,
                   hawser::WebSocket, hawser::LongPolling, hawser::Polling) {
    CHECK(test::calls_of<T>(hawser::Role::server) > 4);
}
