#pragma once

#include <websocket/driven.hpp>

#include <string>
#include <vector>

namespace test {

constexpr unsigned rsv1 = 0b100;

/// A frame from a client.
inline Bytes frame(unsigned opcode, unsigned reserved, hawser::ByteView payload, bool fin = true) {
    return encode({.opcode = opcode, .fin = fin, .reserved = reserved, .key = some_key}, payload);
}

/// What a `Server` with `options` says to `bytes`, which must be the same however they are split.
/// The engine that it drives is its member `driven`.
template <class Server>
std::vector<std::string> outcome_of(const Bytes& bytes,
                                    const hawser::websocket::ConnectionOptions& options) {
    Random random;
    CAPTURE(random.seed());
    std::vector<std::string> first;
    for (const auto& pieces : all_splits(bytes, random)) {
        Server server{options};
        for (const auto& piece : pieces)
            server.driven.receive(piece);
        if (first.empty()) first = server.driven.events;
        REQUIRE(server.driven.events == first);
    }
    return first;
}

}  // namespace test
