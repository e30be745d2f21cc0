#include <hawser/server/polling_endpoint.hpp>

#include "support/allocated_bytes.hpp"
#include "support/world.hpp"
#include "transport/recording_asker.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hawser::LongPolling;
using hawser::Message;
using hawser::PeerFacts;
using hawser::PollingOptions;
using hawser::http::Fields;
using hawser::http::Request;
using hawser::http::RequestHead;

namespace {

using Asker = std::shared_ptr<test::RecordingAsker>;

Request open_request() { return {.head = {.method = "POST", .target = "/poll"}, .body = {}}; }

Request receive_request(const std::string& token, int number = 1, int after = 0) {
    return {.head = {.fields = {{"Hawser-Session", token},
                                {"Hawser-Request", std::to_string(number)},
                                {"Hawser-After", std::to_string(after)}}},
            .body = {}};
}

Request send_request(const std::string& token, const Message& message) {
    const auto frame = message.frame();
    return {.head = {.method = "POST",
                     .fields = {{"Hawser-Session", token},
                                {"Hawser-First", "1"},
                                {"Content-Length", std::to_string(frame.size())}}},
            .body = {frame.begin(), frame.end()}};
}

struct Fixture {
    test::World world;
    asio::io_context second_io;
    std::vector<hawser::Channel<LongPolling>> opened;
    std::weak_ptr<hawser::PollingCarrier> last;
    std::shared_ptr<hawser::PollingEndpoint> endpoint;

    void make(PollingOptions options = {}) {
        endpoint = std::make_shared<hawser::PollingEndpoint>(
            std::vector{world.executor(), asio::any_io_executor{second_io.get_executor()}},
            std::move(options), [this](auto carrier) {
                last = carrier;
                opened.emplace_back(std::move(carrier));
            });
    }
    Asker ask(Request request, const PeerFacts& peer = {}) {
        const auto asker = std::make_shared<test::RecordingAsker>(world.executor());
        endpoint->handle(std::move(request), peer, hawser::Responder{asker, 1});
        return asker;
    }
    Asker answer_to(Request request, const PeerFacts& peer = {}) {
        auto asker = ask(std::move(request), peer);
        world.run_until("an answer", [&] { return asker->is_answered(); });
        return asker;
    }
    std::string open(const PeerFacts& peer = {}) {
        const auto asker = answer_to(open_request(), peer);
        REQUIRE(asker->status() == 201);
        return asker->field("Hawser-Session");
    }
};

std::string body_of(const Message& message) {
    return std::string{hawser::as_characters(message.frame())};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a session opens, and its channel is there at the first use") {
    make();
    const auto token = open({.address = "192.0.2.7", .port = 80});
    world.run_ready();
    CHECK(opened.empty());
    CHECK(answer_to(send_request(token, Message::text("hello")))->status() == 204);
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].info().peer_address() == "192.0.2.7");
    CHECK(opened[0].info().target() == "/poll");
    CHECK(test::receive(world, opened[0]).message().view() == "hello");
}

TEST_CASE_FIXTURE(Fixture, "a receive is held until there is something to say") {
    make();
    const auto token = open();
    const auto asker = ask(receive_request(token));
    world.run_ready();
    CHECK_FALSE(asker->is_answered());
    REQUIRE_FALSE(opened.at(0).try_send(Message::text("news")));
    world.run_until("an answer", [&] { return asker->is_answered(); });
    CHECK(asker->status() == 200);
    CHECK(asker->field("Hawser-First") == "1");
    CHECK(asker->body() == body_of(Message::text("news")));
}

TEST_CASE_FIXTURE(Fixture, "D03 who opened a session stays who it is of, whoever else uses it") {
    make();
    Request opening = open_request();
    opening.head.fields.add("Authorization", "alice");
    const auto token = answer_to(opening, {.address = "192.0.2.1"})->field("Hawser-Session");
    Request first = send_request(token, Message::text("hello"));
    first.head.target = "/poll?room=2";
    first.head.fields.add("Authorization", "bob");
    CHECK(answer_to(first, {.address = "192.0.2.2"})->status() == 204);
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].info().peer_address() == "192.0.2.1");
    CHECK(opened[0].info().target() == "/poll");
    CHECK(opened[0].info().header("Authorization") == "alice");
}

