#pragma once

#include <support/pass_time.hpp>
#include <support/start.hpp>

#include <hawser/http/client_connection.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace test {

using hawser::http::ClientConnection;
using hawser::http::ClientConnectionOptions;
using hawser::http::ReceivedResponse;

inline hawser::Output output_of(std::string_view text) {
    hawser::Output output;
    output.append(text);
    return output;
}

/// A link around a client connection; writes down what happens.
struct Calling {
    ClientConnectionOptions options = {};
    ClientConnection connection{options, start};
    hawser::TimePoint now = start;
    std::string unread = {};
    std::vector<std::string> events = {};
    std::string sent = {};
    std::error_code error = {};

    void request(const std::string& method = "GET", std::string_view body = "",
                 const hawser::http::ExchangeTimes& times = {}) {
        connection.request({.method = method, .fields = {{"Host", "a"}}}, output_of(body), times,
                           now);
        settle();
    }
    void receive(std::string_view bytes) {
        unread += bytes;
        while (!unread.empty()) {
            const auto consumed =
                connection.receive(std::as_writable_bytes(std::span<char>{unread}), now);
            unread.erase(0, consumed);
            settle();
            if (consumed == 0) break;
        }
    }
    void receive_eof() {
        connection.receive_eof(now);
        settle();
    }
    void pass(hawser::Duration time) {
        test::pass_time(connection, now, time, [this] { settle(); });
    }
    void settle() {
        while (auto event = connection.poll_event()) {
            REQUIRE(!error);
            if (auto* response = std::get_if<ReceivedResponse>(&*event)) {
                events.push_back(std::to_string(response->head.status) + ' ' +
                                 std::string{hawser::as_characters(response->body)});
            } else {
                error = std::get<ClientConnection::Closed>(*event).error;
            }
        }
        hawser::Output taken;
        connection.take_output(taken, 1 << 20, now);
        const auto bytes = taken.flatten();
        sent += hawser::as_characters(bytes);
        CHECK(connection.finished() == static_cast<bool>(error));
    }
};

}  // namespace test
