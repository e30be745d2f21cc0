#include <hawser/websocket/connection.hpp>

#include <websocket/driven.hpp>

#include <support/allocated_bytes.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

using namespace hawser;
using websocket::Connection;

namespace {

thread_local std::size_t allocations_made = 0;
thread_local bool memory_is_denied = false;

}  // namespace

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 does not see that the operator new below is what takes its memory from malloc.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// A short message lives in the object, so that what `new` gives is all there is to count.
void* operator new(std::size_t size) {
    ++allocations_made;
    void* const memory = memory_is_denied ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

const websocket::ConnectionOptions options;

/// A connection that is open and has nothing to do.
Connection idle(Role role) {
    auto request = test::upgrade_request();
    const std::string reply = test::good_reply(request.accept);
    auto connection =
        role == Role::server
            ? Connection::server(test::upgrade(), options, test::start)
            : Connection::client(std::move(request), options, test::entropy(), test::start);
    Output output;
    connection.take_output(output, test::any_budget, test::start);
    if (role == Role::client) {
        auto bytes = test::bytes_of(reply);
        CHECK(connection.receive(bytes, test::start) == bytes.size());
    }
    while (connection.poll_event()) {
    }
    connection.take_output(output, test::any_budget, test::start);
    return connection;
}

/// Receives `bytes`, all in one frame, and sends the message back.
void echo(Connection& connection, MutableBytes bytes, Output& output) {
    REQUIRE(connection.receive(bytes, test::start) == bytes.size());
    auto event = connection.poll_event();
    REQUIRE(connection.send(std::get<Message>(*std::move(event)), test::start) ==
            Backlog::Push::accepted);
    connection.take_output(output, test::any_budget, test::start);
    output.consume(output.size());
}

}  // namespace

TEST_CASE("an idle connection costs little") {
    CHECK(sizeof(Connection) <= 240);
    std::vector<Connection> connections;
    constexpr std::size_t count = 100;
    connections.reserve(count);
    for (const Role role : {Role::server, Role::client}) {
        const auto open_all = [&] {
            for (std::size_t i = 0; i != count; ++i)
                connections.push_back(idle(role));
        };
        // Once before it is measured: glibc counts what it keeps for the next allocation as given.
        connections.clear();
        open_all();
        connections.clear();
        const std::size_t before = test::allocated_bytes();
        open_all();
        const std::size_t each = (test::allocated_bytes() - before) / count;
        CAPTURE(each);
        // A client keeps its mask keys.
        CHECK(each <= (role == Role::server ? 0U : 200U));
    }
}

TEST_CASE("the echo of a short message allocates nothing") {
    for (const Role role : {Role::server, Role::client}) {
        Connection connection = idle(role);
        test::Frame frame{.opcode = 1};
        if (role == Role::server) frame.key = test::some_key;
        const auto bytes = test::encode(frame, std::string(Message::inline_capacity, 'x'));
        auto input = bytes;
        Output output;
        for (int i = 0; i != 3; ++i) {
            input = bytes;
            echo(connection, input, output);
        }
        const std::size_t before = allocations_made;
        for (int i = 0; i != 100; ++i) {
            std::copy(bytes.begin(), bytes.end(), input.begin());
            echo(connection, input, output);
        }
        CHECK(allocations_made == before);
    }
}

TEST_CASE("the echo of a batch of short messages allocates nothing, until the peer falls silent") {
    constexpr std::size_t together = 32;  // more than malloc keeps for the thread
    Connection connection = idle(Role::server);
    const auto bytes = test::encode({.key = test::some_key}, "message");
    auto input = bytes;
    Output output;
    const auto echo_batch = [&] {
        for (std::size_t i = 0; i != together; ++i) {
            std::copy(bytes.begin(), bytes.end(), input.begin());
            REQUIRE(connection.receive(input, test::start) == bytes.size());
            auto event = connection.poll_event();
            REQUIRE(connection.try_send(std::get<Message>(*std::move(event))));
        }
        connection.take_output(output, test::any_budget, test::start);
        output.clear();
    };
    echo_batch();
    const std::size_t before = allocations_made;
    for (int i = 0; i != 100; ++i)
        echo_batch();
    CHECK(allocations_made == before);

    const std::size_t busy = test::allocated_bytes();
    connection.tick(connection.deadline());
    CHECK(busy - test::allocated_bytes() >= together * sizeof(Message));
}

