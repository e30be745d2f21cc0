#include <hawser/client/connect.hpp>

#include "client/silent_server.hpp"
#include "support/raw_frames.hpp"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>

// Servers that break the rules of the handshake or of frames, over a real socket; the engine's
// tests have the same and more.

using hawser::Channel;
using hawser::ConnectOptions;
using hawser::Error;
using hawser::Message;
using hawser::WebSocket;
using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace test::whole;

namespace {

using Connected = test::Outcome<std::error_code, Channel<WebSocket>>;

/// A client that has sent its request to a server, which is played by the test.
struct Call {
    explicit Call(ConnectOptions<WebSocket> options = {}) {
        hawser::connect<WebSocket>(world.executor(), server.url(), std::move(options),
                                   connected.handler());
        peer = &server.await_request(world);
        request = std::exchange(peer->received(), {});
    }

    /// A good reply, without the empty line behind its fields.
    [[nodiscard]] std::string reply_fields() const {
        const std::string name = "\r\nSec-WebSocket-Key: ";
        const std::string key = request.substr(request.find(name) + name.size(), 24);
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: " +
               hawser::websocket::accept_value(key) + "\r\n";
    }
    /// Opens the connection; `frames` come in the segment of the reply.
    Channel<WebSocket>& open(std::string_view frames = {}) {
        peer->write(reply_fields() + "\r\n" + std::string{frames});
        world.run_until("a channel", connected);
        REQUIRE_FALSE(connected.error());
        return std::get<1>(connected.result());
    }
    /// What comes of another reply.
    std::error_code refused(std::string_view reply) {
        peer->write(reply);
        world.run_until("the end of an attempt", connected);
        peer->await_end(world);
        CHECK(peer->received().empty());
        return connected.error();
    }
    /// The next frame of the client: its first byte, and its payload without the mask.
    std::pair<unsigned, std::string> frame() {
        std::string& bytes = peer->received();
        const auto size = [&] { return 6U + (static_cast<unsigned char>(bytes[1]) & 0x7fU); };
        world.run_until("a frame", [&] { return bytes.size() >= 6 && bytes.size() >= size(); });
        const std::string whole = bytes.substr(0, size());
        bytes.erase(0, whole.size());
        masks.insert(whole.substr(2, 4));
        std::string payload = whole.substr(6);
        for (std::size_t i = 0; i != payload.size(); ++i) payload[i] ^= whole[2 + i % 4];
        return {static_cast<unsigned char>(whole[0]), payload};
    }
    /// Checks that the next frame closes with `code`, and that the connection ends behind it.
    void check_closed_with(unsigned code) {
        const auto [first_byte, payload] = frame();
        CHECK(first_byte == close_frame);
        CHECK(payload.substr(0, 2) == test::close_payload(code));
        peer->await_end(world);
        CHECK(peer->received().empty());
    }

    test::World world;
    test::SilentServer server{world};
    Connected connected;
    test::RawPeer* peer = nullptr;
    std::string request;
    /// Of the frames that were looked at.
    std::set<std::string> masks;
};

asio::awaitable<void> echo(Channel<WebSocket> channel) {
    while (auto message = co_await channel.receive()) {
        const bool taken = co_await channel.send(*std::move(message));
        if (!taken) co_return;
    }
}

/// Has `channel` send back what comes, as a coroutine or from a handler.
void start_echo(Call& call, Channel<WebSocket>& channel, bool as_coroutine) {
    if (as_coroutine) {
        return asio::co_spawn(call.world.executor(), echo(std::move(channel)), asio::detached);
    }
    channel.run({.message = [&channel](const Message& message) {
        CHECK_FALSE(channel.try_send(message));
    }});
}

/// Checks that a client that is sent `frames` closes with `code`, because of `error`.
void check_refused(std::string_view frames, unsigned code, Error error) {
    Call call;
    auto& channel = call.open();
    call.peer->write(frames);
    CHECK(test::receive(call.world, channel).error() == error);
    CHECK(channel.close_reason()->code == code);
    CHECK(channel.close_reason()->by == hawser::Party::peer);
    call.check_closed_with(code);
}

std::string non_minimal_header(unsigned marker, std::size_t bytes) {
    return std::string{static_cast<char>(text), static_cast<char>(marker)} +
           std::string(bytes - 1, '\0') + '\x01' + 'x';
}

}  // namespace

TEST_CASE("B06 what follows the reply in the same segment is not lost") {
    Call call;
    auto& channel = call.open(test::plain_frame(text, "early") + test::plain_frame(text, "bird"));
    CHECK(test::receive(call.world, channel).message().view() == "early");
    CHECK(test::receive(call.world, channel).message().view() == "bird");
}

TEST_CASE("B06 a message right behind the reply is answered, though a violation follows it") {
    const std::string first = test::plain_frame(text, "first");
    for (const std::string& violation :
         {test::plain_frame(0xa1, "RSV2"), test::plain_frame(0x85, ""),
          test::plain_frame(0x00, "of nothing"), test::masked_frame(text, "masked")}) {
        for (const bool as_coroutine : {true, false}) {
            Call call;
            auto& channel = call.open(first + violation + test::plain_frame(ping, ""));
            start_echo(call, channel, as_coroutine);
            CHECK(call.frame() == std::pair{text, "first"s});
            call.check_closed_with(1002);
        }
    }
}

TEST_CASE("B06 what stands right behind the reply is read, though the channel is never used") {
    Call call;
    const auto& channel = call.open(test::plain_frame(ping, "there?") +
                                    test::plain_frame(close_frame, test::close_payload(1001)));
    CHECK(call.frame() == std::pair{pong, "there?"s});
    CHECK(call.frame() == std::pair{close_frame, test::close_payload(1001)});
    CHECK(channel.close_reason()->code == 1001);
}

