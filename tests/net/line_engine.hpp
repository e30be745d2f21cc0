#pragma once

#include <hawser/core/error.hpp>
#include <hawser/core/stream_engine.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace test {

/// An engine of the tests, with no protocol to speak of: a line is an event, what is sent is
/// written as it is, and the first end, whoever brings it, is the only one.
class LineEngine {
public:
    struct Line {
        std::string text;
    };
    struct Closed {
        std::error_code error;
    };
    using Event = std::variant<Line, Closed>;

    // Commands.
    void send(std::string_view text) { pending_.append(text); }
    void send(const hawser::Message& message) { pending_.append_frame(message); }
    /// Ends after what was sent.
    void close() { end({}); }

    // StreamEngine
    std::size_t receive(hawser::MutableBytes bytes, hawser::TimePoint) {
        if (is_holding || is_closed_) return 0;
        const std::string_view text = hawser::as_characters(bytes);
        const std::size_t end = text.find('\n');
        line_ += text.substr(0, end);
        if (end == std::string_view::npos) return text.size();
        events_.push_back(Line{std::exchange(line_, {})});
        return end + 1;
    }
    void receive_eof(hawser::TimePoint) {
        ++endings;
        if (!is_deaf) end({});
    }
    void receive_error(std::error_code error, hawser::TimePoint) {
        ++endings;
        end(error);
    }
    void tick(hawser::TimePoint) { end(hawser::Error::idle_timeout); }
    std::optional<Event> poll_event() {
        if (events_.empty()) return std::nullopt;
        Event event = std::move(events_.front());
        events_.pop_front();
        return event;
    }
    void take_output(hawser::Output& into, std::size_t, hawser::TimePoint) {
        into.append(std::move(pending_));
        if (std::exchange(fails_at_output, false)) throw std::bad_alloc{};
    }
    [[nodiscard]] std::size_t read_limit() const { return is_closed_ ? 0 : limit; }
    [[nodiscard]] hawser::TimePoint deadline() const {
        return is_closed_ ? hawser::never : expiry;
    }
    [[nodiscard]] bool finished() const {
        return is_closed_ && events_.empty() && pending_.empty();
    }

    hawser::TimePoint expiry = hawser::never;
    std::size_t limit = 1 << 20;
    /// Whether it takes nothing, though more may be read.
    bool is_holding = false;
    /// Whether the peer's end is not the end.
    bool is_deaf = false;
    bool fails_at_output = false;
    /// How often it was told that the stream has ended.
    int endings = 0;

private:
    void end(std::error_code error) {
        if (!std::exchange(is_closed_, true)) events_.push_back(Closed{error});
    }

    std::string line_;
    std::deque<Event> events_;
    hawser::Output pending_;
    bool is_closed_ = false;
};

/// An engine that offers the place for its bytes: each event is a block of a fixed size.
class BlockEngine {
public:
    static constexpr std::size_t block = 1000;
    struct Event {
        std::vector<std::byte> bytes;
        /// How many of them were received where they stay.
        std::size_t placed;
    };

    std::size_t receive(hawser::MutableBytes bytes, hawser::TimePoint) {
        const std::size_t size = std::min(bytes.size(), block - size_);
        std::ranges::copy(bytes.first(size), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += size;
        return size;
    }
    hawser::MutableBytes prepare() {
        if (size_ == 0) return {};
        return hawser::MutableBytes{bytes_}.subspan(size_);
    }
    void commit(std::size_t written, hawser::TimePoint) {
        size_ += written;
        placed_ += written;
    }
    void receive_eof(hawser::TimePoint) { is_finished_ = true; }
    void receive_error(std::error_code, hawser::TimePoint) { is_finished_ = true; }
    void tick(hawser::TimePoint) {}
    std::optional<Event> poll_event() {
        if (size_ != block) return std::nullopt;
        size_ = 0;
        return Event{bytes_, std::exchange(placed_, 0)};
    }
    void take_output(hawser::Output&, std::size_t, hawser::TimePoint) {}
    [[nodiscard]] std::size_t read_limit() const { return is_finished_ ? 0 : 1 << 20; }
    [[nodiscard]] hawser::TimePoint deadline() const { return hawser::never; }
    [[nodiscard]] bool finished() const { return is_finished_; }

private:
    std::vector<std::byte> bytes_ = std::vector<std::byte>(block);
    std::size_t size_ = 0;
    std::size_t placed_ = 0;
    bool is_finished_ = false;
};

}  // namespace test
