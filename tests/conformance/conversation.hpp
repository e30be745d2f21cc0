#pragma once

#include "support/world.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <system_error>
#include <utility>

namespace test {

/// The `index`-th message of a long conversation: of both kinds, and of many sizes up to about 1
/// KiB.
[[nodiscard]] inline hawser::Message numbered_message(std::size_t index) {
    std::string text = "message " + std::to_string(index) + ' ';
    text.resize(text.size() + index * 37 % 1024, static_cast<char>('a' + index % 26));
    if (index % 2 == 0) return hawser::Message::text(text);
    return hawser::Message::binary(hawser::as_bytes(text));
}

/// Sends `count` messages, each when the one before has been sent. Lives until all are.
class Source {
public:
    using Make = std::function<hawser::Message(std::size_t index)>;

    Source(hawser::AnyChannel& channel, std::size_t count, Make make = numbered_message)
        : channel_{channel}, count_{count}, make_{std::move(make)} {
        send_next();
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// How many sends have completed.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    [[nodiscard]] bool is_done() const noexcept { return sent_ == count_ || error_; }
    [[nodiscard]] std::error_code error() const noexcept { return error_; }

private:
    void send_next() {
        if (is_done()) return;
        channel_.async_send(make_(sent_), [this](std::error_code error) {
            error_ = error;
            if (!error) ++sent_;
            send_next();
        });
    }

    hawser::AnyChannel& channel_;
    std::size_t count_;
    Make make_;
    std::size_t sent_ = 0;
    std::error_code error_;
};

/// Receives `count` messages and compares them with those that a `Source` sends.
class Sink {
public:
    Sink(hawser::AnyChannel& channel, std::size_t count, Source::Make make = numbered_message)
        : channel_{channel}, count_{count}, make_{std::move(make)} {
        receive_next();
    }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    /// How many have come as they should.
    [[nodiscard]] std::size_t received() const noexcept { return received_; }
    [[nodiscard]] bool is_done() const noexcept { return received_ == count_ || has_failed_; }

private:
    void receive_next() {
        if (is_done()) return;
        channel_.async_receive([this](std::error_code error, const hawser::Message& message) {
            has_failed_ = error || message != make_(received_);
            if (!has_failed_) ++received_;
            receive_next();
        });
    }

    hawser::AnyChannel& channel_;
    std::size_t count_;
    Source::Make make_;
    std::size_t received_ = 0;
    bool has_failed_ = false;
};

}  // namespace test
