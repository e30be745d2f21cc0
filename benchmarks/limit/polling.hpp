#pragma once

#include "connection.hpp"
#include "http.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace limit {

/// Sessions that echo what they are sent, by requests of Hawser's polling protocol as the generator
/// makes them; no repeat, no limit and no timeout is known.
class PollingSessions {
public:
    explicit PollingSessions(BlockStore& store) noexcept : store_{store} {}

    enum class Hold : std::uint8_t { allowed, none };

    void serve(Connection& connection, const Request& request, Hold hold) {
        const std::string_view token = request.field("\r\nHawser-Session: ");
        if (token.empty()) return open(connection);
        Session& session = sessions_.at(request.number("\r\nHawser-Session: "));
        if (request.is_post()) {
            take(connection, session, request.body);
        } else if (session.waiting.empty() && hold == Hold::allowed) {
            session.held = &connection;
        } else {
            answer(connection, session);
        }
    }

    /// The connection is about to be no more.
    void forget(const Connection& connection) noexcept {
        for (Session& session : sessions_) {
            if (session.held == &connection) session.held = nullptr;
        }
    }

private:
    struct Session {
        Connection* held = nullptr;
        /// Frames that no request has asked for yet.
        std::string waiting;
        std::uint64_t received = 0;
        std::uint64_t sent = 0;
    };

    void open(Connection& connection) {
        reply_ = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n";
        reply_ += fixed_fields;
        reply_ += "Hawser-Session: " + std::to_string(sessions_.size()) + "\r\n\r\n";
        sessions_.emplace_back();
        connection.send(reply_, store_);
    }

    void take(Connection& connection, Session& session, std::string_view frames) {
        session.received += count(frames);
        reply_ = "HTTP/1.1 204 No Content\r\n";
        reply_ += fixed_fields;
        reply_ += "Hawser-Received: " + std::to_string(session.received) + "\r\n\r\n";
        connection.send(reply_, store_);
        session.waiting += frames;
        if (session.held != nullptr) answer(*std::exchange(session.held, nullptr), session);
    }

    void answer(Connection& connection, Session& session) {
        if (session.waiting.empty()) {
            reply_ = "HTTP/1.1 204 No Content\r\n";
            reply_ += fixed_fields;
        } else {
            reply_ = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.hawser.frames\r\n";
            reply_ += fixed_fields;
            reply_ += "Hawser-First: " + std::to_string(session.sent + 1) +
                      "\r\nContent-Length: " + std::to_string(session.waiting.size()) + "\r\n";
        }
        reply_ += "Hawser-Received: " + std::to_string(session.received) + "\r\n\r\n";
        reply_ += session.waiting;
        session.sent = session.received;
        session.waiting.clear();
        connection.send(reply_, store_);
    }

    /// How many unmasked frames there are.
    static std::uint64_t count(std::string_view frames) noexcept {
        std::uint64_t number = 0;
        for (std::size_t at = 0; at + 2 <= frames.size(); ++number) {
            const auto byte = [&](std::size_t i) {
                return static_cast<unsigned char>(frames[at + i]);
            };
            const std::size_t bytes = byte(1) == 126 ? 2 : byte(1) == 127 ? 8 : 0;
            std::size_t length = bytes == 0 ? byte(1) : 0;
            for (std::size_t i = 0; i != bytes; ++i)
                length = length << 8 | byte(2 + i);
            at += 2 + bytes + length;
        }
        return number;
    }

    static constexpr std::string_view fixed_fields =
        "Hawser: 1\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";

    BlockStore& store_;
    std::vector<Session> sessions_;
    std::string reply_;
};

}  // namespace limit
