#include "server/hostile.hpp"

#include "support/allocated_bytes.hpp"

#include <hawser/deflate.hpp>

#include <string>
#include <string_view>

// Compressed messages over a real socket; the engine's tests have the same and more.

using namespace std::string_literals;

namespace {

constexpr unsigned packed_text = 0xC1;
const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;

hawser::WebSocketOptions options_with(const hawser::DeflateOptions& deflate) {
    return {.connection = {.message = {.bytes = 100'000}},
            .compression = hawser::deflate(deflate)};
}

struct Town : test::Town {
    explicit Town(const hawser::DeflateOptions& deflate = {.threshold = 1})
        : test::Town{{}, options_with(deflate)} {}

    /// A WebSocket that makes this offer, which is answered with `answer`.
    test::RawClient connect_offering(std::string_view offer, std::string_view answer) {
        test::RawClient client = connect();
        const std::string response = client.ask(
            "GET /websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Extensions: " +
            std::string{offer} + "\r\n\r\n");
        CHECK(test::status_of(response) == 101);
        CHECK(test::field_of(response, "Sec-WebSocket-Extensions") == answer);
        return client;
    }
    test::RawClient connect_packing() {
        return connect_offering(
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    }
    void check_closed_with(std::string_view frames, unsigned code) {
        test::RawClient client = connect_packing();
        client.write(frames);
        const std::string answer = client.read_to_end();
        CHECK(answer.substr(2, 2) == test::close_payload(code));
    }
};

}  // namespace

TEST_CASE("B09 a server without compression, and an offer that it cannot meet, are no obstacle") {
    Town town;
    for (const char* offer : {"x-unknown", "permessage-deflate; server_max_window_bits=8",
                              "permessage-deflate; x", ";;;"}) {
        CAPTURE(offer);
        auto client = town.connect_offering(offer, "");
        client.write(test::masked_frame(0x81, "hello"));
        CHECK(client.read(7) == test::plain_frame(0x81, "hello"));
    }
}

TEST_CASE("a compressed message comes back compressed, a short one as it is") {
    Town town{{.threshold = 20}};
    auto client = town.connect_packing();
    client.write(test::masked_frame(packed_text, hello));
    CHECK(client.read(7) == test::plain_frame(0x81, "Hello"));
    client.write(test::masked_frame(0x81, std::string(20, 'x')));
    const std::string answer = client.read(2);
    CHECK(static_cast<unsigned char>(answer[0]) == packed_text);
    CHECK(static_cast<unsigned char>(answer[1]) < 10);
}

TEST_CASE("C02 RSV1 closes with 1002 where nothing was negotiated") {
    Town town;
    test::RawClient client = town.connect_websocket();
    client.write(test::masked_frame(packed_text, hello));
    CHECK(client.read_to_end().substr(2, 2) == test::close_payload(1002));
}

TEST_CASE("C14 a bomb closes with 1009, and costs no more than the limit") {
    Town town;
    const auto maker = hawser::deflate({.threshold = 1})->accept("permessage-deflate");
    const auto form =
        maker->codec->compress(hawser::Message::binary(std::vector<std::byte>(10 << 20)));
    REQUIRE(form->size() < 11'000);
    const std::string bomb = test::masked_frame(0xC2, form->view());
    town.check_closed_with(bomb, 1009);  // what it costs to be at work is not counted
    const std::size_t before = test::allocated_bytes();
    for (int i = 0; i != 10; ++i) town.check_closed_with(bomb, 1009);
    CHECK(test::allocated_bytes() < before + 200'000);
}

TEST_CASE("C15 malformed compressed bytes close with 1002") {
    Town town;
    town.check_closed_with(test::masked_frame(packed_text, "\xff"), 1002);
    town.check_closed_with(test::masked_frame(packed_text, hello.substr(0, 3)), 1002);
    town.check_closed_with(test::masked_frame(packed_text, ""), 1002);
    auto client = town.connect_packing();
    client.write(test::masked_frame(packed_text, hello));
    CHECK(client.read(7) == test::plain_frame(0x81, "Hello"));
    client.write(test::masked_frame(packed_text, "\xf2\x00\x11\x00\x00"s));  // refers to it
    CHECK(client.read_to_end().substr(2, 2) == test::close_payload(1002));
}
