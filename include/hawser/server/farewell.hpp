#pragma once

#include <hawser/core/stream_engine.hpp>
#include <hawser/http/serializer.hpp>
#include <hawser/net/link.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

namespace hawser::inline HAWSER_MODE {

/// An engine that has one last thing to say.
class LastWords {
public:
    using Event = std::monostate;

    explicit LastWords(Output words) noexcept : words_{std::move(words)} {}

    std::size_t receive(MutableBytes bytes, TimePoint) { return bytes.size(); }
    void receive_eof(TimePoint) {}
    void receive_error(std::error_code, TimePoint) {}
    void tick(TimePoint) {}
    std::optional<Event> poll_event() { return std::nullopt; }
    void take_output(Output& into, std::size_t, TimePoint) { into.append(std::move(words_)); }
    [[nodiscard]] std::size_t read_limit() const noexcept { return 0; }
    [[nodiscard]] TimePoint deadline() const noexcept { return never; }
    [[nodiscard]] bool finished() const noexcept { return words_.empty(); }

private:
    Output words_;
};

static_assert(StreamEngine<LastWords>);

/// Writes one last response to a stream, and closes it.
class Farewell final : public std::enable_shared_from_this<Farewell>,
                       public net::Link<Farewell, LastWords> {
public:
    Farewell(net::AnyStream stream, Output words, std::shared_ptr<net::Loop> loop);

    void on_event(LastWords::Event&&) {}
    void on_output(std::size_t) {}
    void on_end() {}
};

/// Answers with `response` on a stream that is of no further use.
HAWSER_DECL void bid_farewell(net::AnyStream stream, http::Response response,
                              std::shared_ptr<net::Loop> loop);

}  // namespace hawser::inline HAWSER_MODE

#if !defined(HAWSER_COMPILED)
#include <hawser/server/detail/farewell.ipp>
#endif