TEST_CASE_FIXTURE(Fixture, "D01 a session that does not exist is answered 404 by name") {
    make();
    const auto token = open();
    auto other = token;
    other.back() = other.back() == 'A' ? 'B' : 'A';
    // Tokens that are none, of another session, and of a shard that there is not.
    for (const std::string& wrong : {std::string{"x"}, std::string(36, 'A'), std::string(36, '_'),
                                     std::string(36, '!'), other}) {
        CAPTURE(wrong);
        const auto asker = answer_to(receive_request(wrong));
        CHECK(asker->status() == 404);
        CHECK(asker->field("Hawser-Error") == "unknown-session");
        CHECK(asker->field("Hawser") == "1");
    }
    CHECK(opened.empty());
}

TEST_CASE_FIXTURE(Fixture, "a token of a shard that there is not finds nothing") {
    make();
    auto token = open();
    REQUIRE(token.starts_with('A'));
    auto next = token;
    next[1] = 'g';  // the last bits of the first byte: shard 2
    REQUIRE(hawser::session::parse_token(next)->shard == 2);
    token[0] = '_';
    REQUIRE(hawser::session::parse_token(token)->shard == 0xFC);
    for (const std::string& wrong : {next, token}) {
        const auto asker = answer_to(receive_request(wrong));
        CHECK(asker->status() == 404);
        CHECK(asker->field("Hawser-Error") == "unknown-session");
    }
}

TEST_CASE_FIXTURE(Fixture, "a token of another executor's session finds nothing here") {
    make();
    auto token = open();
    REQUIRE(hawser::session::parse_token(token)->shard == 0);
    token[1] = 'Q';  // the last bits of the first byte: shard 1
    REQUIRE(hawser::session::parse_token(token)->shard == 1);
    const auto asker = ask(receive_request(token));
    world.run_ready();
    CHECK_FALSE(asker->is_answered());
    second_io.poll();
    world.run_until("an answer", [&] { return asker->is_answered(); });
    CHECK(asker->status() == 404);
}

TEST_CASE_FIXTURE(Fixture, "a request that comes to the other executor finds its session") {
    make();
    const auto token = open();
    const auto far = std::make_shared<test::RecordingAsker>(second_io.get_executor());
    asio::post(second_io, [&] {
        endpoint->handle(send_request(token, Message::text("over")), {}, hawser::Responder{far, 1});
    });
    second_io.poll();
    CHECK(opened.empty());
    world.run_until("a channel", [&] { return !opened.empty(); });
    CHECK(opened[0].get_executor() == world.executor());
    second_io.restart();
    while (!far->is_answered() && second_io.run_one() != 0) {}
    CHECK(far->status() == 204);
    CHECK(test::receive(world, opened[0]).message().view() == "over");
}

TEST_CASE_FIXTURE(Fixture, "D11 one session too many is refused, of one address and of all") {
    make({.server = {.caps = {.sessions = 3, .per_address = 2}}});
    open({.address = "192.0.2.1"});
    open({.address = "192.0.2.1"});
    const auto of_address = answer_to(open_request(), {.address = "192.0.2.1"});
    CHECK(of_address->status() == 429);
    open({.address = "192.0.2.2"});
    const auto of_all = answer_to(open_request(), {.address = "192.0.2.3"});
    CHECK(of_all->status() == 503);
    for (const auto& refused : {of_address, of_all}) {
        CHECK(refused->field("Hawser-Error") == "too-many");
        CHECK(refused->field("Retry-After") == "1");
    }
}

TEST_CASE_FIXTURE(Fixture, "D11 a session that nobody uses makes room again") {
    make({.server = {.caps = {.sessions = 1}, .unused = std::chrono::milliseconds{1}}});
    open();
    world.run_dry();
    CHECK(answer_to(open_request())->status() == 201);
}

TEST_CASE_FIXTURE(Fixture,
                  "D11 a session that is opened and not used costs two kibibytes at most") {
    make({.keep_head = false});
    open();
    constexpr std::size_t count = 1000;
    const std::size_t before = test::allocated_bytes();
    for (std::size_t i = 0; i != count; ++i)
        open();
    CHECK(test::allocated_bytes() < before + count * 2048);
}

TEST_CASE_FIXTURE(Fixture, "D12 of an absent client's messages those are dropped that may be") {
    using hawser::SlowConsumer;
    PollingOptions options{.server = {.hold = hawser::Duration::zero()}};
    options.server.message.bytes = 1;
    options.server.backlog.limits = {.high = 4, .low = 0, .hard = 6};  // two frames
    std::string left = "ab";
    SUBCASE("the newest") { options.server.backlog.slow_consumer = SlowConsumer::drop_newest; }
    SUBCASE("the oldest") {
        options.server.backlog.slow_consumer = SlowConsumer::drop_oldest;
        left = "bc";
    }
    make(options);
    const auto token = open();
    CHECK(answer_to(receive_request(token))->status() == 204);
    for (const char* text : {"a", "b", "c"}) (void)opened.at(0).sender().send(Message::text(text));
    world.run_ready();
    CHECK(opened[0].counters().dropped == 1);
    CHECK(answer_to(receive_request(token, 2))->body() ==
          body_of(Message::text(left.substr(0, 1))) + body_of(Message::text(left.substr(1))));
}

