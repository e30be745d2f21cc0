#pragma once

#include <framing/plain_utf8.hpp>

#include <hawser/core/limits.hpp>
#include <hawser/core/role.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// What a WebSocket peer must make of all the bytes that it gets, read frame by frame from the
/// specification (RFC 6455 §5): a way that has nothing in common with the engine's.
class PlainReader {
public:
    PlainReader(hawser::Role role, const hawser::MessageLimits& limits, std::string_view bytes)
        : role_{role}, limits_{limits}, left_{bytes} {
        while (!code) read_frame();
    }

    std::vector<std::string> messages;
    /// The code with which it ends; 1006 where the bytes end first.
    std::optional<unsigned> code;

private:
    void read_frame() {
        const auto header = read_header();
        if (code || !header) return end(1006);
        const auto& [opcode, fin, is_masked, length] = *header;
        std::string payload{left_.substr(0, length)};
        const bool is_whole = length <= left_.size();
        const std::string_view key = is_masked ? key_ : std::string_view{"\0\0\0\0", 4};
        for (std::size_t i = 0; i != payload.size(); ++i) payload[i] ^= key[i % 4];
        left_.remove_prefix(payload.size());
        if (opcode >= 8) return is_whole ? take_control(opcode, payload) : end(1006);
        message_ += payload;
        if (is_text_ && !begins_utf8_plainly(message_)) return end(1007);
        if (!is_whole) return end(1006);
        if (fin) take_message();
    }
    struct Header {
        std::uint64_t opcode;
        bool fin;
        bool is_masked;
        std::uint64_t length;
    };
    /// Nothing where the bytes end in it.
    std::optional<Header> read_header() {
        if (left_.size() < 2) return std::nullopt;
        const auto first = number(1);
        const auto second = number(1);
        Header header{first % 16, first >= 128, second >= 128, second % 128};
        const auto& [opcode, fin, is_masked, length] = header;
        if (opcode % 8 > 2 || (opcode >= 8 && (!fin || length > 125))) return violation();
        if (length > 125) {
            const std::size_t size = length == 126 ? 2 : 8;
            if (left_.size() < size) return std::nullopt;
            header.length = number(size);
            if (length < 126 || (size == 8 && length < 65'536) || length >> 63 != 0) {
                return violation();
            }
        }
        if (is_masked && left_.size() < 4) return std::nullopt;
        if (is_masked) key_ = left_.substr(0, 4);
        if (is_masked) left_.remove_prefix(4);
        if (is_masked != (role_ == hawser::Role::server) || (first & 0x70U) != 0) {
            return violation();
        }
        return opcode >= 8 ? header : begin_data(header);
    }
    std::optional<Header> begin_data(const Header& header) {
        if ((header.opcode == 0) != (fragments_ != 0)) return violation();
        if (fragments_ == limits_.fragments || announced_ > limits_.bytes ||
            header.length > limits_.bytes - announced_) {
            return violation(1009);
        }
        if (fragments_++ == 0) is_text_ = header.opcode == 1;
        announced_ += header.length;
        return header;
    }
    void take_control(std::uint64_t opcode, std::string_view payload) {
        if (opcode != 8) return;
        if (payload.empty()) return end(1005);
        if (payload.size() == 1) return end(1002);
        const unsigned said = static_cast<unsigned char>(payload[0]) * 256U +
                              static_cast<unsigned char>(payload[1]);
        const bool is_code = (said >= 1000 && said <= 1014 && (said < 1004 || said > 1006)) ||
                             (said >= 3000 && said <= 4999);
        if (!is_code) return end(1002);
        end(is_utf8_plainly(payload.substr(2)) ? said : 1007);
    }
    void take_message() {
        if (is_text_ && !is_utf8_plainly(message_)) return end(1007);
        messages.push_back((is_text_ ? "text " : "binary ") + message_);
        message_.clear();
        fragments_ = 0;
        announced_ = 0;
    }

    std::uint64_t number(std::size_t size) {
        std::uint64_t read = 0;
        for (const char c : left_.substr(0, size)) read = read << 8 | static_cast<unsigned char>(c);
        left_.remove_prefix(size);
        return read;
    }
    std::nullopt_t violation(unsigned with = 1002) {
        end(with);
        return std::nullopt;
    }
    void end(unsigned with) {
        if (!code) code = with;
    }

    hawser::Role role_;
    hawser::MessageLimits limits_;
    std::string_view left_;
    std::string_view key_;
    std::string message_;
    std::size_t fragments_ = 0;
    std::uint64_t announced_ = 0;
    bool is_text_ = false;
};

}  // namespace test
