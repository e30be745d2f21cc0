#include <hawser/websocket/compression.hpp>

#include <websocket/compressed_frames.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What the engine does with whatever compresses: here one that only turns every bit, so that no
// message becomes shorter, and each can be followed by eye.

using namespace hawser;
using namespace hawser::websocket;
using test::Bytes;
using test::Driven;
using test::frame;
using test::rsv1;
using Events = std::vector<std::string>;

namespace {

Bytes turned(ByteView bytes) {
    Bytes result{bytes.begin(), bytes.end()};
    for (std::byte& byte : result)
        byte = ~byte;
    return result;
}

/// What happened to a codec.
struct Record {
    int forgotten = 0;
    int finished = 0;
};

/// Turns bits, but not of messages that begin with "plain".
class TurningCodec final : public MessageCodec {
public:
    explicit TurningCodec(Record& record) : record_{&record} {}

    std::optional<Message> compress(const Message& message) override {
        if (message.view().starts_with("plain")) return std::nullopt;
        return Message::binary(turned(message.bytes()));
    }
    void forget_compressed() noexcept override { ++record_->forgotten; }
    std::error_code inflate(ByteView bytes, MessageBuilder& into, std::size_t limit) override {
        const std::size_t size = std::min(bytes.size(), limit - into.size());
        into.append(turned(bytes.first(size)), limit);
        if (size != bytes.size()) return Error::message_too_big;
        return {};
    }
    std::error_code finish_inflating(MessageBuilder& into, std::size_t) override {
        ++record_->finished;
        // As if the end of the message were known only now.
        if (as_characters(into.bytes()) == "bad end") return Error::bad_compressed_bytes;
        return {};
    }

private:
    Record* record_;
};

class Turning final : public Compression {
public:
    std::optional<Accepted> accept(std::string_view offers) const override {
        if (offers != "x-other, turn") return std::nullopt;
        return Accepted{"turned", std::make_unique<TurningCodec>(record)};
    }
    std::string offer() const override { return "turn"; }
    Result<std::unique_ptr<MessageCodec>> agree(std::string_view answer) const override {
        if (answer != "turned") return Error::unrequested_extension;
        return std::unique_ptr<MessageCodec>{std::make_unique<TurningCodec>(record)};
    }

    mutable Record record;
};

http::RequestHead offering_head() {
    auto head = test::upgrade_head();
    head.fields.add("Sec-WebSocket-Extensions", "x-other");
    head.fields.add("Sec-WebSocket-Extensions", "turn");
    return head;
}

/// A server that has agreed on turning bits.
struct Server {
    Turning turning;
    Driven driven;

    explicit Server(const ConnectionOptions& options = {})
        : driven{Role::server, options, test::upgrade(offering_head(), &turning)} {
        driven.open();
    }
};

Events outcome_of(const Bytes& bytes, const ConnectionOptions& options = {}) {
    return test::outcome_of<Server>(bytes, options);
}

}  // namespace

