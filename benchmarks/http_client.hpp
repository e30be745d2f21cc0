#pragma once

#include "socket.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

/// A reply as a generator sees it: views into its `HttpClient`, until that is used again.
struct Reply {
    unsigned status = 0;
    std::string_view head;
    std::string_view body;

    /// The value of the field `name`, in whatever case the server spells it; empty where there is
    /// none.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept {
        for (auto at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at)) {
            at += 2;
            const std::string_view line = head.substr(at, head.find('\r', at) - at);
            if (line.size() <= name.size() || line[name.size()] != ':') continue;
            if (!is_same_name(line.substr(0, name.size()), name)) continue;
            const std::string_view value = line.substr(name.size() + 1);
            return value.substr(std::min(value.find_first_not_of(' '), value.size()));
        }
        return {};
    }
    [[nodiscard]] std::uint64_t number(std::string_view name) const {
        const std::string_view digits = field(name);
        std::uint64_t number = 0;
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (parsed.ec != std::errc{}) {
            throw std::runtime_error{"a reply without " + std::string{name}};
        }
        return number;
    }
    void demand(unsigned wanted) const {
        if (status == wanted) return;
        throw std::runtime_error{"not the status that was expected: " + std::string{head}};
    }

private:
    static bool is_same_name(std::string_view one, std::string_view other) noexcept {
        return std::ranges::equal(one, other,
                                  [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    }
};

/// A connection over which requests are written by hand, one after the other.
class HttpClient {
public:
    explicit HttpClient(std::uint16_t port) : socket_{connect_to(port)} {}

    [[nodiscard]] const Descriptor& socket() const noexcept { return socket_; }
    void send(std::string_view request) { write_all(socket_, request); }

    /// Reads what has come, without waiting, by way of `room`. Nothing until a reply is whole.
    [[nodiscard]] std::optional<Reply> read(std::span<char> room) {
        forget_last();
        buffer_ += read_some(socket_, room, Waiting::refused);
        return take();
    }

    /// The next reply, where it has been read together with the last one.
    [[nodiscard]] std::optional<Reply> next() {
        forget_last();
        return take();
    }

    /// Waits for the next reply.
    [[nodiscard]] Reply await() {
        forget_last();
        for (;;) {
            if (const auto reply = take()) return *reply;
            std::array<char, 4096> room;
            buffer_ += read_some(socket_, room, Waiting::allowed);
        }
    }

    /// Asks, and waits for the reply.
    [[nodiscard]] Reply ask(std::string_view request) {
        send(request);
        return await();
    }

private:
    void forget_last() {
        buffer_.erase(0, taken_);
        taken_ = 0;
    }

    [[nodiscard]] std::optional<Reply> take() {
        const std::string_view all = buffer_;
        const std::size_t end = all.find("\r\n\r\n");
        if (end == all.npos) return std::nullopt;
        Reply reply{.head = all.substr(0, end + 2), .body = {}};
        const std::string_view status = all.substr(std::string_view{"HTTP/1.1 "}.size(), 3);
        std::from_chars(status.data(), status.data() + status.size(), reply.status);
        const std::size_t length = reply.status == 204 ? 0 : reply.number("Content-Length");
        if (all.size() - (end + 4) < length) return std::nullopt;
        reply.body = all.substr(end + 4, length);
        taken_ = end + 4 + length;
        return reply;
    }

    Descriptor socket_;
    std::string buffer_;
    /// Bytes of the buffer that the last reply has.
    std::size_t taken_ = 0;
};

}  // namespace bench
