#include <fuzz/target.hpp>

#include <http/calling.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace hawser;
using namespace std::chrono_literals;
using test::Calling;

// What a server answers to a client: the first byte says to which request, the rest is the answer.

namespace {

struct Client : Calling {
    explicit Client(unsigned choice)
        : Calling{{.head = {.bytes = 300, .fields = 5, .target = 30}, .body = 100}} {
        constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "DELETE"};
        request(std::string{methods[choice % 4]}, choice % 4 == 2 ? "body" : "");
    }

    /// What always holds.
    void check() const {
        CHECK((connection.finished() || connection.deadline() != never));
        CHECK((connection.finished() || connection.deadline() > now));
        if (connection.finished()) CHECK(connection.read_limit() == 0);
        CHECK((connection.read_limit() == 0 || unread.empty()));
        CHECK(events.size() <= 1);
        for (const std::string& event : events) CHECK(event.size() <= 4 + options.body);
    }
};

void fuzz(ByteView input) {
    if (input.empty()) return;
    const auto choice = std::to_integer<unsigned>(input.front());
    const ByteView bytes = input.subspan(1);
    test::Random random = test::random_of(input);

    Client whole{choice};
    whole.receive(as_characters(bytes));
    Client pieces{choice};
    for (const auto& piece : test::cut_at_random(bytes, random)) {
        pieces.receive(as_characters(piece));
        pieces.check();
    }
    whole.check();
    CHECK(pieces.events == whole.events);
    CHECK(pieces.error == whole.error);
    CHECK(pieces.connection.is_reusable() == whole.connection.is_reusable());

    // Behind a whole response nothing may come.
    Client more{choice};
    more.receive(as_characters(bytes));
    if (more.connection.is_reusable()) {
        more.receive("H");
        CHECK(more.error == Error::unexpected_bytes);
    }

    // The end of the input may be the end of the response; time always is.
    Client late{choice};
    late.receive(as_characters(bytes));
    late.pass(1h);
    CHECK(late.connection.finished());
    whole.receive_eof();
    pieces.receive_eof();
    whole.check();
    CHECK(pieces.events == whole.events);
    CHECK(pieces.error == whole.error);
    CHECK(whole.connection.finished());
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any answer is read alike in any pieces, within the limits, and to an end in time") {
    CHECK(offered);
    test::replay("http_client", fuzz);
    test::try_at_random("http_client", fuzz, 500);
}