TEST_CASE_FIXTURE(Fixture, "a session whose end the client has seen makes room for a new one") {
    make({.server = {.caps = {.sessions = 1}}});
    const auto token = open();
    const auto held = ask(receive_request(token));
    world.run_until("a channel", [&] { return opened.size() == 1; });
    CHECK(answer_to(open_request())->status() == 503);
    const auto closed = test::start_close(opened[0]);
    world.run_until("the close", [&] { return held->is_answered(); });
    CHECK(answer_to(receive_request(token, 2, 1))->status() == 204);
    // It answers repeats until its place is needed.
    CHECK(answer_to(receive_request(token, 3, 1))->status() == 204);
    open();
    CHECK(answer_to(receive_request(token, 4, 1))->status() == 404);
}

TEST_CASE_FIXTURE(Fixture, "a session that was aborted makes room again") {
    make({.server = {.caps = {.sessions = 1}}});
    open();
    endpoint->abort(world.executor());
    world.run_ready();
    open();
}

TEST_CASE_FIXTURE(Fixture, "a session keeps no place of the connection that opened it") {
    make();
    const auto place = std::make_shared<int>(0);
    open({.place = place});
    CHECK(place.use_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a connection's place is not taken along to another executor") {
    make();
    const auto place = std::make_shared<int>(0);
    asio::io_context foreign;
    const auto asker = std::make_shared<test::RecordingAsker>(foreign.get_executor());
    endpoint->handle(open_request(), {.place = place}, hawser::Responder{asker, 1});
    CHECK(place.use_count() == 1);
    world.run_ready();
    foreign.poll();
    CHECK(asker->status() == 201);
}

TEST_CASE_FIXTURE(Fixture, "a session that has ended leaves nothing behind") {
    make();
    const auto token = open();
    CHECK(answer_to(send_request(token, Message::text("hello")))->status() == 204);
    CHECK_FALSE(last.expired());
    endpoint->abort(world.executor());
    opened.clear();
    world.run_ready();
    CHECK(last.expired());
}

TEST_CASE_FIXTURE(Fixture, "the head of an open is kept only where that is wanted") {
    make({.keep_head = false});
    const auto token = open({.address = "192.0.2.7"});
    CHECK(answer_to(send_request(token, Message::text("hello")))->status() == 204);
    CHECK(opened.at(0).info().peer_address() == "192.0.2.7");
    CHECK(opened[0].info().target().empty());
}

TEST_CASE_FIXTURE(Fixture, "a page's origin is judged by how the request came, head and whole") {
    make();
    Request request = open_request();
    request.head.fields = {{"Host", "here"}, {"Origin", "http://here"}};
    const PeerFacts secure{.security = hawser::http::Security::tls};
    CHECK_FALSE(endpoint->judge(request.head, {}).answer);
    CHECK(endpoint->judge(request.head, secure).answer);
    CHECK(answer_to(request)->status() == 201);
    CHECK(answer_to(request, secure)->status() == 403);
}

TEST_CASE_FIXTURE(Fixture, "a page of the list may read every reply") {
    make({.server = {.origin = {.allowed = {"https://good.example"}}}});
    const auto from_page = [](Request request) {
        request.head.fields.add("Origin", "https://good.example");
        return request;
    };
    const auto reads = [](const Asker& asker) {
        return asker->field("Access-Control-Allow-Origin") == "https://good.example";
    };
    const auto opening = answer_to(from_page(open_request()));
    CHECK(reads(opening));
    const auto token = opening->field("Hawser-Session");
    CHECK(reads(answer_to(from_page(send_request(token, Message::text("hello"))))));
    const auto held = ask(from_page(receive_request(token)));
    world.run_ready();
    REQUIRE_FALSE(opened.at(0).try_send(Message::text("news")));
    world.run_until("an answer", [&] { return held->is_answered(); });
    CHECK(reads(held));
    CHECK(reads(answer_to(from_page(receive_request("x")))));
    CHECK(endpoint->judge(from_page({.head = {.method = "POST"}, .body = {}}).head, {})
              .too_big->fields.contains("Access-Control-Allow-Origin"));
}

TEST_CASE_FIXTURE(Fixture, "a session belongs to the executor that its open came to") {
    make();
    const auto far = std::make_shared<test::RecordingAsker>(second_io.get_executor());
    asio::post(second_io, [&] {
        endpoint->handle(open_request(), {}, hawser::Responder{far, 1});
    });
    while (!far->is_answered() && second_io.run_one() != 0) {}
    CHECK(far->status() == 201);
    CHECK(hawser::session::parse_token(far->field("Hawser-Session"))->shard == 1);
}

TEST_CASE_FIXTURE(Fixture, "a drain tells the held polls 1001, and opens no more") {
    make();
    const auto token = open();
    const auto held = ask(receive_request(token));
    world.run_ready();
    int drained = 0;
    endpoint->drain(world.executor());
    endpoint->when_drained(world.executor(), [&] { ++drained; });
    world.run_until("an answer", [&] { return held->is_answered(); });
    CHECK(held->status() == 200);
    CHECK(held->body() == "\x88\x02\x03\xe9");
    const auto late = answer_to(open_request());
    CHECK(late->status() == 503);
    CHECK(late->field("Hawser-Error") == "draining");
    CHECK(late->field("Retry-After") == "1");
    CHECK(drained == 0);  // until the client has seen the close
    CHECK(answer_to(receive_request(token, 2, 1))->status() == 204);
    world.run_until("the end of the drain", [&] { return drained == 1; });
}

TEST_CASE_FIXTURE(Fixture, "the application's refusal is marked as one of the protocol") {
    make({.admit = [](const RequestHead&, const PeerFacts& peer) {
        CHECK(peer.address == "192.0.2.7");
        return std::optional{hawser::http::make_text_response(401, "Who are you?\n")};
    }});
    const auto asker = answer_to(open_request(), {.address = "192.0.2.7"});
    CHECK(asker->status() == 401);
    CHECK(asker->field("Hawser") == "1");
    CHECK(asker->body() == "Who are you?\n");
    CHECK(asker->field("Hawser-Session").empty());
}

TEST_CASE_FIXTURE(Fixture, "a head is judged before the body is read") {
    make({.server = {.message = {.bytes = 1000}, .origin = {.allowed = {"https://good.example"}}}});
    const auto good = endpoint->judge({.method = "POST"}, {});
    CHECK_FALSE(good.answer);
    CHECK(good.body_limit == 1256);
    REQUIRE(good.too_big);
    CHECK(good.too_big->status == 413);
    CHECK(good.too_big->fields.find("Hawser-Error") == "body-too-big");
    const auto strange = endpoint->judge(
        {.method = "POST", .fields = {{"Origin", "https://bad.example"}}}, {});
    REQUIRE(strange.answer);
    CHECK(strange.answer->status == 403);
    const auto long_one = endpoint->judge(
        send_request(std::string(36, 'A'), Message::text(std::string(2000, 'x'))).head, {});
    REQUIRE(long_one.answer);
    CHECK(long_one.answer->status == 413);
    CHECK(endpoint->judge({.method = "DELETE"}, {}).answer->status == 405);
}

TEST_CASE_FIXTURE(Fixture, "the answer to too long a body is made only where it can be needed") {
    make();
    const std::string token(36, 'A');
    auto send = send_request(token, Message::text("hi")).head;
    CHECK_FALSE(endpoint->judge(receive_request(token).head, {}).too_big);
    CHECK_FALSE(endpoint->judge(send, {}).too_big);
    send.fields.remove("Content-Length");
    send.fields.add("Transfer-Encoding", "chunked");
    const auto verdict = endpoint->judge(send, {});
    REQUIRE(verdict.too_big);
    CHECK(verdict.too_big->fields.find("Hawser-Error") == "body-too-big");
}

TEST_CASE_FIXTURE(Fixture, "an abort ends the sessions at once, and answers what was held") {
    make();
    const auto token = open();
    const auto held = ask(receive_request(token));
    world.run_ready();
    endpoint->abort(world.executor());
    world.run_until("an answer", [&] { return held->is_answered(); });
    CHECK(test::reason_of(world, opened.at(0)).error == hawser::Error::aborted);
    CHECK(answer_to(receive_request(token, 2))->status() == 404);
}

TEST_CASE_FIXTURE(Fixture, "options that do not fit together are a mistake of the application") {
    CHECK_THROWS_AS(make({.server = {.message = {.bytes = 8 << 20}}}), std::system_error);
}