namespace {

/// Gives the same bytes for every message.
class ConstantCodec final : public websocket::MessageCodec {
public:
    std::optional<Message> compress(const Message&) override { return compressed; }
    void forget_compressed() noexcept override { ++forgotten; }
    std::error_code inflate(ByteView, MessageBuilder&, std::size_t) override { return {}; }
    std::error_code finish_inflating(MessageBuilder&, std::size_t) override { return {}; }

    Message compressed = Message::text(std::string(5000, 'c'));
    int forgotten = 0;
};

}  // namespace

TEST_CASE("a compressed message to which memory is denied waits, and is compressed anew") {
    ConstantCodec codec;
    websocket::FrameSender sender{options.backlog, nullptr};
    REQUIRE(sender.backlog().try_push(Message::text("message")));
    Output output;
    bool thrown = false;
    memory_is_denied = true;
    try {
        sender.take(output, test::any_budget, &codec);
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    memory_is_denied = false;
    CHECK(thrown);
    CHECK(codec.forgotten == 1);
    CHECK(output.empty());
    CHECK(sender.backlog().messages() == 1);
    sender.take(output, test::any_budget, &codec);
    CHECK(codec.forgotten == 1);
    CHECK(output.size() == 4 + 5000);
}

TEST_CASE("C03 C05 what is announced and not sent costs next to nothing") {
    websocket::ConnectionOptions large;
    large.message.bytes = std::size_t{64} << 20;
    std::vector<Connection> connections;
    constexpr std::size_t count = 1000;
    connections.reserve(count);
    for (std::size_t i = 0; i != count; ++i) {
        connections.push_back(Connection::server(test::upgrade(), large, test::start));
        Output output;
        connections.back().take_output(output, test::any_budget, test::start);
        while (connections.back().poll_event()) {
        }
    }
    const auto bytes = test::encode({.key = test::some_key, .announced = 16 << 20}, "x");
    const std::size_t before = test::allocated_bytes();
    for (Connection& connection : connections) {
        auto input = bytes;
        for (MutableBytes left{input}; !left.empty();) {
            left = left.subspan(connection.receive(left, test::start));
        }
        CHECK(connection.prepare().empty());
    }
    CHECK((test::allocated_bytes() - before) / count <= 400);
}

TEST_CASE("C05 the memory of a message follows the bytes received") {
    test::Driven server{Role::server};
    server.open();
    const std::string payload(1 << 20, 'x');
    auto bytes = test::encode({.key = test::some_key}, payload);
    const std::size_t before = test::allocated_bytes();
    std::size_t received = 0;
    while (received < bytes.size() / 2) {
        const MutableBytes left = MutableBytes{bytes}.subspan(received).first(10'000);
        const MutableBytes room = server.connection.prepare();
        if (room.empty()) {
            received += server.connection.receive(left, server.now);
        } else {
            const std::size_t size = std::min(left.size(), room.size());
            std::copy_n(left.begin(), size, room.begin());
            server.connection.commit(size, server.now);
            received += size;
        }
        REQUIRE(test::allocated_bytes() - before <= 2 * received + 70'000);
    }
}

TEST_CASE("a connection gives back what it needed, when it is over") {
    const auto live = [] {
        test::Driven server{Role::server};
        server.open();
        server.receive(test::encode({.opcode = 1, .fin = false, .key = test::some_key}, "half"));
        server.receive(test::encode({.opcode = 9, .key = test::some_key}, "ping"));
        server.close();
    };
    live();  // glibc counts what it keeps for the next allocation as given
    const std::size_t before = test::allocated_bytes();
    live();
    CHECK(test::allocated_bytes() == before);
}
