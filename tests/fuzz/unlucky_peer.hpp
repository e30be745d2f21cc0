#pragma once

#include <polling/rude_peers.hpp>

#include <hawser/core/backlog.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace hawser::polling {

/// A peer that is right about everything, with a path to the session of `Fixture` that is not. Both
/// sides number what they send, so that it can be said what each must have of the other.
template <class Fixture>
struct UnluckyPeer : Fixture {
    test::Random random;
    /// How many bytes of frames the session puts into one body.
    std::size_t body_bytes = random.one_in(2) ? 8 : 50;
    /// Messages that the session has accepted from its application, and has not given up.
    std::uint64_t accepted = 0;
    /// Messages that the peer has been given by its own.
    std::uint64_t written = 0;
    bool session_closes = false;
    bool overflowed = false;

    explicit UnluckyPeer(test::Random choices) : random{std::move(choices)} {
        auto& own = this->options;
        own.message.bytes = 100;
        own.backlog.limits = {.high = 1'000, .low = 100, .hard = 2'000, .messages = 50};
        own.hold = random.one_in(4) ? 0s : 25s;
    }

    /// The message with a number, as either side sends it.
    static std::string text(std::uint64_t number) { return "m" + std::to_string(number); }

    /// The session's application sends. What overflows costs all that has no number yet: messages
    /// behind the one with the number `last_given`.
    void say_something(std::uint64_t last_given) {
        constexpr std::size_t most_frame = 8;
        const BacklogLimits& limits = this->options.backlog.limits;
        const Message message = Message::text(text(accepted + 1));
        switch (this->session().send_message(message, this->now)) {
        case Backlog::Push::accepted: ++accepted; break;
        case Backlog::Push::dropped: CHECK((this->opened == 0 || has_ended())); break;
        case Backlog::Push::overflow:
            CHECK((accepted - last_given == limits.messages ||
                   accepted - acknowledged_by_peer() > limits.hard / most_frame));
            overflowed = true;
            accepted = last_given;
        }
        this->collect();
    }
    void make_some_room() { this->room(random.below(30), random.below(5)); }
    void close_session() {
        session_closes = true;
        this->close();
    }

    /// Whether the session takes nothing more from its application.
    [[nodiscard]] bool has_ended() const {
        return session_closes || overflowed || !this->closed.empty();
    }
    [[nodiscard]] std::uint64_t acknowledged_by_peer() {
        return this->session().delivery().acknowledged;
    }

    /// What has arrived is the beginning of what the peer wrote.
    void check_messages() {
        REQUIRE(this->messages.size() <= written);
        for (std::size_t i = checked_; i != this->messages.size(); ++i) {
            REQUIRE(this->messages[i] == text(i + 1));
        }
        checked_ = this->messages.size();
    }

private:
    std::size_t checked_ = 0;
};

}  // namespace hawser::polling
