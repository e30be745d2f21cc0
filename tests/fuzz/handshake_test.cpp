#include <fuzz/target.hpp>

#include <websocket/driven.hpp>

#include <hawser/core/base64.hpp>
#include <hawser/http/head_guard.hpp>
#include <hawser/http/parser.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

using namespace hawser;
using namespace hawser::websocket;
using test::Driven;

// The first byte says which of the fields of a good handshake are there, and in which role the rest
// is read: more field lines, and what follows the head.

namespace {

/// Agrees to everything, so that it can be seen what was agreed on.
class AnyCompression final : public Compression {
public:
    class Codec final : public MessageCodec {
        std::optional<Message> compress(const Message&) override { return std::nullopt; }
        void forget_compressed() noexcept override {}
        std::error_code inflate(ByteView, MessageBuilder&, std::size_t) override { return {}; }
        std::error_code finish_inflating(MessageBuilder&, std::size_t) override { return {}; }
    };
    std::optional<Accepted> accept(std::string_view offers) const override {
        if (offers.find("permessage-deflate") == std::string_view::npos) return std::nullopt;
        return Accepted{"permessage-deflate", std::make_unique<Codec>()};
    }
    std::string offer() const override { return "permessage-deflate"; }
    Result<std::unique_ptr<MessageCodec>> agree(std::string_view answer) const override {
        if (answer != "permessage-deflate") return Error::unrequested_extension;
        return std::unique_ptr<MessageCodec>{std::make_unique<Codec>()};
    }
};

const AnyCompression compression;

std::string chosen_lines(unsigned choice, const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        if (choice % 2 == 0) text += line + "\r\n";
        choice /= 2;
    }
    return text;
}

/// What must be true of a request that is accepted, in the words of RFC 6455 §4.2.1.
void check_accepted(const http::RequestHead& head, const Upgrade& upgrade) {
    const auto& fields = head.fields;
    CHECK(head.method == "GET");
    CHECK(head.minor_version == 1);
    CHECK(fields.has_token("Upgrade", "websocket"));
    CHECK(fields.has_token("Connection", "upgrade"));
    CHECK(fields.count("Sec-WebSocket-Key") == 1);
    const auto key = fields.find("Sec-WebSocket-Key").value_or("");
    CHECK(key.size() == 24);
    CHECK(decode_base64(key).value_or(std::vector<std::byte>{}).size() == 16);
    CHECK(fields.find("Sec-WebSocket-Version") == "13");
    CHECK(!fields.contains("Transfer-Encoding"));

    const auto& answer = upgrade.response.fields;
    CHECK(upgrade.response.status == 101);
    CHECK(answer.find("Sec-WebSocket-Accept") == accept_value(key));
    CHECK(answer.contains("Sec-WebSocket-Extensions") == (upgrade.codec != nullptr));
    CHECK(answer.find("Sec-WebSocket-Protocol").value_or("") == upgrade.subprotocol);
    if (!upgrade.subprotocol.empty()) {
        bool offered_it = false;
        for (const auto [name, value] : fields) {
            offered_it = offered_it || value.find(upgrade.subprotocol) != std::string_view::npos;
        }
        CHECK(offered_it);
    }
    // A client that had asked so would take it.
    UpgradeRequest request;
    request.head = head;
    request.accept = accept_value(key);
    if (!upgrade.subprotocol.empty()) request.subprotocols = {upgrade.subprotocol};
    CHECK(!check_upgrade_reply({.status = 101, .fields = answer}, request));
}

void check_server(unsigned choice, std::string_view text) {
    const std::string head =
        "GET / HTTP/1.1\r\n" +
        chosen_lines(choice, {"Host: server.example.com", "Upgrade: websocket",
                              "Connection: keep-alive, Upgrade",
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                              "Sec-WebSocket-Version: 13"}) +
        std::string{text};
    const HeadLimits limits;
    http::HeadGuard guard{http::HeadGuard::Section::request, limits};
    const std::size_t size = guard.feed(head);
    if (!guard.complete()) return;
    const auto parsed = http::parse_request_head(std::string_view{head}.substr(0, size));
    if (!parsed) return;
    const HandshakeOptions options{.subprotocols = {"chat", "b"}};
    auto verdict = accept_upgrade(*parsed, options, http::Security::plain, &compression);
    if (const auto* const upgrade = std::get_if<Upgrade>(&verdict)) {
        return check_accepted(*parsed, *upgrade);
    }
    const auto& refusal = std::get<Refusal>(verdict);
    CHECK(refusal.error);
    const unsigned status = refusal.response.status;
    CHECK((status == 400 || status == 403 || status == 405 || status == 426));
    const auto said = refusal.response.fields.find("Sec-WebSocket-Version");
    CHECK((status == 426) == (said == "13"));
}

UpgradeRequest some_request() {
    const auto url = http::parse_url("ws://server.example.com/chat");
    return *make_upgrade_request(*url, {.subprotocols = {"chat", "b"}}, test::entropy(),
                                 std::make_shared<AnyCompression>());
}

void check_client(unsigned choice, ByteView bytes, test::Random cuts) {
    const UpgradeRequest request = some_request();
    const std::string reply =
        "HTTP/1.1 101 Switching Protocols\r\n" +
        chosen_lines(choice, {"Upgrade: websocket", "Connection: Upgrade",
                              "Sec-WebSocket-Accept: " + request.accept,
                              "Sec-WebSocket-Protocol: chat",
                              "Sec-WebSocket-Extensions: permessage-deflate"}) +
        std::string{as_characters(bytes)};
    const ConnectionOptions options{.message = {.bytes = 1000}, .head = {.bytes = 400}};
    Driven whole{Role::client, options, {}, request};
    whole.receive(reply);
    Driven pieces{Role::client, options, {}, request};
    for (const auto& piece : test::cut_at_random(as_bytes(reply), cuts)) pieces.receive(piece);
    CHECK(pieces.events == whole.events);
    if (!whole.events.empty() && whole.events.front() == "opened") {
        // What it must have, it has from one of the two.
        const std::string_view head =
            std::string_view{reply}.substr(0, reply.find("\r\n\r\n") + 4);
        CHECK(head.find(request.accept) != std::string_view::npos);
        CHECK(head.size() <= options.head.bytes);
    }
    // The reply must come in time; a connection that stands asks whether its peer does.
    whole.pass(std::chrono::hours{1});
    REQUIRE(whole.connection.finished());
}

void fuzz(ByteView input) {
    if (input.empty()) return;
    const auto choice = std::to_integer<unsigned>(input.front());
    if (choice % 2 == 0) return check_server(choice / 4, as_characters(input.subspan(1)));
    check_client(choice / 4, input.subspan(1), test::random_of(input));
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("only a handshake as RFC 6455 has it is accepted, in whatever pieces it comes") {
    CHECK(offered);
    test::replay("handshake", fuzz);
    test::try_at_random("handshake", fuzz, 500);
}