TEST_CASE("a message with RSV1 is inflated, one without is not, and fragments have no RSV1") {
    const Bytes hello = turned(as_bytes("hello"));
    const ByteView whole{hello};
    const Bytes bytes = test::joined({
        frame(1, rsv1, hello),
        frame(1, 0, as_bytes("plain")),
        frame(2, rsv1, whole.first(2), false),
        frame(9, 0, as_bytes("ping")),
        frame(0, 0, whole.subspan(2, 0), false),
        frame(0, 0, whole.subspan(2)),
        frame(2, rsv1, turned(as_bytes(std::string(100'000, 'x')))),
    });
    CHECK(outcome_of(bytes) == Events{"opened", "text hello", "text plain", "binary hello",
                                      "binary " + std::string(100'000, 'x')});
    Server server;
    server.driven.receive(bytes);
    CHECK(server.turning.record.finished == 3);
    CHECK(server.driven.frames() == Events{"pong ping"});
    CHECK(server.driven.placed == 0);
}

TEST_CASE("C02 RSV1 is refused on continuations and control frames, RSV2 and RSV3 on all") {
    const Bytes begun = frame(1, rsv1, turned(as_bytes("a")), false);
    for (const Bytes& bad : {
             test::joined({begun, frame(0, rsv1, turned(as_bytes("b")))}),
             test::joined({frame(1, 0, as_bytes("a"), false), frame(0, rsv1, as_bytes("b"))}),
             test::joined({begun, frame(9, rsv1, as_bytes("ping"))}),
             frame(8, rsv1, as_bytes("\x03\xE8")),
             frame(1, 0b010, as_bytes("a")),
             frame(1, 0b101, as_bytes("a")),
         }) {
        CHECK(outcome_of(bad).back() == test::violation(1002, Error::reserved_bits));
    }
}

TEST_CASE("C02 RSV1 is refused where nothing was negotiated") {
    Turning turning;
    for (const Compression* const able : {static_cast<const Compression*>(nullptr),
                                          static_cast<const Compression*>(&turning)}) {
        // The request has offered nothing.
        Driven server{Role::server, {}, test::upgrade(test::upgrade_head(), able)};
        server.open().receive(frame(1, rsv1, turned(as_bytes("a"))));
        CHECK(server.last_event() == test::violation(1002, Error::reserved_bits));
    }
}

TEST_CASE("what a message inflates to counts for the limit, and its fragments too") {
    ConnectionOptions options;
    options.message = {.bytes = 10, .fragments = 3};
    const Bytes ten = turned(as_bytes("1234567890"));
    const Bytes eleven = turned(as_bytes("12345678901"));
    CHECK(outcome_of(frame(2, rsv1, ten), options).back() == "binary 1234567890");
    CHECK(outcome_of(frame(2, rsv1, eleven), options).back() ==
          test::violation(1009, Error::message_too_big));
    const Bytes twice = test::joined(
        {frame(2, rsv1, ten, false), frame(0, 0, ByteView{ten}.first(1))});
    CHECK(outcome_of(twice, options).back() == test::violation(1009, Error::message_too_big));
    const Bytes empty = frame(0, 0, {}, false);
    CHECK(outcome_of(test::joined({frame(2, rsv1, ten, false), empty, empty, empty}), options)
              .back() == test::violation(1009, Error::too_many_fragments));
}

TEST_CASE("a compressed frame may be longer than the limit, but not without end") {
    ConnectionOptions options;
    options.message.bytes = 10;
    Server server{options};
    server.driven.receive(
        test::encode({.reserved = rsv1, .key = test::some_key, .announced = 10'000}, ""));
    CHECK(server.driven.last_event() == test::violation(1009, Error::message_too_big));
}

TEST_CASE("C13 inflated text is checked as it comes, before what may be wrong behind it") {
    const Bytes bad = turned(as_bytes("good \xC0 and more"));
    CHECK(outcome_of(frame(1, rsv1, bad)).back() == test::violation(1007, Error::invalid_utf8));
    ConnectionOptions options;
    options.message.bytes = 8;
    CHECK(outcome_of(frame(1, rsv1, bad), options).back() ==
          test::violation(1007, Error::invalid_utf8));
    CHECK(outcome_of(frame(1, rsv1, turned(as_bytes("\xE2\x82")))).back() ==
          test::violation(1007, Error::invalid_utf8));
    CHECK(outcome_of(frame(2, rsv1, bad)).back() == "binary good \xC0 and more");

    Server server;
    server.driven.receive(test::encode({.opcode = 1, .fin = false, .reserved = rsv1,
                                        .key = test::some_key, .announced = 1000},
                                       turned(as_bytes("begin \xC0"))));
    CHECK(server.driven.last_event() == test::violation(1007, Error::invalid_utf8));
}

TEST_CASE("what is found wrong only at the end of a message ends the connection too") {
    CHECK(outcome_of(frame(2, rsv1, turned(as_bytes("bad end")))).back() ==
          test::violation(1002, Error::bad_compressed_bytes));
}

TEST_CASE("what a codec compresses leaves with RSV1, and what it does not leaves as it is") {
    Server server;
    server.driven.send("plain");
    server.driven.send("packed");
    const std::string longer(10'000, 'x');
    server.driven.send(longer);
    CHECK(server.driven.sent ==
          test::joined({test::encode({.opcode = 1}, "plain"),
                        test::encode({.opcode = 1, .reserved = rsv1}, turned(as_bytes("packed"))),
                        test::encode({.opcode = 1, .reserved = rsv1}, turned(as_bytes(longer)))}));
}

TEST_CASE("the long compressed form of a message is sent without another copy") {
    Turning turning;
    auto upgrade = test::upgrade(offering_head(), &turning);
    const ConnectionOptions options;
    FrameSender sender{options.backlog, nullptr};
    const Message message = Message::binary(Bytes(10'000));
    REQUIRE(sender.backlog().try_push(Message{message}));
    Output output;
    sender.take(output, test::any_budget, upgrade.codec.get());
    std::array<ByteView, 3> pieces;
    REQUIRE(output.gather(pieces) == 2);
    CHECK(pieces[0].size() == 4);
    CHECK(pieces[1].size() == 10'000);
    CHECK(turning.record.forgotten == 0);
}

TEST_CASE("a client masks what it has compressed, and reads what the server has") {
    const auto turning = std::make_shared<const Turning>();
    Driven client{Role::client, {}, test::upgrade(), test::upgrade_request(turning)};
    CHECK(client.request().head.fields.find("Sec-WebSocket-Extensions") == "turn");
    std::string reply = test::good_reply(client.request().accept);
    reply.insert(reply.size() - 2, "Sec-WebSocket-Extensions: turned\r\n");
    client.sent.clear();
    // The first frame arrives together with the reply.
    Bytes bytes = test::bytes_of(reply);
    test::append(bytes, test::encode({.opcode = 1, .reserved = rsv1}, turned(as_bytes("hello"))));
    client.receive(bytes);
    CHECK(client.events == Events{"opened", "text hello"});
    client.send("packed");
    CHECK(client.sent[0] == std::byte{0xC1});
    CHECK((client.sent[1] & std::byte{0x80}) != std::byte{});
    CHECK(client.frames() == Events{"text " + std::string{as_characters(
                                                  turned(as_bytes("packed")))}});
}

TEST_CASE("B10 a client refuses an extension that it has not offered, or not like that") {
    for (const bool offered : {false, true}) {
        const auto turning = offered ? std::make_shared<const Turning>() : nullptr;
        Driven client{Role::client, {}, test::upgrade(), test::upgrade_request(turning)};
        std::string reply = test::good_reply(client.request().accept);
        reply.insert(reply.size() - 2, offered ? "Sec-WebSocket-Extensions: spun\r\n"
                                               : "Sec-WebSocket-Extensions: turned\r\n");
        client.receive(reply);
        CHECK(client.last_event() ==
              "closed 1006 " + make_error_code(Error::unrequested_extension).message() +
                  " (peer)");
    }
}

TEST_CASE("a server answers what it has accepted, and a client may do without") {
    const Turning turning;
    const auto upgrade = test::upgrade(offering_head(), &turning);
    CHECK(upgrade.response.fields.find("Sec-WebSocket-Extensions") == "turned");
    CHECK(upgrade.codec);
    const auto unasked = test::upgrade(test::upgrade_head(), &turning);
    CHECK_FALSE(unasked.response.fields.contains("Sec-WebSocket-Extensions"));
    CHECK_FALSE(unasked.codec);

    Driven client{Role::client, {}, test::upgrade(),
                  test::upgrade_request(std::make_shared<const Turning>())};
    client.open().receive(test::encode({.opcode = 1}, "plain"));
    CHECK(client.last_event() == "text plain");
}
