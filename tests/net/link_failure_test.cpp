#include "net/link_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>

// Each operation of a stream fails in turn, until the scenario survives.

using namespace hawser;
using test::Linked;

namespace {

/// Lines, answers that do not fit, and a polite end. Returns whether no operation failed.
template <class Stream>
bool survives(std::size_t failing) {
    Linked<Stream> link;
    CAPTURE(failing);
    link.wire->failing = failing;
    link.wire->read_step = 2;
    link.wire->room = 3;
    link.host->on_line = [](auto& host, const std::string& text) {
        test::echo(host, text);
        if (text == "bye") host.engine().close();
    };
    link.host->start();
    link.host.reset();
    link.receive("one\ntwo\n");
    link.wire->take(test::Wire::no_limit);
    link.receive("bye\n");
    link.wire->end();
    link.poll();

    const auto& entries = link.log.entries;
    CHECK(std::ranges::count(entries, "closed") == 1);
    REQUIRE(!entries.empty());
    CHECK(entries.back() == "end");
    CHECK(std::ranges::count(entries, "end") == 1);
    CHECK(link.wire->is_closed);
    CHECK(link.weak.expired());
    link.io.restart();
    link.io.run();  // no alarm is left
    if (link.wire->operations > failing) return false;
    CHECK(link.wire->written == "one\ntwo\nbye\n");
    CHECK_FALSE(link.log.error);
    return true;
}

}  // namespace

TEST_CASE_TEMPLATE("whichever operation fails, a link ends once and leaves nothing behind", Stream,
                   test::ScriptedSocket, test::ScriptedStream) {
    std::size_t failing = 0;
    while (!survives<Stream>(failing)) {
        ++failing;
        REQUIRE(failing < 1000);
    }
    CHECK(failing > 10);
}
