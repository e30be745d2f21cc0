#include "net/link_fixture.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

// How a stream is given away, and how bytes get to an engine that offers the place for them.

#define STREAMS test::ScriptedSocket, test::ScriptedStream

using namespace hawser;
using test::Linked;
using Entries = std::vector<std::string>;

namespace {

template <class Stream>
using Released = std::optional<typename test::LineHost<Stream>::Released>;

}  // namespace

TEST_CASE_TEMPLATE("a stream can be given away in an event, with what was not consumed", Stream,
                   STREAMS) {
    Linked<Stream> link;
    Released<Stream> released;
    link.host->on_line = [&](auto& host, const std::string& text) {
        if (text != "go") return;
        REQUIRE(host.can_release());
        released.emplace(host.release());
    };
    link.host->start();
    link.receive("one\ngo\ntwo\nthr");
    link.host.reset();
    link.poll();
    REQUIRE(released);
    CHECK(as_characters(released->unread) == "two\nthr");
    CHECK(link.log.entries == Entries{"line one", "line go"});
    CHECK_FALSE(link.wire->is_closed);
    CHECK(link.weak.expired());
}

TEST_CASE_TEMPLATE("a stream can be given away at the end of a turn, with what is held", Stream,
                   STREAMS) {
    Linked<Stream> link;
    Released<Stream> released;
    link.host->on_line = [](auto& host, const std::string&) { host.engine().is_holding = true; };
    link.host->on_turn = [&](auto& host) {
        if (host.engine().is_holding) released.emplace(host.release());
    };
    link.host->start();
    link.receive("one\ntwo\n");
    REQUIRE(released);
    CHECK(as_characters(released->unread) == "two\n");
    CHECK_FALSE(link.wire->is_closed);
}

TEST_CASE("a socket can be given away outside of a turn, though it is being waited for") {
    Linked<test::ScriptedSocket> link;
    link.host->on_line = [](auto& host, const std::string&) { host.engine().is_holding = true; };
    link.host->start();
    link.receive("one\ntwo\n");
    REQUIRE(link.wire->is_awaited());
    REQUIRE(link.host->can_release());
    auto released = link.host->release();
    CHECK(as_characters(released.unread) == "two\n");
    link.host.reset();
    link.poll();
    CHECK(link.weak.expired());
    link.wire->send("rest");
    std::error_code error;
    std::string rest(10, ' ');
    rest.resize(released.stream->read(std::as_writable_bytes(std::span{rest}), error));
    CHECK(rest == "rest");
}

TEST_CASE("a stream whose read is under way is not given away, as it could swallow bytes") {
    Linked<test::ScriptedStream> link;
    link.host->start();
    link.poll();
    REQUIRE(link.wire->is_awaited());
    CHECK_FALSE(link.host->can_release());
}

TEST_CASE_TEMPLATE("a stream is not given away before all is written", Stream, STREAMS) {
    Linked<Stream> link;
    std::vector<bool> could;
    link.host->engine().limit = 0;
    link.host->on_turn = [&](auto& host) { could.push_back(host.can_release()); };
    link.wire->room = 1;
    link.host->start();
    link.host->command([](auto& engine) { engine.send("one"); });
    link.poll();
    link.wire->take(100);
    link.poll();
    CHECK_FALSE(could.front());
    CHECK(could.back());
}

TEST_CASE_TEMPLATE("a released stream can be linked again", Stream, STREAMS) {
    Linked<Stream> link;
    Released<Stream> released;
    link.host->on_line = [&](auto& host, const std::string&) { released.emplace(host.release()); };
    link.host->start();
    link.receive("one\ntwo\nthr");
    REQUIRE(released);
    auto next = std::make_shared<test::LineHost<Stream>>(std::move(released->stream), link.loop,
                                                         link.log);
    next->start(released->unread);
    next.reset();
    link.receive("ee\n");
    link.wire->end();
    link.poll();
    CHECK(link.log.entries == Entries{"line one", "line two", "line three", "closed", "end"});
}

namespace {

template <class Stream>
class BlockHost final : public net::Link<BlockHost<Stream>, test::BlockEngine>,
                        public std::enable_shared_from_this<BlockHost<Stream>> {
    using Link = net::Link<BlockHost, test::BlockEngine>;

public:
    BlockHost(net::AnyStream stream, std::shared_ptr<net::Loop> loop)
        : Link{std::move(stream), test::BlockEngine{}, std::move(loop), {}} {}
    void on_event(test::BlockEngine::Event&& event) {
        received += as_characters(event.bytes);
        placed += event.placed;
    }
    void on_output(std::size_t) {}
    void on_end() {}

    std::string received;
    std::size_t placed = 0;
};

}  // namespace

TEST_CASE_TEMPLATE("bytes are received in the place that the engine offers", Stream, STREAMS) {
    asio::io_context io{1};
    const auto wire = std::make_shared<test::Wire>(io.get_executor());
    const auto host = std::make_shared<BlockHost<Stream>>(Stream{wire},
                                                          net::Loop::of(io.get_executor()));
    std::string sent;
    for (char c = 'a'; c != 'e'; ++c) sent.append(test::BlockEngine::block, c);
    wire->read_step = 300;
    host->start(as_bytes(std::string_view{sent}.substr(0, 100)));
    wire->send(std::string_view{sent}.substr(100));
    wire->end();
    io.run();
    CHECK(host->received == sent);
    // All but what was read before, and the 200, 100 and no bytes that began a block.
    CHECK(host->placed >= 3000);
}
