#include "net/link_fixture.hpp"

#include <support/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

// A link is one timer. The loop's alarm, which is all that keeps the context of a scripted stream
// running, shows whether it is armed.

#define STREAMS test::ScriptedSocket, test::ScriptedStream

using namespace hawser;

namespace {

/// A link whose engine always has a deadline, far away.
template <class Stream>
struct Watched : test::Linked<Stream> {
    using Base = test::Linked<Stream>;

    Watched() : Base{{.write_stall = std::chrono::hours{2}, .linger = std::chrono::hours{3}}} {
        this->host->engine().expiry = Clock::now() + std::chrono::hours{1};
        this->host->on_line = test::echo<Stream>;
        this->host->start();
        check();
    }
    /// What holds whenever nothing is left to do at this moment.
    void check() {
        this->poll();
        CHECK(this->io.stopped() == has_ended());
        CHECK(this->wire->is_closed == has_ended());
    }
    template <class Command>
    void command(Command give) {
        this->host->command(give);
        check();
    }
    [[nodiscard]] bool has_ended() const {
        return std::ranges::count(this->log.entries, "end") == 1;
    }
};

}  // namespace

TEST_CASE_TEMPLATE("in each state of a link its timer is armed, and after its end not", Stream,
                   STREAMS) {
    Watched<Stream> link;
    link.wire->send("half a li");
    link.check();
    link.wire->room = 1;
    link.wire->send("ne\n");
    link.check();  // the answer cannot leave
    link.command([](auto& engine) { engine.is_holding = true; });
    link.wire->send("held\n");
    link.check();
    link.command([](auto& engine) { engine.is_deaf = true; });
    SUBCASE("the peer ends its half") {
        link.wire->end();
        link.check();
    }
    SUBCASE("nothing more is read") { link.command([](auto& engine) { engine.limit = 0; }); }
    link.command([](auto& engine) { engine.close(); });
    CHECK_FALSE(link.has_ended());  // the engine has no deadline any more: the stream has
    link.wire->take(test::Wire::no_limit);
    link.check();  // perhaps lingering
    link.wire->end();
    link.check();
    CHECK(link.has_ended());
}

TEST_CASE_TEMPLATE("last words that do not leave at once are armed, without an engine's deadline",
                   Stream, STREAMS) {
    test::Linked<Stream> link;
    link.wire->room = 1;
    link.host->engine().send("bye");
    link.host->engine().close();
    link.host->start();
    link.poll();
    CHECK_FALSE(link.io.stopped());
    link.wire->take(test::Wire::no_limit);
    link.wire->end();
    link.poll();
    CHECK(link.io.stopped());
}

TEST_CASE_TEMPLATE("whatever happens on a stream, a link is armed until it has ended", Stream,
                   STREAMS) {
    test::Random random;
    CAPTURE(random.seed());
    for (int walk = 0; walk != 200; ++walk) {
        Watched<Stream> link;
        for (int step = 0; step != 40 && !link.has_ended(); ++step) {
            if (random.one_in(30)) link.wire->failing = link.wire->operations + random.below(3);
            switch (random.below(8)) {
            case 0: link.wire->take(random.below(6)); break;
            case 1: link.wire->take(test::Wire::no_limit); break;
            case 2: if (random.one_in(9)) link.wire->end(); break;
            case 3: link.command([](auto& engine) { engine.send("more"); }); break;
            case 4: if (random.one_in(9)) link.command([](auto& e) { e.close(); }); break;
            case 5: link.command([](auto& engine) { engine.is_holding ^= true; }); break;
            case 6: link.command([](auto& engine) { engine.limit ^= 1; }); break;
            default: link.wire->send(random.one_in(2) ? "x" : "y\n");
            }
            link.check();
        }
        link.host->cut();
        link.check();
    }
}
