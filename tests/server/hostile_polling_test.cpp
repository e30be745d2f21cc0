#include "server/hostile.hpp"
#include "server/polling_requests.hpp"

#include <string>
#include <string_view>
#include <utility>

// Hostile polling over a real socket; the engine's and the door's tests have the same and more.

using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

using test::body_of;
using test::check_unharmed;
using test::open;
using test::receive_request;
using test::send_request;

constexpr unsigned text = 0x81;

}  // namespace

TEST_CASE_FIXTURE(test::Visit,
                  "D01 a session that does not exist is not there, and not reflected") {
    std::string cut = session;
    cut.pop_back();
    std::string changed = session;
    changed.back() = changed.back() == 'A' ? 'Q' : 'A';
    for (const std::string& wrong : {"x"s, cut, changed, session + "A", "<script>"s,
                                     std::string(1000, 'A'), std::string(session.size(), 'A')}) {
        CAPTURE(wrong);
        const std::string answer = client.ask(receive_request(wrong, 1, 0));
        CHECK((test::status_of(answer) == 404 || test::status_of(answer) == 400));
        CHECK(answer.find(wrong == "x" ? "xx" : wrong) == std::string::npos);
    }
    CHECK(test::status_of(answer_to(receive_request(std::string(1 << 20, 'A'), 1, 0))) == 431);
    check_unharmed(client, session, 1, 1);
}

TEST_CASE("D04 of two overlapping receives the older is answered") {
    test::Town town;
    test::RawClient older = town.connect();
    test::RawClient newer = town.connect();
    const std::string session = open(older);
    older.write(receive_request(session, 1, 0));
    town.world.run_ready();
    newer.write(receive_request(session, 2, 0));
    const std::string answer = older.read_response();
    CHECK(test::status_of(answer) == 409);
    CHECK(test::field_of(answer, "Hawser-Error") == "superseded");
    CHECK(test::status_of(older.ask(send_request(session, 1, test::plain_frame(text, "a")))) ==
          204);
    CHECK(body_of(newer.read_response()) == test::plain_frame(text, "a"));
}

