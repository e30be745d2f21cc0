#include <hawser/http/client_connection.hpp>
#include <hawser/http/server_connection.hpp>

#include <http/serving.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <string>
#include <string_view>

namespace {

std::size_t live_bytes = 0;
std::size_t most_live_bytes = 0;

/// Before each allocation stands its size.
constexpr std::size_t prefix = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t size) {
    auto* const place = static_cast<std::byte*>(std::malloc(size + prefix));
    if (place == nullptr) throw std::bad_alloc{};
    ::new (place) std::size_t{size};
    live_bytes += size;
    most_live_bytes = std::max(most_live_bytes, live_bytes);
    return place + prefix;
}

void operator delete(void* pointer) noexcept {
    if (pointer == nullptr) return;
    std::byte* const place = static_cast<std::byte*>(pointer) - prefix;
    live_bytes -= *reinterpret_cast<std::size_t*>(place);
    std::free(place);
}

void operator delete(void* pointer, std::size_t) noexcept { operator delete(pointer); }

namespace {

using hawser::http::ServerConnection;
using hawser::http::ServerConnectionOptions;

/// Counts what is allocated from its beginning on.
class Meter {
public:
    Meter() { most_live_bytes = live_bytes; }
    [[nodiscard]] std::size_t now() const { return live_bytes - before_; }
    [[nodiscard]] std::size_t most() const { return most_live_bytes - before_; }

private:
    std::size_t before_ = live_bytes;
};

/// A server connection that is fed without a harness that allocates; it answers nothing.
struct Fed {
    ServerConnectionOptions options;
    ServerConnection connection{options, test::start};
    Meter meter;

    /// Whether it still takes bytes.
    bool receive(std::string_view text) {
        char buffer[1024];
        std::ranges::copy(text, buffer);
        std::span<char> rest{buffer, text.size()};
        while (!rest.empty()) {
            const auto bytes = std::as_writable_bytes(rest);
            const std::size_t consumed = connection.receive(bytes, test::start);
            rest = rest.subspan(consumed);
            while (auto event = connection.poll_event()) {
                if (event->index() == 3) return false;
            }
            if (consumed == 0) return false;
        }
        return true;
    }

    /// Feeds `text` for at most `times` times; returns how often it was taken.
    int flood(std::string_view text, int times = 100'000) {
        int taken = 0;
        while (taken != times && receive(text)) ++taken;
        return taken;
    }
};

constexpr std::size_t head_limit = hawser::HeadLimits{}.bytes;

}  // namespace

TEST_CASE("A21: an endless head, line or row of empty lines costs at most twice the limit") {
    for (const std::string_view beginning : {"", "GET /", "GET / HTTP/1.1\r\nX: "}) {
        for (const std::string_view flood :
             {"a", "\r\n", "X: y\r\n", "aaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
            CAPTURE(beginning);
            CAPTURE(flood);
            Fed fed;
            if (!beginning.empty()) REQUIRE(fed.receive(beginning));
            CHECK(fed.flood(flood) < 20'000);
            CHECK(fed.meter.most() < 3 * head_limit);
            CHECK(fed.meter.now() < 1024);
        }
    }
}

TEST_CASE("A12: endless chunk extensions cost no memory") {
    Fed fed;
    const bool is_read = fed.receive(test::post_chunked("1;"));
    REQUIRE(is_read == hawser::http::reads_chunks_strictly());
    if (is_read) CHECK(fed.flood("aaaaaaaaaa") < 2000);
    CHECK(fed.meter.most() < 4096);
}

TEST_CASE("A14: a million trailers cost no memory") {
    Fed fed;
    const bool is_read = fed.receive(test::post_chunked("0\r\n"));
    REQUIRE(is_read == hawser::http::reads_chunks_strictly());
    if (is_read) CHECK(fed.flood("X: y\r\n") <= 100);
    CHECK(fed.meter.most() < 4096);
}

TEST_CASE("A22: a body costs what has arrived, not what was announced") {
    Fed fed;
    REQUIRE(fed.receive(test::post("Content-Length: 1000000\r\n", "x")));
    CHECK(fed.meter.now() < 2048);
    CHECK(fed.flood("x", 10'000) == 10'000);
    CHECK(fed.meter.most() < 3 * 10'000 + 2048);
}

TEST_CASE("a connection that is idle, or whose request is held, keeps nothing on the heap") {
    Fed fed;
    const std::string request = test::post("Content-Length: 5\r\n", "hello");
    const std::string part = request.substr(0, 20);
    const Meter meter;
    for (int i = 0; i != 3; ++i) {
        REQUIRE(fed.receive(part));
        REQUIRE(fed.receive(std::string_view{request}.substr(20)));
        CHECK(meter.now() == 0);
        fed.connection.respond(hawser::http::make_text_response(200, "hi"), test::start);
        hawser::Output taken;
        fed.connection.take_output(taken, 1024, test::start);
        taken = {};
        CHECK(meter.now() == 0);
    }
}

TEST_CASE("a client connection between exchanges keeps nothing on the heap") {
    const hawser::http::ClientConnectionOptions options;
    hawser::http::ClientConnection connection{options, test::start};
    std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    const Meter meter;
    for (int i = 0; i != 3; ++i) {
        connection.request({.fields = {{"Host", "a"}}}, {}, {}, test::start);
        hawser::Output taken;
        connection.take_output(taken, 1024, test::start);
        taken = {};
        auto bytes = std::as_writable_bytes(std::span<char>{reply});
        bytes = bytes.subspan(connection.receive(bytes, test::start));
        (void)connection.receive(bytes, test::start);
        CHECK(connection.poll_event()->index() == 0);
        CHECK(meter.now() == 0);
    }
}
