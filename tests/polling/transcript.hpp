#pragma once

#include <hawser/polling/door.hpp>
#include <hawser/polling/server_session.hpp>
#include <hawser/session/token.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::polling {

/// Plays a transcript of the protocol against a door and one session behind it, on simulated time.
class TranscriptPlayer {
public:
    void play(const std::vector<std::string>& lines) {
        for (const std::string& line : lines) {
            CAPTURE(line);
            if (line.empty()) continue;
            if (line.starts_with("--")) {
                finish_request();
                happens(line.substr(3));
            } else if (line.substr(1, 2) == "> ") {
                request_line(line.front(), line.substr(3));
            } else {
                REQUIRE(line.substr(1, 2) == "< ");
                finish_request();
                reply_line(line.front(), line.substr(3));
            }
        }
        finish_request();
        CHECK(unheard_.empty());
    }

private:
    /// The bytes of "[81 02 68 69]".
    static std::string bytes_of(std::string_view line) {
        std::string bytes;
        for (std::size_t at = 1; at + 2 < line.size(); at += 3) {
            bytes += static_cast<char>(std::stoi(std::string{line.substr(at, 2)}, nullptr, 16));
        }
        return bytes;
    }
    std::string with_token(std::string text) const {
        const auto at = text.find("TOKEN");
        return at == std::string::npos ? text : text.replace(at, 5, token_);
    }

    void request_line(char name, const std::string& line) {
        if (!request_ || name != request_name_) {
            finish_request();
            const auto blank = line.find(' ');
            request_ = http::Request{
                {.method = line.substr(0, blank), .target = with_token(line.substr(blank + 1))},
                {}};
            request_->head.fields.add("Host", "example.com");
            request_name_ = name;
            return;
        }
        if (line.front() == '[') {
            const std::string body = bytes_of(line);
            const auto view = as_bytes(body);
            request_->body.assign(view.begin(), view.end());
            return;
        }
        const auto colon = line.find(": ");
        request_->head.fields.add(line.substr(0, colon), with_token(line.substr(colon + 2)));
    }

    void finish_request() {
        if (!request_) return;
        http::Request request = *std::move(request_);
        request_.reset();
        if (!request.body.empty()) {
            request.head.fields.add("Content-Length", std::to_string(request.body.size()));
        }
        Call call = door_.read(std::move(request), http::Security::plain);
        std::visit([this](auto& content) { take(content); }, call);
        collect();
    }
    static void no_jitter(void*, MutableBytes into) { std::ranges::fill(into, std::byte{0}); }
    void take(OpenCall&) {
        token_ = session::make_token(system_entropy(), 0);
        session_.emplace(options_, Entropy{&no_jitter, nullptr}, now_);
        replies_[request_name_] = door_.opened(token_, {});
    }
    void take(ReceiveCall& call) {
        if (!find(call.token)) return;
        session_->receive(static_cast<RequestId>(request_name_), call.request, now_);
    }
    void take(SendCall& call) {
        if (!find(call.token)) return;
        session_->send(static_cast<RequestId>(request_name_), std::move(call.request), now_);
    }
    void take(http::Response& response) { replies_[request_name_] = std::move(response); }
    bool find(const std::string& token) {
        if (session_ && !session_->finished() && token == token_) return true;
        replies_[request_name_] = door_.refuse(Refusal::unknown_session, {});
        return false;
    }

    void collect() {
        if (!session_) return;
        while (auto event = session_->poll_event()) {
            if (const auto* const message = std::get_if<Message>(&*event)) {
                unheard_.emplace_back(message->view());
            } else if (const auto* const closed = std::get_if<ServerSession::Closed>(&*event)) {
                closed_ = closed->reason.code;
            } else if (auto* const answer = std::get_if<ServerSession::Answer>(&*event)) {
                replies_[static_cast<char>(answer->request)] =
                    door_.respond(std::move(answer->reply), {});
            }
        }
    }

    void happens(std::string_view line) {
        const auto rest_after = [&line](std::string_view start) {
            if (!line.starts_with(start)) return false;
            line.remove_prefix(start.size());
            return true;
        };
        if (rest_after("the server says: ")) {
            (void)session_->send_message(Message::text(line), now_);
        } else if (rest_after("the server closes: ")) {
            const auto code = static_cast<std::uint16_t>(std::stoi(std::string{line}));
            session_->close({.code = code}, now_);
        } else if (rest_after("the server hears: ")) {
            REQUIRE_FALSE(unheard_.empty());
            CHECK(unheard_.front() == (line == "\\xFF" ? "\xFF" : line));
            unheard_.pop_front();
        } else if (rest_after("the server is closed: ")) {
            CHECK(std::to_string(closed_) == line);
        } else {
            REQUIRE(line.ends_with(" ms pass"));
            now_ += std::chrono::milliseconds{std::stoi(std::string{line})};
            session_->tick(now_);
        }
        collect();
    }

    void reply_line(char name, const std::string& line) {
        if (line == "held") {
            CHECK_FALSE(replies_.contains(name));
            return;
        }
        REQUIRE(replies_.contains(name));
        const http::Response& reply = replies_.at(name);
        if (line.size() == 3) {
            CHECK(std::to_string(reply.status) == line);
            return;
        }
        if (line.front() == '[') {
            const auto body = reply.body.flatten();
            CHECK(as_characters(body) == bytes_of(line));
            return;
        }
        const auto colon = line.find(": ");
        CHECK(reply.fields.find(line.substr(0, colon)).value_or("(none)") ==
              with_token(line.substr(colon + 2)));
    }

    ServerOptions options_;
    Door door_{options_};
    TimePoint now_{std::chrono::hours{1}};
    std::optional<ServerSession> session_;
    std::string token_;
    std::optional<http::Request> request_;
    char request_name_ = 0;
    std::map<char, http::Response> replies_;
    std::deque<std::string> unheard_;
    std::uint16_t closed_ = 0;
};

}  // namespace hawser::polling
