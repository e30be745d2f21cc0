#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"
#include "support/random.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

using hawser::AnyChannel;
using hawser::CloseReason;
using hawser::Error;
using hawser::Message;

namespace {

/// One end of a channel that does what comes to its mind, and what can be said of it: each message
/// of the peer comes once and in order, then the end, once; each operation completes once.
class Player {
public:
    enum class Manner { receiving, handling };

    Player(AnyChannel channel, Manner manner) : channel_{std::move(channel)}, manner_{manner} {
        if (manner == Manner::handling) handle();
    }
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    void meet(const Player& peer) { peer_ = &peer; }

    /// Does one thing that ends nothing.
    void act(test::Random& random) {
        switch (random.below(6)) {
        case 0: return try_send();
        case 1: return send();
        case 2: return receive();
        case 3: return cancel();
        case 4: return move_about();
        case 5: return close_wrongly();
        }
    }
    /// Ends the conversation, politely: by a close, or by going away.
    void end(test::Random& random) {
        for (std::size_t closes = 1 + random.below(3); closes != 0; --closes) close();
        if (random.one_in(2)) return;
        channel_ = {};
        is_gone_ = true;
    }
    /// Receives until the end.
    void listen() {
        if (manner_ == Manner::handling || ended_ || is_gone_) return;
        receive();
    }

    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    [[nodiscard]] std::size_t received() const noexcept { return received_; }
    [[nodiscard]] const std::optional<std::error_code>& ended() const noexcept { return ended_; }
    [[nodiscard]] unsigned ends() const noexcept { return ends_; }
    /// Whether every operation has completed.
    [[nodiscard]] bool is_quiet() const noexcept { return started_ == completed_; }

private:
    void take(const Message& message) {
        CHECK_FALSE(ended_);
        REQUIRE(received_ < peer_->sent());
        CHECK((message == test::numbered_message(received_)));
        ++received_;
    }
    void take_end(std::error_code error) {
        CHECK(error);
        if (ended_) CHECK(*ended_ == error);
        ended_ = error;
    }
    void handle() {
        channel_.run({.message = [this](const Message& message) { take(message); },
                      .closed =
                          [this](const CloseReason& reason) {
                              ++ends_;
                              take_end(reason.error);
                          }});
    }

    void try_send() {
        const std::error_code error = channel_.try_send(test::numbered_message(sent_));
        if (!error) ++sent_;
        const bool is_explained =
            !error || error == Error::backlog_full || error == Error::closed;
        CHECK(is_explained);
    }
    void send() {
        if (channel_.is_closed() || channel_.backlog().is_above_high) return;
        // Where the peer's close has come the message is not taken; then the end is near, and this
        // end is not the one whose messages all arrive.
        ++started_;
        const std::uint64_t before = channel_.counters().sent;
        channel_.async_send(test::numbered_message(sent_),
                            [this](std::error_code) { ++completed_; });
        sent_ += channel_.counters().sent - before;
    }
    void receive() {
        if (manner_ == Manner::handling || is_receiving_) return;
        is_receiving_ = true;
        ++started_;
        channel_.async_receive(asio::bind_cancellation_slot(
            signal_.slot(), [this](std::error_code error, const Message& message) {
                ++completed_;
                is_receiving_ = false;
                const bool is_cancelled = std::exchange(is_cancelling_, false);
                if (!error) return take(message);
                if (error != asio::error::operation_aborted) return take_end(error);
                CHECK(is_cancelled);
            }));
    }
    void cancel() {
        is_cancelling_ = is_receiving_;
        signal_.emit(asio::cancellation_type::all);
    }
    void move_about() {
        AnyChannel elsewhere{std::move(channel_)};
        CHECK_FALSE(channel_);
        channel_ = std::move(elsewhere);
        CHECK(channel_);
    }
    void close_wrongly() {
        ++started_;
        channel_.async_close({.code = 1005}, [this](std::error_code error) {
            ++completed_;
            CHECK(error == Error::bad_argument);
        });
    }
    void close() {
        ++started_;
        channel_.async_close([this](std::error_code error) {
            ++completed_;
            CHECK_FALSE(error);
        });
    }

    AnyChannel channel_;
    Manner manner_;
    const Player* peer_ = nullptr;
    asio::cancellation_signal signal_;
    /// Messages that the channel has taken, and that have come.
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
    /// Operations, sends and receives and closes together.
    std::size_t started_ = 0;
    std::size_t completed_ = 0;
    std::optional<std::error_code> ended_;
    /// How often a handler was told the end.
    unsigned ends_ = 0;
    bool is_receiving_ = false;
    bool is_cancelling_ = false;
    bool is_gone_ = false;
};

/// Little room everywhere, so that the players often have to wait.
test::EndTerms narrow() {
    return {.message = {.bytes = 2000},
            .backlog = {.limits = {.high = 4000, .low = 1000, .hard = 9000}},
            .inbox = {.messages = 3}};
}

Player::Manner choose_manner(test::Random& random) {
    return random.one_in(3) ? Player::Manner::handling : Player::Manner::receiving;
}

}  // namespace

HAWSER_TEST_EACH("whatever is done, each message comes once, and then the end", end,
                 HAWSER_TEST_ENDS) {
    for (std::uint64_t seed = 1; seed != 9; ++seed) {
        CAPTURE(seed);
        test::Random random{seed};
        test::World world;
        auto ends = end.connect(world, {.near = narrow(), .far = narrow()});
        Player near{std::move(ends.near), choose_manner(random)};
        Player far{std::move(ends.far), choose_manner(random)};
        near.meet(far);
        far.meet(near);
        for (std::size_t step = 0; step != 150; ++step) {
            (random.one_in(2) ? near : far).act(random);
            for (std::size_t turns = random.below(8); turns != 0; --turns) world.io().poll_one();
        }
        // One end says goodbye: all that it has sent comes to the other, which then sees the end.
        const bool near_ends = random.one_in(2);
        Player& ender = near_ends ? near : far;
        Player& listener = near_ends ? far : near;
        ender.end(random);
        world.run_until("the end", [&] {
            listener.listen();
            ender.listen();
            return listener.ended().has_value();
        });
        CHECK(listener.received() == ender.sent());
        CHECK(listener.ended() == Error::closed);
        // A close waits for the peer's, which comes after messages: so this end listens, too.
        world.run_until("the end of every operation", [&] {
            ender.listen();
            return near.is_quiet() && far.is_quiet();
        });
        world.run_ready();
        CHECK(near.ends() <= 1);
        CHECK(far.ends() <= 1);
    }
}
