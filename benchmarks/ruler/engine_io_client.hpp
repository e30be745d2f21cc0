#pragma once

#include "../generator.hpp"
#include "../http_client.hpp"
#include "message_shape.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// Echoes batches of texts over the long-polling of engine.io, version 4: one connection on which a
/// request is held all the time, and one for what is sent, as with Hawser's own protocol.
class EngineIoPeer final : public Peer {
public:
    EngineIoPeer(std::uint16_t port, const Batch& batch, std::string_view path)
        : messages_{batch.messages()}, shape_{Opcode::text, batch.size()}, sending_{port},
          receiving_{port}, target_{std::string{path} + "?EIO=4&transport=polling"} {
        const Reply reply = sending_.ask("GET " + target_ + " HTTP/1.1\r\n" + host + "\r\n");
        reply.demand(200);
        constexpr std::string_view before = "\"sid\":\"";
        const std::size_t at = reply.body.find(before);
        if (at == reply.body.npos) throw std::runtime_error{"no session of engine.io"};
        const std::string_view rest = reply.body.substr(at + before.size());
        target_.append("&sid=").append(rest.substr(0, rest.find('"')));
        receive();
    }

    [[nodiscard]] std::vector<int> descriptors() const override {
        return {sending_.socket().number(), receiving_.socket().number()};
    }
    void begin() override {
        expected_.clear();
        for (std::size_t i = 0; i != messages_; ++i) {
            if (i != 0) expected_ += '\x1E';
            expected_ += '4' + shape_.payload({0, sent_++});
        }
        received_ = 0;
        has_receipt_ = false;
        sending_.send("POST " + target_ + " HTTP/1.1\r\n" + host +
                      "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " +
                      std::to_string(expected_.size()) + "\r\n\r\n" + expected_);
    }
    bool readable(unsigned which, std::span<char> room) override {
        if (const auto reply = (which == 0 ? sending_ : receiving_).read(room)) {
            reply->demand(200);
            which == 0 ? take_receipt(*reply) : take(*reply);
        }
        return has_receipt_ && received_ == expected_.size();
    }

private:
    static constexpr const char* host = "Host: 127.0.0.1\r\n";

    void receive() { receiving_.send("GET " + target_ + " HTTP/1.1\r\n" + host + "\r\n"); }
    void take_receipt(const Reply& reply) {
        if (reply.body != "ok") throw WrongEcho{"what was sent was not accepted"};
        has_receipt_ = true;
    }
    void take(const Reply& reply) {
        // A separator stands between the messages of one reply, but not between two replies.
        if (received_ != 0) ++received_;
        const auto expected = std::string_view{expected_}.substr(received_, reply.body.size());
        if (expected != reply.body) throw WrongEcho{"the echo is wrong"};
        received_ += reply.body.size();
        receive();
    }

    std::size_t messages_;
    MessageShape shape_;
    HttpClient sending_;
    HttpClient receiving_;
    std::string target_;
    std::uint64_t sent_ = 0;
    std::string expected_;
    std::size_t received_ = 0;
    bool has_receipt_ = false;
};

}  // namespace bench
