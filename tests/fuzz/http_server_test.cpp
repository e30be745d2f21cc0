#include <fuzz/target.hpp>

#include <http/serving.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;
using test::Request;
using test::Response;
using test::Serving;

// What a client sends to a server: the first byte says how it is served, the rest is what arrives.

namespace {

http::ServerConnectionOptions options_of(unsigned choice) {
    http::ServerConnectionOptions options;
    options.body = 100;
    if (choice % 2 == 1) options.head = {.bytes = 200, .fields = 4, .target = 30};
    return options;
}

/// What holds of every request that the host sees, and of the whole output.
void check(const Serving& serving) {
    const std::string& output = serving.output;
    // Nothing is answered behind an answer that ends the connection.
    const std::size_t last = output.find("Connection: close\r\n");
    if (last != std::string::npos) {
        CHECK(output.find("HTTP/1.1 ", last) == std::string::npos);
        CHECK(serving.connection.finished());
    }
    CHECK(serving.count("closed") <= 1);
    CHECK(serving.count("head") >= serving.count("request"));
    CHECK((serving.connection.finished() || serving.connection.deadline() != never));
    if (serving.connection.finished()) CHECK(serving.connection.read_limit() == 0);
}

/// Answers with what it was asked, as a body that cannot be taken for a head.
Response answer(const Request& request, const http::ServerConnectionOptions& options) {
    CHECK(request.body.size() <= options.body);
    CHECK(request.head.fields.size() <= options.head.fields);
    CHECK(request.head.target.size() <= options.head.target);
    CHECK((request.head.minor_version == 0 || request.head.fields.count("Host") == 1));
    Response response;
    response.body.append(std::to_string(request.body.size()));
    return response;
}

void check_splits(ByteView bytes, unsigned choice, test::Random cuts) {
    const auto options = options_of(choice);
    const auto on_request = [&](const Request& request) { return answer(request, options); };
    Serving whole{options};
    whole.on_request = on_request;
    whole.receive(as_characters(bytes));
    Serving pieces{options};
    pieces.on_request = on_request;
    for (const auto& piece : test::cut_at_random(bytes, cuts)) {
        pieces.receive(as_characters(piece));
        check(pieces);
    }
    check(whole);
    CHECK(pieces.events == whole.events);
    CHECK(pieces.output == whole.output);
    whole.receive_eof();
    pieces.receive_eof();
    CHECK(pieces.events == whole.events);
    CHECK(pieces.output == whole.output);
    if (whole.connection.finished()) CHECK(whole.count("closed") == 1);
}

/// The same bytes, but answers are made late, heads are judged by the host, and time passes.
void operate(ByteView bytes, unsigned choice, test::Random random) {
    const auto options = options_of(choice);
    Serving serving{options};
    serving.on_request = [](const Request&) { return std::nullopt; };
    serving.on_head = [&](http::ServerConnection& connection, const auto&) {
        if (random.one_in(8)) connection.respond({.status = 403}, serving.now);
        else if (random.one_in(4)) connection.accept_body(random.below(20));
    };
    for (const auto& piece : test::cut_at_random(bytes, random)) {
        serving.receive(as_characters(piece));
        check(serving);
        if (random.one_in(8)) serving.pass(std::chrono::milliseconds{random.below(20'000)});
        if (random.one_in(32)) serving.connection.close_after_answer();
        if (random.one_in(2) && serving.connection.awaits_response()) serving.respond({});
        check(serving);
    }
    // Every state has a deadline, and the last of them is the end.
    serving.pass(1h);
    check(serving);
    CHECK(serving.connection.finished());
    CHECK(serving.count("closed") == 1);
}

void fuzz(ByteView input) {
    if (input.empty()) return;
    const auto choice = std::to_integer<unsigned>(input.front());
    check_splits(input.subspan(1), choice, test::random_of(input));
    operate(input.subspan(1), choice, test::random_of(input));
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any bytes are served alike in any pieces, within the limits, and to an end in time") {
    CHECK(offered);
    test::replay("http_server", fuzz);
    test::try_at_random("http_server", fuzz, 500);
}