TEST_CASE("B10 a reply that is no upgrade to this request ends the attempt") {
    ConnectOptions<WebSocket> options;
    options.transport.request.subprotocols = {"chat"};
    const auto refused = [&](auto reply) {
        Call call{options};
        return call.refused(reply(call.reply_fields()));
    };
    const auto with = [&](const char* line) {
        return refused([line](const std::string& good) { return good + line + "\r\n\r\n"; });
    };
    const auto instead = [&](std::string_view reply) {
        return refused([reply](const std::string&) { return std::string{reply}; });
    };
    CHECK(with("Sec-WebSocket-Protocol: other") == Error::unrequested_subprotocol);
    CHECK(with("Sec-WebSocket-Extensions: permessage-deflate") == Error::unrequested_extension);
    CHECK(with("Transfer-Encoding: chunked") == Error::unexpected_body);
    CHECK(with(("X: "s + std::string(65'536, 'x')).c_str()) == Error::head_too_big);
    CHECK(with("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") ==
          Error::bad_websocket_accept);
    CHECK(instead("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n") ==
          Error::upgrade_refused);
    CHECK(instead("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == Error::upgrade_refused);
    CHECK(instead("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n") ==
          Error::upgrade_refused);
    CHECK(instead("HTTP/1.1 101\nUpgrade: websocket\n\n") == Error::bad_line_end);
}

TEST_CASE("C01 a server that masks is refused") {
    check_refused(test::masked_frame(text, "hello"), 1002, Error::masked_frame);
}

TEST_CASE("C02 reserved bits and opcodes of a server are refused") {
    check_refused(test::plain_frame(0xc1, "RSV1"), 1002, Error::reserved_bits);
    check_refused(test::plain_frame(0xa1, "RSV2"), 1002, Error::reserved_bits);
    check_refused(test::plain_frame(0x91, "RSV3"), 1002, Error::reserved_bits);
    check_refused(test::plain_frame(0x83, ""), 1002, Error::reserved_opcode);
    check_refused(test::plain_frame(0x8b, ""), 1002, Error::reserved_opcode);
}

TEST_CASE("C03 C04 lengths of a server that are too long, or longer written than need be") {
    check_refused(test::frame_header(0x82, false, std::uint64_t{1} << 63), 1002,
                  Error::bad_frame_length);
    check_refused(test::frame_header(0x82, false, (std::uint64_t{1} << 63) - 1), 1009,
                  Error::message_too_big);
    check_refused(non_minimal_header(126, 2), 1002, Error::bad_frame_length);
    check_refused(non_minimal_header(127, 8), 1002, Error::bad_frame_length);
}

TEST_CASE("C06 C07 fragments of a server that are none are refused") {
    check_refused(test::plain_frame(0x09, ""), 1002, Error::fragmented_control_frame);
    check_refused(test::plain_frame(ping, std::string(126, 'x')), 1002, Error::long_control_frame);
    check_refused(test::plain_frame(0x80, "x"), 1002, Error::unexpected_continuation);
    check_refused(test::plain_frame(0x01, "x") + test::plain_frame(text, "y"), 1002,
                  Error::expected_continuation);
}

TEST_CASE("C11 C13 a server's bad close frames and bad text are refused") {
    check_refused(test::plain_frame(close_frame, "\x03"), 1002, Error::bad_close_payload);
    check_refused(test::plain_frame(close_frame, test::close_payload(1006)), 1002,
                  Error::bad_close_code);
    check_refused(test::plain_frame(close_frame, test::close_payload(1000, "\xff")), 1007,
                  Error::invalid_utf8);
    check_refused(test::frame_header(text, false, 1000) + "begins \xc0", 1007,
                  Error::invalid_utf8);
}

TEST_CASE("C12 a server's close is final, whatever follows it") {
    Call call;
    auto& channel = call.open();
    call.peer->write(test::plain_frame(close_frame, test::close_payload(1001, "bye")) +
                     test::plain_frame(text, "late") +
                     test::plain_frame(close_frame, test::close_payload(4000)));
    CHECK(test::receive(call.world, channel).error() == Error::closed);
    CHECK(channel.close_reason()->code == 1001);
    CHECK(call.frame() == std::pair{close_frame, test::close_payload(1001)});
    call.peer->end_output();
    call.peer->await_end(call.world);
    CHECK(call.peer->received().empty());
}

TEST_CASE("C12 a server that does not answer a close, or leaves without one, is told as 1006") {
    ConnectOptions<WebSocket> options;
    options.transport.connection.close_timeout = 20ms;
    Call call{options};
    auto& channel = call.open();
    SUBCASE("silence") {
        static_cast<void>(test::start_close(channel));
        CHECK(test::reason_of(call.world, channel).error == Error::close_timeout);
    }
    SUBCASE("the end of its half") {
        call.peer->end_output();
        CHECK(test::reason_of(call.world, channel).error == Error::connection_lost);
    }
    CHECK(channel.close_reason()->code == 1006);
    call.peer->await_end(call.world);
}

TEST_CASE("C17 no two frames of a client have one mask, on one connection or on two") {
    std::set<std::string> masks;
    for (int connection = 0; connection != 2; ++connection) {
        Call call;
        auto& channel = call.open(test::plain_frame(ping, "there?"));
        for (int i = 0; i != 50; ++i) {
            CHECK_FALSE(test::send(call.world, channel, Message::text("always the same")));
        }
        static_cast<void>(test::start_close(channel));
        for (int i = 0; i != 52; ++i) static_cast<void>(call.frame());
        masks.merge(call.masks);
    }
    CHECK(masks.size() == 104);
    CHECK_FALSE(masks.contains(std::string(4, '\0')));
}
