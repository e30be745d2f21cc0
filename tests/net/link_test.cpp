#include <hawser/net/link.hpp>

#include "net/link_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

// What a link does on a stream whose every operation the test decides, once as a socket that is
// waited for, and once as a stream that only knows asynchronous operations.

#define STREAMS test::ScriptedSocket, test::ScriptedStream

using namespace hawser;
using test::Linked;
using Entries = std::vector<std::string>;

static_assert(StreamEngine<test::LineEngine> && !PlacingEngine<test::LineEngine>);
static_assert(PlacingEngine<test::BlockEngine>);
static_assert(net::WaitableStream<test::ScriptedSocket>);
static_assert(net::ByteStream<test::ScriptedStream> && !net::WaitableStream<test::ScriptedStream>);

TEST_CASE_TEMPLATE("bytes become events in order, however they are cut", Stream, STREAMS) {
    Linked<Stream> link;
    SUBCASE("at once") {}
    SUBCASE("byte by byte") { link.wire->read_step = 1; }
    SUBCASE("by the engine's limit") { link.host->engine().limit = 3; }
    link.host->on_line = test::echo<Stream>;
    link.host->start();
    link.receive("one\ntwo\n\nth");
    link.receive("ree\n");
    CHECK(link.log.entries == Entries{"line one", "line two", "line ", "line three"});
    CHECK(link.wire->written == "one\ntwo\n\nthree\n");
}

TEST_CASE_TEMPLATE("all answers of one turn leave in one write", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->on_line = test::echo<Stream>;
    link.host->start();
    link.receive("one\ntwo\nthree\n");
    CHECK(link.wire->writes == 1);
    CHECK(link.log.unsent == 0);
}

TEST_CASE_TEMPLATE("commands from outside take effect at the end of the turn, together", Stream,
                   STREAMS) {
    Linked<Stream> link;
    link.host->start();
    link.poll();
    link.host->command([](auto& engine) { engine.send("one "); });
    link.host->command([](auto& engine) { engine.send("two"); });
    CHECK(link.wire->written.empty());
    link.poll();
    CHECK(link.wire->written == "one two");
    CHECK(link.wire->writes == 1);
}

TEST_CASE_TEMPLATE("what was read before comes first", Stream, STREAMS) {
    Linked<Stream> link;
    link.wire->send("ree\n");
    link.host->start(as_bytes("one\ntwo\nth"));
    CHECK(link.log.entries.empty());
    link.poll();
    CHECK(link.log.entries == Entries{"line one", "line two", "line three"});
}