TEST_CASE_FIXTURE(test::Visit, "D05 every send is answered, however it fails") {
    const std::string frame = test::plain_frame(text, "a");
    SUBCASE("media type") {
        const std::string answer =
            client.ask(send_request(session, 1, frame, "Content-Type: application/json\r\n"));
        CHECK(test::status_of(answer) == 415);
    }
    SUBCASE("method") {
        client.write("PUT /polling HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        const std::string answer = client.read_response();
        CHECK(test::status_of(answer) == 405);
        CHECK(test::field_of(answer, "Allow") == "GET, POST, OPTIONS");
    }
    SUBCASE("announced to be too big") {
        const std::string answer = answer_to(
            "POST /polling HTTP/1.1\r\nHost: a\r\nHawser-Session: " + session +
            "\r\nHawser-First: 1\r\nContent-Length: 3000000\r\n\r\nabc");
        CHECK(test::status_of(answer) == 413);
        CHECK(test::field_of(answer, "Hawser-Error") == "body-too-big");
        CHECK(test::field_of(answer, "Connection") == "close");
    }
    SUBCASE("a gap") {
        const std::string answer = client.ask(send_request(session, 5, frame));
        CHECK(test::status_of(answer) == 409);
        CHECK(test::field_of(answer, "Hawser-Error") == "gap");
    }
    test::RawClient other = connect();
    check_unharmed(other, session, 1, 1);
}

TEST_CASE("D05 two overlapping sends of the same messages are taken once") {
    test::Town town;
    test::RawClient first = town.connect();
    test::RawClient second = town.connect();
    const std::string session = open(first);
    const std::string request = send_request(session, 1, test::plain_frame(text, "once"));
    first.write(request);
    second.write(request);
    CHECK(test::status_of(first.read_response()) == 204);
    CHECK(test::status_of(second.read_response()) == 204);
    CHECK(body_of(first.ask(receive_request(session, 1, 0))) == test::plain_frame(text, "once"));
    check_unharmed(second, session, 2, 2);
}

TEST_CASE_FIXTURE(test::Visit, "D05 a send to a closed session is answered") {
    const std::string close = test::plain_frame(0x88, test::close_payload(1000));
    CHECK(test::status_of(client.ask(send_request(session, 1, close))) == 204);
    const std::string answer = client.ask(send_request(session, 2, test::plain_frame(text, "a")));
    CHECK(test::status_of(answer) == 400);
    CHECK(body_of(client.ask(receive_request(session, 1, 0))) == close);
    CHECK(test::status_of(client.ask(receive_request(session, 2, 1))) == 204);
}

TEST_CASE_FIXTURE(test::Visit, "D06 a body of bad frames is refused, and nothing of it is taken") {
    const std::string good = test::plain_frame(text, "good");
    for (const std::string& bad :
         {test::masked_frame(text, "masked"), test::plain_frame(0x01, "fragment"),
          test::plain_frame(0xc1, "reserved"), test::plain_frame(0x89, "ping"),
          test::plain_frame(text, "\xff\xfe"), test::plain_frame(text, "cut").substr(0, 3),
          test::frame_header(0x82, false, ~std::uint64_t{0}) + "x"}) {
        const std::string answer = client.ask(send_request(session, 1, good + bad));
        CHECK((test::status_of(answer) == 400 || test::status_of(answer) == 413));
        CHECK(test::field_of(answer, "Hawser-Received") == "0");
    }
    check_unharmed(client, session, 1, 1);
}

TEST_CASE("D07 a client that goes while its receive is held loses nothing") {
    test::Town town;
    test::RawClient sender = town.connect();
    const std::string session = open(sender);
    for (unsigned number = 1; number != 4; ++number) {
        CAPTURE(number);
        test::RawClient receiver = town.connect();
        receiver.write(receive_request(session, number, 0));
        town.world.run_ready();
        CHECK(town.server.connections() == 3);
        switch (number) {
        case 1: receiver.close(); break;
        case 2: receiver.reset(); break;
        default: {
            receiver.end_output();
            CHECK(test::status_of(receiver.read_to_end()) == 204);
        }
        }
        town.world.run_until("a connection that is gone",
                             [&] { return town.server.connections() == 2; });
    }
    check_unharmed(sender, session, 4, 1);
}

TEST_CASE_FIXTURE(test::Visit,
                  "D08 what comes while a receive is held ends the hold, and is bounded") {
    SUBCASE("a next request") {
        client.write(receive_request(session, 1, 0) +
                     receive_request(session, 2, 0, "X: next\r\n"));
        CHECK(test::status_of(client.read_response()) == 204);
        test::RawClient sender = connect();
        sender.ask(send_request(session, 1, test::plain_frame(text, "a")));
        CHECK(body_of(client.read_response()) == test::plain_frame(text, "a"));
        check_unharmed(client, session, 3, 2);
    }
    SUBCASE("rubbish without end") {
        client.write(receive_request(session, 1, 0));
        world.run_ready();
        client.write(std::string(1 << 20, 'x'));
        const std::string answers = client.read_to_end();
        CHECK(test::status_of(answers) == 204);
        test::RawClient other = connect();
        check_unharmed(other, session, 2, 1);
    }
}

TEST_CASE("D09 what was written and never read comes again") {
    test::Town town;
    test::RawClient sender = town.connect();
    const std::string session = open(sender);
    const std::string a = test::plain_frame(text, "a");
    const std::string b = test::plain_frame(text, "b");
    CHECK(test::status_of(sender.ask(send_request(session, 1, a + b))) == 204);
    for (unsigned number = 1; number != 4; ++number) {
        test::RawClient receiver = town.connect();
        receiver.write(receive_request(session, number, 0));
        town.world.run_ready();  // the answer is written, and dies with the connection
        receiver.reset();
    }
    test::RawClient receiver = town.connect();
    CHECK(body_of(receiver.ask(receive_request(session, 4, 0))) == a + b);
    const std::string rest = receiver.ask(receive_request(session, 5, 1));
    CHECK(body_of(rest) == b);
    CHECK(test::field_of(rest, "Hawser-First") == "2");
}

TEST_CASE_FIXTURE(test::Visit, "D10 a number that cannot be is refused, and harms nothing") {
    for (const char* after :
         {"1", "-1", "x", "", "01", "9007199254740992", "99999999999999999999"}) {
        CAPTURE(after);
        const std::string answer =
            client.ask("GET /polling HTTP/1.1\r\nHost: a\r\nHawser-Session: " + session +
                       "\r\nHawser-Request: 1\r\nHawser-After: " + after + "\r\n\r\n");
        CHECK(test::status_of(answer) == 400);
        CHECK(test::field_of(answer, "Hawser-Error") == "bad-number");
    }
    check_unharmed(client, session, 1, 1);
}
