#include <hawser/polling/server_session.hpp>

#include <doctest/doctest.h>

#include <polling/server_fixture.hpp>

using namespace hawser;
using namespace hawser::polling;
using Texts = std::vector<std::string>;

// Send (rule 3).

TEST_CASE_FIXTURE(ServerFixture, "a send is taken and acknowledged") {
    const auto id = send(1, frames({"a", "b"}));
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 2);
    CHECK(messages == Texts{"a", "b"});
}

TEST_CASE_FIXTURE(ServerFixture, "every reply tells what has been received") {
    send(1, frames({"a", "b"}));
    CHECK(answer(receive(1, 0, 0s)).received == 2);
    CHECK(answer(receive(0)).received == 2);
    CHECK(answer(send(9, frames({"x"}))).received == 2);
    const auto held = receive(2);
    send(3, frames({"c"}));
    say("x");
    CHECK(answer(held).received == 3);
}

TEST_CASE_FIXTURE(ServerFixture, "kinds and empty messages arrive as they were") {
    Output body;
    body.append_frame(Message::binary({}));
    body.append_frame(Message::text(""));
    session().send(1, {.first = 1, .body = body.flatten()}, now);
    (void)session().poll_event();
    CHECK(std::get<Message>(*session().poll_event()) == Message::binary({}));
    CHECK(std::get<Message>(*session().poll_event()) == Message::text(""));
}

TEST_CASE_FIXTURE(ServerFixture, "a repeated send is dropped silently") {
    send(1, frames({"a", "b"}));
    const auto id = send(1, frames({"a", "b"}));
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 2);
    CHECK(messages == Texts{"a", "b"});
}

