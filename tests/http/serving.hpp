#pragma once

#include <http/pieces.hpp>
#include <support/pass_time.hpp>
#include <support/start.hpp>

#include <hawser/http/server_connection.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace test {

using hawser::http::Request;
using hawser::http::Response;
using hawser::http::ServerConnection;
using hawser::http::ServerConnectionOptions;

/// The answer that tells what was understood: method, target and body of the request.
inline Response echo(const Request& request) {
    const std::string_view body = hawser::as_characters(request.body);
    Response response;
    response.body.append(request.head.method + ' ' + request.head.target + ' ' + std::string{body});
    return response;
}

/// A link and a host around a server connection: gives it bytes as a link does, answers as it is
/// told, and writes down what happens.
class Serving {
public:
    using OnHead = std::function<void(ServerConnection&, const ServerConnection::Head&)>;
    using OnRequest = std::function<std::optional<Response>(const Request&)>;

    explicit Serving(const ServerConnectionOptions& options = {})
        : options_{options}, connection{options_, start} {}
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

    void receive(std::string_view bytes) {
        unread_.append(bytes);
        pump();
    }
    void receive_eof() {
        connection.receive_eof(now);
        settle();
    }
    void respond(Response response) {
        connection.respond(std::move(response), now);
        settle();
        pump();
    }
    /// Lets time pass; the deadline is kept if it falls into it.
    void pass(hawser::Duration time) {
        test::pass_time(connection, now, time, [this] { settle(); });
    }

    [[nodiscard]] std::size_t count(std::string_view event) const {
        std::size_t found = 0;
        for (const std::string& one : events) found += one.starts_with(event) ? 1 : 0;
        return found;
    }
    /// The status lines of the answers, without version and reason.
    [[nodiscard]] std::vector<std::string> statuses() const {
        constexpr std::string_view version = "HTTP/1.1 ";
        std::vector<std::string> found;
        for (std::size_t at = output.find(version); at != std::string::npos;
             at = output.find(version, at + 1)) {
            found.push_back(output.substr(at + version.size(), 3));
        }
        return found;
    }

private:
    void pump() {
        while (!unread_.empty()) {
            const std::span<char> bytes{unread_};
            const std::size_t consumed = connection.receive(std::as_writable_bytes(bytes), now);
            unread_.erase(0, consumed);
            settle();
            if (consumed == 0) return;
        }
    }

    void settle() {
        while (auto event = connection.poll_event()) {
            REQUIRE(!is_closed_);
            std::visit([this](auto& one) { take(one); }, *event);
        }
        hawser::Output taken;
        connection.take_output(taken, 1 << 20, now);
        const auto bytes = taken.flatten();
        output += hawser::as_characters(bytes);
        CHECK(connection.finished() == is_closed_);
    }

    void take(ServerConnection::Head& head) {
        events.push_back("head " + head.head->method + ' ' + head.head->target);
        if (on_head) on_head(connection, head);
    }
    void take(Request& request) {
        const std::string_view body = hawser::as_characters(request.body);
        events.push_back("request " + request.head.method + ' ' + request.head.target + ' ' +
                         std::string{body.substr(0, 100)});
        auto response = on_request ? on_request(request) : echo(request);
        if (response) connection.respond(*std::move(response), now);
    }
    void take(ServerConnection::Interrupted&) { events.emplace_back("interrupted"); }
    void take(ServerConnection::Closed& closed) {
        is_closed_ = true;
        events.push_back("closed: " + closed.error.message());
        error = closed.error;
    }

    ServerConnectionOptions options_;
    std::string unread_;
    bool is_closed_ = false;

public:
    ServerConnection connection;
    hawser::TimePoint now = start;
    OnHead on_head;
    OnRequest on_request;
    std::vector<std::string> events;
    std::string output;
    std::error_code error;
};

/// What a server makes of `input`, the same in whatever pieces it arrives.
struct Outcome {
    std::vector<std::string> events;
    std::string output;
    std::vector<std::string> statuses;
    std::error_code error;

    friend bool operator==(const Outcome& a, const Outcome& b) {
        return a.events == b.events && a.output == b.output;
    }
};

inline Outcome serve(std::string_view input, const ServerConnectionOptions& options = {},
                     const Serving::OnHead& on_head = {}) {
    std::optional<Outcome> first;
    for (const auto& pieces : all_splits(input)) {
        Serving serving{options};
        serving.on_head = on_head;
        for (const std::string& piece : pieces) serving.receive(piece);
        Outcome outcome{serving.events, serving.output, serving.statuses(), serving.error};
        if (!first) first = outcome;
        CAPTURE(pieces.size());
        CHECK(outcome.events == first->events);
        CHECK(outcome.output == first->output);
    }
    return *first;
}

/// A complete request with `lines` among its fields.
inline std::string get(std::string_view lines = "", std::string_view target = "/") {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n";
}
inline std::string post(std::string_view lines, std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n" + std::string{body};
}
inline std::string post_chunked(std::string_view body) {
    return post("Transfer-Encoding: chunked\r\n", body);
}

/// Whether `input` was answered with one of `statuses`, only that, and the connection closed
/// without a request having been seen.
inline bool is_refused(std::string_view input, std::vector<std::string> statuses = {"400"},
                       const ServerConnectionOptions& options = {}) {
    const Outcome outcome = serve(input, options);
    CAPTURE(outcome.output.substr(0, 1000));
    CHECK(outcome.statuses.size() == 1);
    for (const std::string& event : outcome.events) CHECK(!event.starts_with("request"));
    if (outcome.events.empty() || !outcome.events.back().starts_with("closed")) return false;
    if (outcome.output.find("Connection: close\r\n") == std::string::npos) return false;
    return outcome.statuses.size() == 1 &&
           std::ranges::find(statuses, outcome.statuses[0]) != statuses.end();
}

}  // namespace test
