#pragma once

#include <hawser/net/link.hpp>

// The members of `Link`, in the order of a turn. A template, so never compiled separately.

namespace hawser::inline HAWSER_MODE::net {

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::start(ByteView already_read) {
    hold(already_read);
    defer();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::hold(ByteView bytes) {
    if (bytes.empty()) return;
    held_ = std::make_unique<Held>();
    held_->append(bytes);
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::engine_changed() {
    if (phase_ != Phase::open) return;
    if (turn_ == nullptr) return defer();
    turn_->has_commands = true;
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::expired() noexcept {
    const auto keep = host().weak_from_this().lock();
    if (!keep) return;  // it is being destroyed
    deadline_passed_ = true;
    defer();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::end_of_turn() {
    if (phase_ == Phase::lingering) return deadline_passed_ ? end() : discard();
    if (phase_ == Phase::open) take_turn(stream_->has_more());
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::take_turn(bool is_readable) {
    if (turn_ != nullptr) {
        turn_->has_missed = true;
        return;
    }
    const TimePoint now = Clock::now();
    Turn turn{*this};
    if (is_readable) turn.input = read(turn.buffers->input_bytes(), now);
    if (held_) hold_with_earlier(turn.input);
    feed(now);
    if (std::exchange(deadline_passed_, false)) pass_deadline(now);
    turn.has_commands = false;
    const bool was_full = engine_.read_limit() == 0;
    flush(now);
    poll_events();
    // Room for the rest of the input has come with the output's leaving: another turn is for it.
    if (was_full && engine_.read_limit() != 0 && !turn.input.empty()) turn.has_commands = true;
    if (phase_ == Phase::open) host().on_output(unsent());
    settle(now);
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::end_turn(bool failed) {
    Turn& turn = *std::exchange(turn_, nullptr);
    if (phase_ != Phase::open) return held_.reset();
    keep_rest(turn.input);
    // What was taken from the engine and cannot be kept leaves a hole in the stream.
    if (!turn.buffers->output.empty()) broken(Error::connection_lost, Clock::now());
    if (failed || turn.has_next()) defer();
}

/// Returns what the engine is to be given; nothing, where it offered the place for it.
template <class Host, StreamEngine Engine>
MutableBytes Link<Host, Engine>::read(MutableBytes into, TimePoint now) {
    bool is_placed = false;
    if constexpr (PlacingEngine<Engine>) {
        if (!held_ && !engine_.finished()) {
            const MutableBytes place = engine_.prepare();
            is_placed = !place.empty();
            if (is_placed) into = place;
        }
    }
    into = into.first(std::min(into.size(), appetite()));
    if (into.empty()) return {};
    std::error_code error;
    const std::size_t size = stream_->read(into, error);
    if (error) input_ended(error, now);
    if constexpr (PlacingEngine<Engine>) {
        if (is_placed && size != 0) engine_.commit(size, now);
    }
    return into.first(is_placed ? 0 : size);
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::hold_with_earlier(MutableBytes bytes) {
    held_->append(bytes);
    turn_->input = held_->rest();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::Held::append(ByteView more) {
    if (more.empty()) return;
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(consumed));
    consumed = 0;
    bytes.insert(bytes.end(), more.begin(), more.end());
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::keep_rest(MutableBytes rest) {
    if (rest.empty()) return held_.reset();
    if (!held_) return hold(rest);
    held_->consumed = held_->bytes.size() - rest.size();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::feed(TimePoint now) {
    MutableBytes& input = turn_->input;
    poll_events();
    while (phase_ == Phase::open && !input.empty()) {
        if (engine_.finished()) {
            input = {};  // what comes after the end is not looked at
            return;
        }
        const std::size_t consumed = engine_.receive(input, now);
        input = input.subspan(consumed);
        if (!poll_events() && consumed == 0) return;
    }
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::pass_deadline(TimePoint now) {
    if (now >= stall_) broken(Error::write_stalled, now);
    if (now >= engine_.deadline()) engine_.tick(now);
    poll_events();
}

template <class Host, StreamEngine Engine>
bool Link<Host, Engine>::poll_events() {
    bool any = false;
    while (phase_ == Phase::open) {
        auto event = engine_.poll_event();
        if (!event) break;
        any = true;
        host().on_event(std::move(*event));
    }
    return any;
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::flush(TimePoint now) {
    constexpr std::size_t budget = 64 * 1024;
    Output& cork = turn_->buffers->output;
    while (phase_ == Phase::open && !broken_ && !stream_->is_writing()) {
        engine_.take_output(cork, budget, now);
        if (cork.empty()) return;
        std::error_code error;
        stream_->write(cork, error);
        if (error) return broken(Error::connection_lost, now);
        if (stream_->is_writing()) await_write(now);
    }
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::await_write(TimePoint now) {
    stall_ = deadline_after(now, options_.write_stall);
    stream_->wait_write(Waiter{[this, keep = self()](std::error_code error) { written(error); }});
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::written(std::error_code error) {
    if (phase_ != Phase::open) return;
    const TimePoint now = Clock::now();
    stall_ = never;
    if (!error) stream_->go_on(error);
    if (error) {
        broken(Error::connection_lost, now);
    } else if (stream_->is_writing()) {
        await_write(now);
    }
    take_turn(false);
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::settle(TimePoint now) {
    if (broken_) poll_events();
    if (phase_ != Phase::open) return;
    if (broken_ || (engine_.finished() && !stream_->is_writing())) return finish(now);
    // A deadline that has moved away is left armed: it is looked at again when it passes.
    const TimePoint deadline = std::min(engine_.deadline(), stall_);
    if (deadline < Timer::deadline()) loop_->arm(*this, deadline);
    // What is held comes first: more of it would only be moved about.
    if (turn_->input.empty() || !turn_->has_next()) read_more();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::finish(TimePoint now) {
    // A plain socket has nothing to say after the peer's end. TLS has: each side is to say goodbye.
    if (broken_ || (input_ended_ && stream_->is_plain())) return end();
    phase_ = Phase::lingering;
    deadline_passed_ = false;
    stream_->end_output();
    loop_->arm(*this, deadline_after(now, options_.linger));
    read_more();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::end() {
    if (std::exchange(phase_, Phase::ended) == Phase::ended) return;
    loop_->disarm(*this);
    stream_->close();
    host().on_end();
}

template <class Host, StreamEngine Engine>
std::size_t Link<Host, Engine>::appetite() const noexcept {
    // After the end of our output the peer's is awaited.
    if (phase_ == Phase::lingering) return ThreadBuffers::input_size;
    if (broken_ || input_ended_) return 0;
    // While the last output waits to be written, what comes is read and dropped, as the peer may
    // not read before it has written.
    return engine_.finished() ? ThreadBuffers::input_size : engine_.read_limit();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::read_more() {
    if (reading_) return;
    const std::size_t limit = appetite();
    if (limit == 0) return stream_->rest();
    if (stream_->has_more()) return defer();
    stream_->wait_read(
        limit, Waiter{[this, keep = self()](std::error_code error) { readable(error); }});
    reading_ = true;
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::readable(std::error_code error) {
    reading_ = false;
    if (phase_ == Phase::ended) return;
    if (phase_ == Phase::lingering) return error ? end() : discard();
    if (error) input_ended(error, Clock::now());
    take_turn(!error);
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::discard() {
    if (reading_) return;  // what was read has been dropped by an earlier call
    BorrowedBuffers buffers;
    std::error_code error;
    stream_->read(buffers->input_bytes(), error);
    if (error) return end();
    read_more();
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::input_ended(std::error_code error, TimePoint now) {
    if (error != asio::error::eof) return broken(Error::connection_lost, now);
    if (std::exchange(input_ended_, true) || engine_.finished()) return;
    engine_.receive_eof(now);
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::broken(Error error, TimePoint now) {
    if (std::exchange(broken_, true) || engine_.finished()) return;
    engine_.receive_error(error, now);
}

template <class Host, StreamEngine Engine>
bool Link<Host, Engine>::can_release() const noexcept {
    if (phase_ != Phase::open || stream_->is_writing() || stream_->has_more()) return false;
    return !reading_ || stream_->is_plain();
}

template <class Host, StreamEngine Engine>
auto Link<Host, Engine>::release() -> Released {
    std::vector<std::byte> unread;
    if (turn_ != nullptr) {
        unread.assign(turn_->input.begin(), turn_->input.end());
        turn_->input = {};
    } else if (held_) {
        const ByteView rest = held_->rest();
        unread.assign(rest.begin(), rest.end());
        held_.reset();
    }
    phase_ = Phase::ended;
    loop_->disarm(*this);
    stream_->cancel();
    return {std::move(stream_), std::move(unread)};
}

template <class Host, StreamEngine Engine>
void Link<Host, Engine>::cut() {
    if (turn_ != nullptr) turn_->input = {};
    end();
}

}  // namespace hawser::inline HAWSER_MODE::net