TEST_CASE_TEMPLATE("output goes on where a write was partial", Stream, STREAMS) {
    Linked<Stream> link;
    link.wire->write_step = 1000;
    link.host->start();
    const std::string small(3000, 's');
    const Message large = Message::binary(as_bytes(std::string(10'000, 'l')));
    link.host->command([&](auto& engine) {
        engine.send(small);
        engine.send(large);
        engine.send("end");
    });
    link.poll();
    CHECK(link.wire->written == small + std::string{as_characters(large.frame())} + "end");
    CHECK(link.log.most_unsent > 10'000);
    CHECK(link.log.unsent == 0);
}

TEST_CASE_TEMPLATE("output waits while the stream takes nothing, and input does not", Stream,
                   STREAMS) {
    Linked<Stream> link;
    link.wire->room = 2;
    link.host->on_line = test::echo<Stream>;
    link.host->start();
    link.receive("one\n");
    CHECK(link.wire->written == "on");
    CHECK(link.log.unsent == 2);
    link.receive("two\n");
    CHECK(link.log.entries == Entries{"line one", "line two"});
    CHECK(link.wire->written == "on");
    link.wire->take(100);
    link.poll();
    CHECK(link.wire->written == "one\ntwo\n");
    CHECK(link.log.unsent == 0);
}

TEST_CASE_TEMPLATE("a peer that reads nothing is given up", Stream, STREAMS) {
    Linked<Stream> link{{.write_stall = Duration::zero()}};
    link.wire->room = 1;
    link.host->start();
    link.host->command([](auto& engine) { engine.send("one"); });
    link.host.reset();
    link.io.run();
    CHECK(link.log.entries == Entries{"closed", "end"});
    CHECK(link.log.error == Error::write_stalled);
    CHECK(link.wire->is_closed);
    CHECK(link.weak.expired());
}

TEST_CASE_TEMPLATE("what is written in time is no stall, however long it takes", Stream, STREAMS) {
    Linked<Stream> link{{.write_stall = std::chrono::hours{1}}};
    link.wire->room = 1;
    link.host->start();
    link.host->command([](auto& engine) { engine.send("three"); });
    for (int i = 0; i != 5; ++i) {
        link.poll();
        link.wire->take(1);
    }
    link.poll();
    CHECK(link.wire->written == "three");
    CHECK(link.log.entries.empty());
}

TEST_CASE_TEMPLATE("the deadline of the engine passes", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->start();
    link.poll();
    link.host->command([](auto& engine) { engine.expiry = Clock::now(); });
    link.wire->end();  // so that nothing lingers
    link.host->engine().is_deaf = true;
    link.io.restart();
    link.io.run();
    CHECK(link.log.entries == Entries{"closed", "end"});
    CHECK(link.log.error == Error::idle_timeout);
}

TEST_CASE_TEMPLATE("a deadline that has moved away is not passed", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->start();
    link.host->command([](auto& engine) { engine.expiry = Clock::now() + std::chrono::hours{1}; });
    link.poll();
    link.host->command([](auto& engine) { engine.expiry = Clock::now(); });
    link.poll();
    link.host->command([](auto& engine) { engine.expiry = Clock::now() + std::chrono::hours{2}; });
    CHECK(link.io.run_one() != 0);
    link.poll();
    CHECK(link.log.entries.empty());
    CHECK(link.io.run_one_for(Duration::zero()) == 0);
}

TEST_CASE_TEMPLATE("the peer's end is told once, and ends what is finished", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->start();
    link.receive("one\ntw");
    link.wire->end();
    link.poll();
    CHECK(link.log.entries == Entries{"line one", "closed", "end"});
    CHECK(link.wire->is_closed);
    CHECK(link.host->engine().endings == 1);
}

TEST_CASE_TEMPLATE("after the peer's end the rest of the output is still written", Stream,
                   STREAMS) {
    Linked<Stream> link;
    link.wire->room = 1;
    link.host->on_line = [](auto& host, const std::string& text) {
        test::echo(host, text);
        host.engine().close();
    };
    link.host->start();
    link.wire->send("one\n");
    link.wire->end();
    link.poll();
    CHECK_FALSE(link.wire->is_closed);
    link.wire->take(100);
    link.poll();
    CHECK(link.wire->written == "one\n");
    CHECK(link.log.entries == Entries{"line one", "closed", "end"});
}

TEST_CASE_TEMPLATE("after the last output the peer's last bytes are awaited", Stream, STREAMS) {
    Linked<Stream> link{{.linger = std::chrono::hours{1}}};
    link.host->start();
    link.host->command([](auto& engine) {
        engine.send("bye");
        engine.close();
    });
    link.host.reset();
    link.poll();
    CHECK(link.wire->is_output_ended);
    link.receive("not\nfor\nus\n");
    link.receive("nor this");
    CHECK_FALSE(link.wire->is_closed);
    link.wire->end();
    link.poll();
    CHECK(link.wire->written == "bye");
    CHECK(link.wire->is_closed);
    CHECK(link.log.entries == Entries{"closed", "end"});
    CHECK(link.weak.expired());
}

TEST_CASE_TEMPLATE("the peer's last bytes are awaited for a time only", Stream, STREAMS) {
    Linked<Stream> link{{.linger = Duration::zero()}};
    link.host->start();
    link.host->command([](auto& engine) { engine.close(); });
    link.host.reset();
    link.io.run();
    CHECK(link.log.entries == Entries{"closed", "end"});
    CHECK(link.weak.expired());
}

TEST_CASE_TEMPLATE("what comes while the last output waits is read and dropped", Stream, STREAMS) {
    Linked<Stream> link;
    link.wire->room = 1;
    link.host->start();
    link.host->command([](auto& engine) {
        engine.send("bye");
        engine.close();
    });
    link.receive("the peer\nwrites before\nit reads");
    CHECK_FALSE(link.wire->is_readable());
    link.wire->take(100);
    link.wire->end();
    link.poll();
    CHECK(link.wire->written == "bye");
    CHECK(link.log.entries == Entries{"closed", "end"});
}

TEST_CASE_TEMPLATE("an engine that wants nothing is not read for", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->engine().limit = 0;
    link.host->start();
    link.receive("one\n");
    CHECK_FALSE(link.wire->is_awaited());
    CHECK(link.log.entries.empty());
    link.host->command([](auto& engine) { engine.limit = 100; });
    link.poll();
    CHECK(link.log.entries == Entries{"line one"});
    CHECK(link.wire->is_awaited());
}

TEST_CASE_TEMPLATE("what the engine does not take is held for it", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->on_line = [](auto& host, const std::string&) { host.engine().is_holding = true; };
    link.host->start();
    link.receive("one\ntwo\nth");
    link.receive("ree\n");
    CHECK(link.log.entries == Entries{"line one"});
    const auto go_on = [](auto& engine) { engine.is_holding = false; };
    link.host->command(go_on);
    link.poll();
    CHECK(link.log.entries == Entries{"line one", "line two"});
    link.host->on_line = nullptr;
    link.host->command(go_on);
    link.poll();
    CHECK(link.log.entries == Entries{"line one", "line two", "line three"});
}

TEST_CASE_TEMPLATE("nothing is read while what is held has a turn to come", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->on_line = [](auto& host, const std::string&) { host.engine().is_holding = true; };
    link.host->on_turn = [](auto& host) {
        if (host.engine().is_holding) {
            host.command([](auto& engine) { engine.is_holding = false; });
        }
    };
    link.host->start();
    link.poll();
    link.wire->send("one\ntwo\nthree\n");
    link.io.restart();
    std::size_t awaited = 0;
    while (link.log.entries.size() != 3) {
        REQUIRE(link.io.poll_one() != 0);
        if (!link.log.entries.empty() && link.log.entries.size() != 3) {
            awaited += link.wire->is_awaited() ? 1 : 0;
        }
    }
    CHECK(awaited == 0);
    link.receive("four\n");
    CHECK(link.log.entries == Entries{"line one", "line two", "line three", "line four"});
}

TEST_CASE_TEMPLATE("what the host throws loses nothing", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->on_line = [](auto& host, const std::string& text) {
        test::echo(host, text);
        if (text == "one") throw std::runtime_error{"the test's"};
    };
    link.host->start();
    link.poll();
    link.wire->send("one\ntwo\n");
    link.io.restart();
    CHECK_THROWS_AS(link.io.poll(), std::runtime_error);
    link.receive("three\n");
    CHECK(link.log.entries == Entries{"line one", "line two", "line three"});
    CHECK(link.wire->written == "one\ntwo\nthree\n");
}

TEST_CASE_TEMPLATE("output that is lost breaks its connection, and reaches no other", Stream,
                   STREAMS) {
    Linked<Stream> link;
    link.host->start();
    link.host->command([](auto& engine) {
        engine.send("secret");
        engine.fails_at_output = true;
    });
    CHECK_THROWS_AS(link.poll(), std::bad_alloc);
    const auto wire = std::make_shared<test::Wire>(link.io.get_executor());
    typename test::LineHost<Stream>::Log log;
    const auto other = std::make_shared<test::LineHost<Stream>>(Stream{wire}, link.loop, log);
    other->start();
    other->command([](auto& engine) { engine.send("public"); });
    link.poll();
    CHECK(wire->written == "public");
    CHECK(link.wire->written.empty());
    CHECK(link.log.entries == Entries{"closed", "end"});
    CHECK(link.log.error == Error::connection_lost);
    wire->abandon();
}

TEST_CASE_TEMPLATE("a handler may run an event loop of its own", Stream, STREAMS) {
    Linked<Stream> link;
    const auto wire = std::make_shared<test::Wire>(link.io.get_executor());
    typename test::LineHost<Stream>::Log log;
    const auto other = std::make_shared<test::LineHost<Stream>>(Stream{wire}, link.loop, log);
    other->on_line = test::echo<Stream>;
    other->start();
    link.host->on_line = [&](auto& host, const std::string& text) {
        test::echo(host, text);
        if (text != "one") return;
        wire->send("meanwhile\n");
        link.wire->send("three\n");
        host.command([](auto& engine) { engine.send("sent inside\n"); });
        link.io.poll();
        CHECK(wire->written == "meanwhile\n");
    };
    link.host->start();
    link.receive("one\ntwo\n");
    link.poll();  // the inner event loop may have stopped the outer one
    CHECK(link.log.entries == Entries{"line one", "line two", "line three"});
    CHECK(link.wire->written == "one\nsent inside\ntwo\nthree\n");
    wire->abandon();
}

TEST_CASE_TEMPLATE("the peer's end inside of a nested event loop is not lost", Stream, STREAMS) {
    Linked<Stream> link;
    link.host->on_turn = [&](auto& host) {
        host.on_turn = nullptr;
        link.wire->end();
        link.io.poll();
    };
    link.host->start();
    link.poll();
    CHECK(link.log.entries == Entries{"closed", "end"});
}

TEST_CASE_TEMPLATE("a host that nobody holds any more is destroyed without a word", Stream,
                   STREAMS) {
    Linked<Stream> link;
    link.host->engine().limit = 0;
    link.host->engine().expiry = Clock::now() + std::chrono::hours{1};
    link.host->start();
    link.poll();
    link.host.reset();
    CHECK(link.weak.expired());
    CHECK(link.wire->is_closed);
    CHECK(link.log.entries.empty());
    link.io.restart();
    link.io.run();  // its alarm is gone too
}

TEST_CASE_TEMPLATE("a link that is cut closes at once", Stream, STREAMS) {
    Linked<Stream> link;
    SUBCASE("from outside") {
        link.host->start();
        link.receive("one\n");
        link.host->cut();
    }
    SUBCASE("from inside of an event") {
        link.host->on_line = [](auto& host, const std::string&) { host.cut(); };
        link.host->start();
        link.receive("one\ntwo\n");
    }
    CHECK(link.wire->is_closed);
    CHECK(link.log.entries == Entries{"line one", "end"});
    link.host->cut();
    link.host->command([](auto& engine) { engine.send("too late"); });
    link.poll();
    CHECK(link.wire->written.empty());
    CHECK(link.log.entries == Entries{"line one", "end"});
}

TEST_CASE_TEMPLATE("a context may be destroyed whatever a link is at", Stream, STREAMS) {
    typename test::LineHost<Stream>::Log log;
    std::weak_ptr<test::LineHost<Stream>> weak;
    {
        Linked<Stream> link{{.linger = std::chrono::hours{1}}};
        weak = link.weak;
        link.host->start();
        SUBCASE("before its first turn") {}
        SUBCASE("reading") { link.receive("one\n"); }
        SUBCASE("writing") {
            link.wire->room = 0;
            link.host->command([](auto& engine) { engine.send("one"); });
            link.poll();
        }
        SUBCASE("lingering") {
            link.host->command([](auto& engine) { engine.close(); });
            link.poll();
        }
        SUBCASE("with work put off") {
            link.poll();
            link.host->command([](auto& engine) { engine.send("one"); });
        }
        link.host.reset();
    }
    CHECK(weak.expired());
}
