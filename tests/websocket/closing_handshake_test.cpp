#include <hawser/websocket/closing_handshake.hpp>

#include <ostream>

#include <doctest/doctest.h>

#include <chrono>

using namespace hawser;
using websocket::abnormal_close;
using websocket::ClosingHandshake;
using enum ClosingHandshake::Stage;

namespace {

constexpr TimePoint deadline{std::chrono::hours{1}};

const CloseReason wanted{Error::closed, 1001, "bye", Party::local};
const CloseReason asked{Error::closed, 4000, "enough", Party::peer};
const CloseReason broken{Error::reserved_bits, 1002, "a bit", Party::peer};

ClosingHandshake ours(Role role) {
    return ClosingHandshake::ours(role, wanted, deadline);
}
ClosingHandshake theirs(Role role) {
    return ClosingHandshake::theirs(role, asked, deadline);
}

/// Checks that the reason is given, and only once.
void check_reported(ClosingHandshake& closing, const CloseReason& reason) {
    CHECK_FALSE(closing.reported());
    CHECK(closing.take_reason() == reason);
    CHECK(closing.reported());
    CHECK_FALSE(closing.take_reason());
}

}  // namespace

TEST_CASE("having asked, we wait for the peer's close frame") {
    auto closing = ours(Role::server);
    CHECK(closing.stage() == waiting);
    CHECK(closing.deadline() == deadline);
    CHECK_FALSE(closing.take_reason());
    closing.frame_left();
    CHECK(closing.stage() == waiting);
    CHECK_FALSE(closing.take_reason());
}

TEST_CASE("a server is done when both frames are exchanged") {
    auto closing = ours(Role::server);
    closing.frame_left();
    closing.peer_closed();
    CHECK(closing.stage() == done);
    CHECK(closing.deadline() == never);
    check_reported(closing, wanted);
}

TEST_CASE("a client waits for the server to end the stream") {
    auto closing = ours(Role::client);
    closing.frame_left();
    closing.peer_closed();
    CHECK(closing.stage() == lingering);
    CHECK(closing.deadline() == deadline);
    check_reported(closing, wanted);
    closing.receive_eof();
    CHECK(closing.stage() == done);
    CHECK_FALSE(closing.take_reason());
}

TEST_CASE("when both ask at the same time, our frame still leaves") {
    auto closing = ours(Role::server);
    closing.peer_closed();
    CHECK(closing.stage() == leaving);
    check_reported(closing, wanted);
    closing.frame_left();
    CHECK(closing.stage() == done);
}

TEST_CASE("asked by the peer, a server is done when its answer has left") {
    auto closing = theirs(Role::server);
    CHECK(closing.stage() == leaving);
    check_reported(closing, asked);
    closing.frame_left();
    CHECK(closing.stage() == done);
}

TEST_CASE("asked by the peer, a client answers and waits for the end") {
    auto closing = theirs(Role::client);
    closing.frame_left();
    CHECK(closing.stage() == lingering);
    closing.expire();
    CHECK(closing.stage() == done);
    check_reported(closing, asked);
}

TEST_CASE("a peer that has ended its half still gets our frame, and nobody waits for it") {
    auto closing = theirs(Role::client);
    closing.receive_eof();
    CHECK(closing.stage() == leaving);
    closing.frame_left();
    CHECK(closing.stage() == done);
    check_reported(closing, asked);
}

TEST_CASE("C12 the end of input instead of the peer's close frame is an abnormal end") {
    auto closing = ours(Role::client);
    closing.frame_left();
    closing.receive_eof();
    CHECK(closing.stage() == done);
    check_reported(closing, abnormal_close(Error::connection_lost, Party::network));
}

TEST_CASE("C12 a close that is never answered ends at its deadline") {
    auto closing = ours(Role::server);
    closing.frame_left();
    closing.expire();
    CHECK(closing.stage() == done);
    check_reported(closing, abnormal_close(Error::close_timeout, Party::peer));
}

TEST_CASE("an answer that cannot leave is given up at the deadline") {
    auto closing = theirs(Role::server);
    closing.expire();
    CHECK(closing.stage() == done);
    check_reported(closing, asked);
}

TEST_CASE("after a violation our frame leaves, and no answer is awaited in either role") {
    auto closing = ClosingHandshake::failed(broken, deadline);
    CHECK(closing.stage() == leaving);
    CHECK(closing.deadline() == deadline);
    check_reported(closing, broken);
    closing.frame_left();
    CHECK(closing.stage() == done);
}

TEST_CASE("a violation while we wait is what is reported") {
    auto closing = ours(Role::client);
    closing.peer_failed(broken);
    CHECK(closing.stage() == leaving);
    check_reported(closing, broken);
    closing.frame_left();
    CHECK(closing.stage() == done);
}

TEST_CASE("a violation after our close frame has left cannot be answered any more") {
    auto closing = ours(Role::server);
    closing.frame_left();
    closing.peer_failed(broken);
    CHECK(closing.stage() == done);
    check_reported(closing, broken);
}

TEST_CASE("what comes after the peer's close frame changes nothing") {
    auto closing = theirs(Role::server);
    closing.peer_closed();
    closing.peer_failed(broken);
    CHECK(closing.stage() == leaving);
    check_reported(closing, asked);
}

TEST_CASE("an end is done at once and keeps the reason that was final before") {
    auto ended = ClosingHandshake::ended(broken);
    CHECK(ended.stage() == done);
    check_reported(ended, broken);

    auto early = ours(Role::server);
    early.end(broken);
    check_reported(early, broken);

    auto late = theirs(Role::server);
    late.end(broken);
    CHECK(late.stage() == done);
    check_reported(late, asked);
}
