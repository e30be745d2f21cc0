#include <hawser/http/server_connection.hpp>

#include <hawser/core/stream_engine.hpp>

#include <http/serving.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

using hawser::Error;
using hawser::http::Response;
using hawser::http::ServerConnection;
using hawser::http::ServerConnectionOptions;
using test::get;
using test::post;
using test::serve;
using test::Serving;
using Strings = std::vector<std::string>;

static_assert(hawser::StreamEngine<ServerConnection>);
static_assert(sizeof(ServerConnection) <= 400, "an idle connection is small");

namespace {

/// A server that has taken a request and holds it back.
struct Holding : Serving {
    explicit Holding(std::string_view request = get(), const ServerConnectionOptions& options = {})
        : Serving{options} {
        on_request = [](const test::Request&) { return std::nullopt; };
        receive(request);
    }
};

Response text(std::string_view body) { return hawser::http::make_text_response(200, body); }

bool ends_connection(const std::string& output) {
    return output.find("Connection: close\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a request is given out as its head, then whole, and its answer is written") {
    const auto outcome = serve(post("Content-Length: 5\r\n", "hello"));
    CHECK(outcome.events == Strings{"head POST /", "request POST / hello"});
    CHECK(outcome.output == "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nPOST / hello");
}

TEST_CASE("A20: pipelined requests are answered in order, each in its turn") {
    std::string requests;
    Strings expected;
    for (int i = 0; i != 40; ++i) {
        requests += get("", "/" + std::to_string(i)) + post("Content-Length: 1\r\n", "x");
        expected.push_back("head GET /" + std::to_string(i));
        expected.push_back("request GET /" + std::to_string(i) + ' ');
        expected.emplace_back("head POST /");
        expected.emplace_back("request POST / x");
    }
    const auto outcome = serve(requests);
    CHECK(outcome.events == expected);
    CHECK(outcome.statuses == Strings(80, "200"));
}

TEST_CASE("A20: ten thousand pipelined requests in one segment are answered") {
    std::string requests;
    for (int i = 0; i != 10'000; ++i) requests += get();
    Serving serving;
    serving.receive(requests);
    CHECK(serving.statuses() == Strings(10'000, "200"));
}

TEST_CASE("A20: nothing is read any more when too many answers wait to be taken") {
    const ServerConnectionOptions options;
    ServerConnection connection{options, test::start};
    std::string requests;
    for (int i = 0; i != 1000; ++i) requests += get();
    hawser::MutableBytes bytes = std::as_writable_bytes(std::span<char>{requests});
    while (const std::size_t consumed = connection.receive(bytes, test::start)) {
        bytes = bytes.subspan(consumed);
        while (auto event = connection.poll_event()) {
            if (event->index() == 1) connection.respond(text(std::string(1000, 'a')), test::start);
        }
    }
    CHECK(connection.read_limit() == 0);
    connection.receive_eof(test::start);
    CHECK(!connection.poll_event());
    hawser::Output output;
    connection.take_output(output, 1 << 20, test::start);
    CHECK(output.size() > 60'000);
    CHECK(output.size() < 70'000);
    CHECK(connection.read_limit() > 0);
    CHECK(connection.receive(bytes, test::start) > 0);
}

TEST_CASE("A20: nothing after Connection: close is read, however it is written") {
    for (const std::string value : {"close", "Close", "close\t", "keep-alive, close", "close ,x",
                                    "keep-alive\r\nConnection: close"}) {
        CAPTURE(value);
        const auto outcome = serve(get("Connection: " + value + "\r\n") + get("", "/hidden"));
        CHECK(outcome.events ==
              Strings{"head GET /", "request GET / ", "closed: the channel was closed"});
        CHECK(ends_connection(outcome.output));
    }
    for (const std::string value : {"closed", "xclose", "keep-alive", "clo se"}) {
        CAPTURE(value);
        CHECK(serve(get("Connection: " + value + "\r\n") + get()).statuses.size() == 2);
    }
}

TEST_CASE("an HTTP/1.0 connection goes on only when the client asks for it") {
    const std::string plain = "GET / HTTP/1.0\r\n\r\n";
    CHECK(serve(plain + get()).statuses == Strings{"200"});
    const std::string kept = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
    const auto outcome = serve(kept + kept);
    CHECK(outcome.statuses == Strings{"200", "200"});
    CHECK(outcome.output.find("Connection: keep-alive\r\n") != std::string::npos);
}

TEST_CASE("the answer to HEAD says how long the body would be, and has none") {
    const auto outcome = serve("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get());
    CHECK(outcome.output.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200"));
}

TEST_CASE("an answer with 204 or 304 has no body and no Content-Length") {
    for (const unsigned status : {204U, 304U}) {
        Holding serving;
        serving.respond({.status = status, .fields = {{"X", "y"}}});
        CHECK(serving.output.ends_with("\r\nX: y\r\n\r\n"));
        CHECK(serving.output.find("Content-Length") == std::string::npos);
    }
}

TEST_CASE("an answer may end the connection") {
    Holding serving;
    serving.respond({.fields = {{"Connection", "close"}}});
    CHECK(ends_connection(serving.output));
    CHECK(serving.connection.finished());
    CHECK(serving.error == Error::closed);
}

TEST_CASE("A23: a client that expects 100 is told to continue when its body is wanted") {
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto outcome = serve(post("Expect: 100-Continue\r\nContent-Length: 5\r\n", "hello"));
    CHECK(outcome.output.starts_with(interim + "HTTP/1.1 200 OK\r\n"));
    CHECK(serve(get("Expect: 100-continue\r\n")).statuses == Strings{"200"});
    const auto old = serve("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx");
    CHECK(old.statuses == Strings{"200"});
}

TEST_CASE("A23: another expectation is refused with 417") {
    CHECK(test::is_refused(post("Expect: 200-ok\r\nContent-Length: 5\r\n", "hello"), {"417"}));
    CHECK(test::is_refused(get("Expect: 100-continue, x\r\n"), {"417"}));
    CHECK(test::is_refused(get("Expect: 100-continue\r\nExpect: x\r\n"), {"417"}));
}

TEST_CASE("A23: a refused expectation leaves no body that could be taken for a request") {
    const Serving::OnHead refuse = [](ServerConnection& connection, const auto&) {
        connection.respond({.status = 403}, test::start);
    };
    const auto outcome =
        serve(post("Expect: 100-continue\r\nContent-Length: 60\r\n", get()), {}, refuse);
    CHECK(outcome.statuses == Strings{"403"});
    CHECK(outcome.events == Strings{"head POST /", "closed: the channel was closed"});
}

TEST_CASE("a host may answer at the head, which ends the connection only if a body is unread") {
    const Serving::OnHead refuse = [](ServerConnection& connection, const auto&) {
        connection.respond({.status = 404}, test::start);
    };
    CHECK(serve(get() + get(), {}, refuse).statuses == Strings{"404", "404"});
    const auto outcome = serve(post("Content-Length: 5\r\n", "hello") + get(), {}, refuse);
    CHECK(outcome.statuses == Strings{"404"});
    CHECK(ends_connection(outcome.output));
}

TEST_CASE("a host may set the limit of a body at its head") {
    const Serving::OnHead accept = [](ServerConnection& connection, const auto&) {
        connection.accept_body(4);
    };
    CHECK(serve(post("Content-Length: 4\r\n", "four"), {}, accept).statuses == Strings{"200"});
    const auto outcome = serve(post("Content-Length: 5\r\n", "hello"), {}, accept);
    CHECK(outcome.statuses == Strings{"413"});
    CHECK(outcome.error == Error::body_too_big);
}

TEST_CASE("what follows an upgrade is not consumed") {
    const std::string upgrade = get("Connection: upgrade\r\nUpgrade: websocket\r\n");
    std::string input = upgrade + "\x81\x80";
    const ServerConnectionOptions options;
    ServerConnection connection{options, test::start};
    const auto bytes = std::as_writable_bytes(std::span<char>{input});
    CHECK(connection.receive(bytes, test::start) == upgrade.size());
    CHECK(connection.poll_event()->index() == 0);
    CHECK(connection.poll_event()->index() == 1);
    CHECK(connection.receive(bytes.subspan(upgrade.size()), test::start) == 0);
}

TEST_CASE("D08 a held request is interrupted once by bytes of a next one, which gets its turn") {
    Holding serving;
    const std::size_t before = serving.connection.read_limit();
    CHECK(before == 16 * 1024);
    serving.receive(get("", "/next").substr(0, 10));
    CHECK(serving.connection.read_limit() == before - 10);
    serving.receive(get("", "/next").substr(10));
    CHECK(serving.events == Strings{"head GET /", "request GET / ", "interrupted"});
    CHECK(serving.output.empty());
    serving.respond({.status = 204});
    CHECK(serving.statuses() == Strings{"204"});
    CHECK(serving.events.back() == "request GET /next ");
}

TEST_CASE("D08 no more than a head is read ahead of a held request") {
    Holding serving;
    serving.receive(std::string(20'000, 'a'));
    CHECK(serving.connection.read_limit() == 0);
}

TEST_CASE("a half-close interrupts a held request, whose answer is written all the same") {
    Holding serving;
    serving.receive_eof();
    CHECK(serving.events.back() == "interrupted");
    CHECK(serving.connection.read_limit() == 0);
    serving.respond({.status = 204});
    CHECK(serving.statuses() == Strings{"204"});
    CHECK(ends_connection(serving.output));
    CHECK(serving.events.back() == "closed: the channel was closed");
    CHECK(serving.connection.finished());
}

TEST_CASE("a half-close takes no deadline away") {
    Holding serving;
    serving.receive_eof();
    serving.pass(119s);
    CHECK(serving.output.empty());
    serving.pass(1s);
    CHECK(serving.statuses() == Strings{"503"});
    CHECK(serving.error == Error::answer_timeout);
}

TEST_CASE("requests that were sent before a half-close are all answered") {
    Holding serving;
    serving.receive(get("", "/b") + get("", "/c"));
    serving.receive_eof();
    for (int i = 0; i != 3; ++i) serving.respond(text("x"));
    CHECK(serving.statuses() == Strings{"200", "200", "200"});
    CHECK(serving.count("interrupted") == 3);
    CHECK(serving.error == Error::closed);
}

TEST_CASE("a request that a half-close has cut off is not waited for") {
    for (const std::string& next : {get().substr(0, 10), post("Content-Length: 5\r\n", ""),
                                    post("Content-Length: 5\r\n", "hell")}) {
        Holding serving;
        serving.receive(next);
        serving.receive_eof();
        serving.respond(text("x"));
        CHECK(serving.statuses() == Strings{"200"});
        CHECK(serving.error == Error::incomplete_message);
    }
}

TEST_CASE("A26: the end of input between requests is a clean end, inside one it is not") {
    Serving idle;
    idle.receive(get());
    idle.receive_eof();
    CHECK(idle.error == Error::closed);
    const std::string request = post("Content-Length: 5\r\n", "hello");
    for (std::size_t size = 1; size != request.size(); ++size) {
        Serving serving;
        serving.receive(request.substr(0, size));
        serving.receive_eof();
        CAPTURE(size);
        CHECK(serving.error == Error::incomplete_message);
        CHECK(serving.count("closed") == 1);
        CHECK(serving.output.empty());
        CHECK(serving.connection.finished());
    }
}

TEST_CASE("A26: a broken connection ends every state with one event") {
    const std::string request = post("Content-Length: 5\r\n", "hello");
    for (std::size_t size = 0; size <= request.size(); ++size) {
        Holding serving{request.substr(0, size)};
        serving.connection.receive_error(std::make_error_code(std::errc::connection_reset),
                                         test::start);
        serving.receive("more");
        serving.receive_eof();
        CAPTURE(size);
        CHECK(serving.error == std::errc::connection_reset);
        CHECK(serving.count("closed") == 1);
        CHECK(serving.output.empty());
        serving.respond(text("late"));
        CHECK(serving.output.empty());
    }
}

TEST_CASE("A22: a head must be complete in time") {
    Serving silent;
    silent.pass(10s);
    CHECK(silent.error == Error::idle_timeout);
    CHECK(silent.output.empty());

    Serving slow;
    const std::string head = get("X: " + std::string(100, 'a') + "\r\n");
    for (int i = 0; i != 11; ++i) {
        slow.receive(head.substr(static_cast<std::size_t>(i), 1));
        slow.pass(1s);
    }
    CHECK(slow.statuses() == Strings{"408"});
    CHECK(slow.error == Error::exchange_timeout);
}

TEST_CASE("what nobody can receive any more is not kept to be written") {
    const ServerConnectionOptions options;
    ServerConnection connection{options, test::start};
    std::string input = "malformed\r\n";
    (void)connection.receive(std::as_writable_bytes(std::span<char>{input}), test::start);
    CHECK(connection.poll_event()->index() == 3);
    CHECK(!connection.finished());
    connection.receive_error(std::make_error_code(std::errc::broken_pipe), test::start);
    CHECK(!connection.poll_event());
    CHECK(connection.finished());
}

TEST_CASE("A22: the time of the first head begins with the connection") {
    Serving serving;
    serving.pass(9s);
    serving.receive("GET / HT");
    serving.pass(1s);
    CHECK(serving.statuses() == Strings{"408"});
}

TEST_CASE("A22: a body that stops, or crawls, is not waited for") {
    Serving stopped;
    stopped.receive(post("Content-Length: 100000\r\n", "hello"));
    stopped.pass(15s);
    CHECK(stopped.statuses() == Strings{"408"});

    Serving crawling;
    crawling.receive(post("Content-Length: 100000\r\n", ""));
    int seconds = 0;
    for (; seconds != 100 && !crawling.connection.finished(); ++seconds) {
        crawling.receive("x");
        crawling.pass(1s);
    }
    CHECK(seconds == 16);
    CHECK(crawling.statuses() == Strings{"408"});
}

TEST_CASE("A22: a body that is slow, but not too slow, is read to its end") {
    Serving serving;
    serving.receive(post("Content-Length: 100000\r\n", ""));
    for (int i = 0; i != 250; ++i) {
        serving.receive(std::string(400, 'x'));
        serving.pass(1s);
    }
    CHECK(serving.statuses() == Strings{"200"});
}

TEST_CASE("an idle connection is closed in time, without a word") {
    Serving serving;
    serving.receive(get());
    const std::string before = serving.output;
    serving.pass(59s);
    CHECK(serving.connection.is_idle());
    serving.pass(1s);
    CHECK(serving.error == Error::idle_timeout);
    CHECK(serving.output == before);
}

TEST_CASE("a request late in the idle time still has its own time") {
    Serving serving;
    serving.receive(get());
    serving.pass(59s);
    serving.receive("GET");
    serving.pass(9s);
    serving.receive(get().substr(3));
    CHECK(serving.statuses() == Strings{"200", "200"});
}

TEST_CASE("a request that nobody answers is answered 503") {
    for (const std::string& request : {get(), post("Content-Length: 5\r\n", "hello")}) {
        Holding serving{request};
        serving.pass(119s);
        CHECK(serving.output.empty());
        serving.pass(1s);
        CHECK(serving.statuses() == Strings{"503"});
        CHECK(serving.error == Error::answer_timeout);
        serving.respond(text("too late"));
        CHECK(serving.statuses() == Strings{"503"});
    }
}

TEST_CASE("a draining connection ends with its answer, or at once when it is idle") {
    Holding holding;
    holding.connection.close_after_answer();
    CHECK(!holding.connection.is_idle());
    holding.respond(text("last"));
    CHECK(ends_connection(holding.output));
    CHECK(holding.connection.finished());

    Serving idle;
    idle.connection.shut_down(test::start);
    idle.receive("");
    idle.receive_eof();
    CHECK(idle.error == Error::draining);
    CHECK(idle.output.empty());

    Holding cut;
    cut.connection.shut_down(test::start);
    cut.receive_eof();
    CHECK(cut.statuses() == Strings{"503"});
}

TEST_CASE("a held request keeps neither the head nor the body") {
    const ServerConnectionOptions options;
    ServerConnection connection{options, test::start};
    std::string input = post("X: " + std::string(5000, 'a') + "\r\nContent-Length: 5000\r\n",
                             std::string(5000, 'b'));
    auto bytes = std::as_writable_bytes(std::span<char>{input});
    bytes = bytes.subspan(connection.receive(bytes, test::start));
    const auto head = connection.poll_event();
    const auto* const seen = std::get<ServerConnection::Head>(*head).head;
    CHECK(seen->fields.size() == 3);
    CHECK(connection.receive(bytes, test::start) == 5000);
    const auto request = connection.poll_event();
    CHECK(std::get<test::Request>(*request).body.size() == 5000);
    CHECK(seen->fields.lines().empty());
}
