#pragma once

#include "server/hostile.hpp"
#include "support/raw_client.hpp"
#include "support/raw_frames.hpp"

#include <string>
#include <string_view>

namespace test {

// The requests of the polling protocol, as a hostile client may write them.

[[nodiscard]] inline std::string receive_request(std::string_view session, unsigned number,
                                                 unsigned after, std::string_view more = {}) {
    return "GET /polling HTTP/1.1\r\nHost: a\r\nHawser-Session: " + std::string{session} +
           "\r\nHawser-Request: " + std::to_string(number) +
           "\r\nHawser-After: " + std::to_string(after) + "\r\n" + std::string{more} + "\r\n";
}

[[nodiscard]] inline std::string send_request(std::string_view session, unsigned first,
                                              std::string_view body, std::string_view more = {}) {
    return "POST /polling HTTP/1.1\r\nHost: a\r\nHawser-Session: " + std::string{session} +
           "\r\nHawser-First: " + std::to_string(first) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string{more} +
           "\r\n" + std::string{body};
}

[[nodiscard]] inline std::string open_request(std::string_view more = {}) {
    return "POST /polling HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + std::string{more} +
           "\r\n";
}

/// The token of a new session.
inline std::string open(RawClient& client, std::string_view more = {}) {
    const std::string answer = client.ask(open_request(more));
    REQUIRE(status_of(answer) == 201);
    return field_of(answer, "Hawser-Session");
}

[[nodiscard]] inline std::string body_of(std::string_view response) {
    return std::string{response.substr(response.find("\r\n\r\n") + 4)};
}

/// The session is as before: what is sent on it comes back.
inline void check_unharmed(RawClient& client, const std::string& session, unsigned request,
                           unsigned first) {
    const std::string frame = plain_frame(0x81, "fine");
    CHECK(status_of(client.ask(send_request(session, first, frame))) == 204);
    const std::string answer = client.ask(receive_request(session, request, first - 1));
    CHECK(status_of(answer) == 200);
    CHECK(body_of(answer) == frame);
}

/// A town, and a client in it that has a session.
struct Visit : Town {
    RawClient client = connect();
    const std::string session = open(client);
};

}  // namespace test
