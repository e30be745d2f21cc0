#pragma once

#include <hawser/net/link.hpp>

// The members of `Link`, in the order of a turn. A template, so never compiled separately.

namespace hawser::inline HAWSER_MODE::net {

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::start(ByteView already_read) {
    held_.assign(already_read.begin(), already_read.end());
    defer();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::engine_changed() {
    if (phase_ != Phase::open) return;
    if (!in_turn_) return defer();
    changed_ = true;
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::expired() noexcept {
    const auto keep = host().weak_from_this().lock();
    if (!keep) return;  // it is being destroyed
    deadline_passed_ = true;
    defer();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::end_of_turn() {
    const auto keep = self();
    if (phase_ == Phase::lingering && deadline_passed_) return end();
    if (phase_ != Phase::open) return;
    if (in_turn_) return defer();  // a handler runs an event loop of its own
    BorrowedBuffers buffers;
    if (transfer_.has_more() && appetite() != 0) return read(buffers);
    turn({}, buffers->output);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::turn(MutableBytes bytes, Output& cork) {
    const TimePoint now = Clock::now();
    // What was held comes first.
    std::vector<std::byte> earlier = std::exchange(held_, {});
    if (!earlier.empty()) earlier.insert(earlier.end(), bytes.begin(), bytes.end());
    input_ = earlier.empty() ? bytes : MutableBytes{earlier};
    in_turn_ = true;
    const TurnEnd end{*this};
    if (std::exchange(deadline_passed_, false)) pass_deadline(now);
    feed(now);
    keep_rest();
    changed_ = false;
    flush(cork, now);
    poll_events();
    if (phase_ == Phase::open) host().on_output(unsent());
    settle(now);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::end_turn(bool failed) {
    keep_rest();
    in_turn_ = false;
    if (phase_ == Phase::open && (failed || changed_)) defer();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::keep_rest() {
    if (phase_ == Phase::open && !input_.empty()) held_.assign(input_.begin(), input_.end());
    input_ = {};
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::pass_deadline(TimePoint now) {
    if (now >= stall_) return broken(Error::write_stalled, now);
    if (now >= engine_.deadline()) engine_.tick(now);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::feed(TimePoint now) {
    poll_events();
    while (phase_ == Phase::open && !input_.empty()) {
        const std::size_t consumed = engine_.receive(input_, now);
        input_ = input_.subspan(consumed);
        if (!poll_events() && consumed == 0) return;
    }
}

template <class Host, ByteStream Stream, StreamEngine Engine>
bool Link<Host, Stream, Engine>::poll_events() {
    bool any = false;
    while (phase_ == Phase::open) {
        auto event = engine_.poll_event();
        if (!event) break;
        any = true;
        host().on_event(std::move(*event));
    }
    return any;
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::flush(Output& cork, TimePoint now) {
    constexpr std::size_t budget = 64 * 1024;
    std::error_code error;
    while (phase_ == Phase::open && !transfer_.is_writing() && !error) {
        engine_.take_output(cork, budget, now);
        if (cork.empty()) return;
        transfer_.write(
            stream_, cork,
            [this, keep = self()](std::error_code failed, std::size_t size) { written(failed, size); },
            error);
        if (transfer_.is_writing()) stall_ = deadline_after(now, options_.write_stall);
    }
    if (error) broken(Error::connection_lost, now);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::written(std::error_code error, std::size_t size) {
    if (phase_ != Phase::open) return;
    const TimePoint now = Clock::now();
    const std::size_t before = transfer_.unsent();
    transfer_.consume(size);
    if (!error) {
        transfer_.resume(
            stream_,
            [this, keep = self()](std::error_code failed, std::size_t more) { written(failed, more); },
            error);
    }
    if (error) broken(Error::connection_lost, now);
    if (!transfer_.is_writing()) {
        stall_ = never;
    } else if (transfer_.unsent() != before) {
        stall_ = deadline_after(now, options_.write_stall);
    }
    end_of_turn();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::settle(TimePoint now) {
    if (phase_ != Phase::open) return;
    if (engine_.finished() && (!transfer_.is_writing() || peer_ended_)) return finish(now);
    // A deadline that has moved away is left armed: it is looked at again when it passes.
    const TimePoint deadline = std::min(engine_.deadline(), stall_);
    if (deadline < Timer::deadline()) loop_->arm(*this, deadline);
    read_more();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::finish(TimePoint now) {
    if (peer_ended_) return end();
    phase_ = Phase::lingering;
    deadline_passed_ = false;
    transfer_.end_output(stream_);
    loop_->arm(*this, deadline_after(now, options_.linger));
    read_more();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::end() {
    if (std::exchange(phase_, Phase::ended) == Phase::ended) return;
    loop_->disarm(*this);
    std::error_code ignored;  // there is nobody left to tell
    stream_.close(ignored);
    held_ = {};
    host().on_end();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
std::size_t Link<Host, Stream, Engine>::appetite() const noexcept {
    if (peer_ended_) return 0;
    if (phase_ == Phase::lingering) return ThreadBuffers::input_size;
    return engine_.read_limit();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::read_more() {
    if (reading_) return;
    const std::size_t limit = appetite();
    if (limit == 0) return transfer_.rest();
    if (transfer_.has_more()) return defer();
    reading_ = true;
    transfer_.wait_read(stream_, limit,
                        [this, keep = self()](std::error_code error) { readable(error); });
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::readable(std::error_code error) {
    reading_ = false;
    if (phase_ == Phase::ended) return;
    if (in_turn_) return defer();  // a handler runs an event loop of its own
    BorrowedBuffers buffers;
    if (phase_ == Phase::lingering) return error ? end() : discard(buffers->input_bytes());
    if (!error) return read(buffers);
    input_ended(error);
    turn({}, buffers->output);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::input_ended(std::error_code error) {
    const TimePoint now = Clock::now();
    if (error != asio::error::eof) return broken(Error::connection_lost, now);
    peer_ended_ = true;
    engine_.receive_eof(now);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::read(BorrowedBuffers& buffers) {
    MutableBytes into = buffers->input_bytes();
    bool is_placed = false;
    if constexpr (PlacingEngine<Engine>) {
        if (const MutableBytes place = engine_.prepare(); held_.empty() && !place.empty()) {
            into = place;
            is_placed = true;
        }
    }
    into = into.first(std::min(into.size(), appetite()));
    std::error_code error;
    const std::size_t size = into.empty() ? 0 : transfer_.read(stream_, into, error);
    if (error) input_ended(error);
    if constexpr (PlacingEngine<Engine>) {
        if (is_placed && size != 0) engine_.commit(size, Clock::now());
    }
    turn(is_placed ? MutableBytes{} : into.first(size), buffers->output);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::discard(MutableBytes into) {
    std::error_code error;
    transfer_.read(stream_, into, error);
    if (error) return end();
    read_more();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::broken(Error error, TimePoint now) {
    peer_ended_ = true;
    engine_.receive_error(error, now);
}

template <class Host, ByteStream Stream, StreamEngine Engine>
bool Link<Host, Stream, Engine>::can_release() const noexcept {
    const bool swallows = reading_ && !WaitableStream<Stream>;
    return phase_ == Phase::open && unsent() == 0 && !swallows && !transfer_.has_more();
}

template <class Host, ByteStream Stream, StreamEngine Engine>
auto Link<Host, Stream, Engine>::release() -> Released {
    std::vector<std::byte> unread{input_.begin(), input_.end()};
    if (!in_turn_) unread = std::exchange(held_, {});
    phase_ = Phase::ended;
    input_ = {};
    loop_->disarm(*this);
    if constexpr (WaitableStream<Stream>) {
        std::error_code ignored;  // there may be nothing to cancel
        stream_.cancel(ignored);
    }
    return {std::move(stream_), std::move(unread)};
}

template <class Host, ByteStream Stream, StreamEngine Engine>
void Link<Host, Stream, Engine>::cut() {
    input_ = {};
    end();
}

}  // namespace hawser::inline HAWSER_MODE::net