TEST_CASE_FIXTURE(ServerFixture, "a repeat may regroup messages") {
    send(1, frames({"a", "b"}));
    send(2, frames({"b", "c"}));
    send(1, frames({"a"}));
    const auto id = send(1, frames({"a", "b", "c", "d"}));
    CHECK(answer(id).received == 4);
    CHECK(messages == Texts{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(ServerFixture, "a gap is refused, and nothing is applied") {
    send(1, frames({"a"}));
    receive(1);
    say("x");
    const auto id = send(3, frames({"c"}), 1);
    CHECK(status(id) == 409);
    CHECK(refusal(id) == Refusal::gap);
    CHECK(answer(id).received == 1);
    CHECK(messages == Texts{"a"});
    CHECK(session().backlog_messages() == 1);
    CHECK(refusal(send(greatest_number, frames({"c"}))) == Refusal::gap);
}

TEST_CASE_FIXTURE(ServerFixture, "an empty send is taken: it keeps alive and acknowledges") {
    receive(1);
    say("x");
    const auto id = send(1, "", 1);
    CHECK(status(id) == 204);
    CHECK(session().backlog_messages() == 0);
    CHECK(refusal(send(3, "")) == Refusal::gap);
    CHECK(refusal(send(0, "")) == Refusal::bad_number);
}

TEST_CASE_FIXTURE(ServerFixture,
                  "D10 a send that acknowledges what was not sent is refused whole") {
    const auto id = send(1, frames({"a"}), 1);
    CHECK(refusal(id) == Refusal::bad_number);
    CHECK(messages.empty());
    CHECK(status(send(1, frames({"a"}), 0)) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "D06 a body that is not all valid is not applied at all") {
    const std::string good = frames({"a"});
    const std::vector<std::string> faults{
        std::string{"\x82\x81\0\0\0\0x", 7},  // masked
        "\x02\x01x",                          // not final
        "\xC2\x01x",                          // RSV1
        std::string{"\x89\0", 2},             // ping
        std::string{"\x80\0", 2},             // continuation
        "\x83\x01x",                          // reserved opcode
        "\x82\x02x",                          // truncated
        "\x82",                               // truncated in the header
        "\x81\x01\xFF",                       // text that is not UTF-8
        "\x88\x01x",                          // half a close code
        close_frame + good,                   // bytes after a close frame
    };
    for (const std::string& fault : faults) {
        const auto id = send(1, good + fault);
        CHECK(status(id) == 400);
        CHECK(refusal(id) == Refusal::bad_frames);
    }
    CHECK(messages.empty());
    CHECK(opened == 0);
    CHECK(status(send(1, good)) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "D06 a length that promises too much is refused by its header") {
    options.message.bytes = 10;
    CHECK(status(send(1, frames({"0123456789"}))) == 204);
    CHECK(refusal(send(2, frames({"0123456789x"}))) == Refusal::message_too_big);
    const auto id = send(2, std::string{"\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10});
    CHECK(status(id) == 413);
    CHECK(refusal(id) == Refusal::message_too_big);
    CHECK(messages.size() == 1);
}

TEST_CASE_FIXTURE(ServerFixture, "D06 of ten thousand tiny messages those that fit are taken") {
    std::string body;
    for (int i = 0; i != 10'000; ++i) body += frames({""});
    const auto id = send(1, body);
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 256);
    CHECK(messages.size() == 256);
}

// The inbox.

TEST_CASE_FIXTURE(ServerFixture, "what fits is taken and acknowledged at once, the rest is not") {
    room(100, 2);
    const auto id = send(1, frames({"a", "b", "c"}));
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 2);
    CHECK(messages == Texts{"a", "b"});
    room(100, 5);
    send(3, frames({"c", "d"}));
    CHECK(messages == Texts{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(ServerFixture, "a message fits while a byte is free, and then none more") {
    room(1, 100);
    const auto id = send(1, frames({"long", "b"}));
    CHECK(answer(id).received == 1);
    CHECK(messages == Texts{"long"});
}

TEST_CASE_FIXTURE(ServerFixture, "where nothing fits the answer waits for room") {
    room(0, 10);
    const auto id = send(1, frames({"a", "b"}));
    CHECK(waits(id));
    CHECK(session().deadline() == now + 5s);
    wait(4s);
    room(100, 1);
    CHECK(status(id) == 204);
    CHECK(answer(id).received == 1);
    CHECK(messages == Texts{"a"});
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ServerFixture, "room that fits nothing yet does not end the wait") {
    room(0, 0);
    const auto id = send(1, frames({"a"}));
    room(10, 0);
    room(0, 10);
    CHECK(waits(id));
}

TEST_CASE_FIXTURE(ServerFixture, "where no room comes within five seconds the send is busy") {
    room(0, 0);
    const auto id = send(1, frames({"a"}));
    wait(5s - 1ns);
    CHECK(waits(id));
    wait(1ns);
    CHECK(status(id) == 503);
    CHECK(refusal(id) == Refusal::busy);
    CHECK(answer(id).received == 0);
    CHECK(messages.empty());
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ServerFixture, "duplicates need no room") {
    send(1, frames({"a"}));
    room(0, 0);
    CHECK(status(send(1, frames({"a"}))) == 204);
}

TEST_CASE_FIXTURE(ServerFixture, "D05 a newer send has the one that waits answered at once") {
    room(0, 0);
    const auto older = send(1, frames({"a"}));
    const auto newer = send(1, frames({"a", "b"}));
    CHECK(refusal(older) == Refusal::busy);
    CHECK(waits(newer));
    room(10, 10);
    CHECK(answer(newer).received == 2);
    CHECK(messages == Texts{"a", "b"});
}

TEST_CASE_FIXTURE(ServerFixture, "a refused send leaves the one that waits alone") {
    room(0, 0);
    const auto id = send(1, frames({"a"}));
    send(3, frames({"c"}));
    send(1, "\x81");
    CHECK(waits(id));
}

TEST_CASE_FIXTURE(ServerFixture, "a send whose connection drops while it waits is not applied") {
    room(0, 0);
    disconnect(send(1, frames({"a"})));
    room(10, 10);
    CHECK(messages.empty());
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ServerFixture, "a send that is interrupted while it waits is busy") {
    room(0, 0);
    const auto id = send(1, frames({"a"}));
    interrupt(id);
    CHECK(refusal(id) == Refusal::busy);
    CHECK(session().deadline() == now + 120s);
}

TEST_CASE_FIXTURE(ServerFixture, "a receive may be held while a send waits") {
    room(0, 0);
    const auto waiting = send(1, frames({"a"}));
    const auto held = receive(1);
    CHECK(waits(waiting));
    CHECK(waits(held));
    CHECK(session().deadline() == now + 5s);
    say("x");
    CHECK(status(held) == 200);
    CHECK(waits(waiting));
}

TEST_CASE_FIXTURE(ServerFixture,
                  "a client that waits for room for long is not forgotten meanwhile") {
    options.room_wait = 200s;
    room(0, 0);
    send(1, frames({"a"}));
    wait(199s);
    CHECK(closed.empty());
}
