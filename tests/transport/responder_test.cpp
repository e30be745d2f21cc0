#include <hawser/transport/responder.hpp>

#include "transport/recording_asker.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <type_traits>

using hawser::Responder;
using hawser::http::make_text_response;

namespace {

struct Fixture {
    asio::io_context io;
    std::shared_ptr<test::RecordingAsker> asker =
        std::make_shared<test::RecordingAsker>(io.get_executor());
    Responder responder{asker, 7};
};

}  // namespace

static_assert(!std::is_copy_constructible_v<Responder>);
static_assert(std::is_nothrow_move_constructible_v<Responder>);

TEST_CASE_FIXTURE(Fixture, "an answer on the asker's executor is given at once, and once") {
    std::move(responder).respond(make_text_response(200, "yes"), io.get_executor());
    CHECK(asker->status() == 200);
    CHECK(asker->numbers == std::vector<hawser::AskNumber>{7});
    io.run();
    CHECK(asker->numbers.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an answer from another executor goes through the asker's") {
    asio::io_context elsewhere;
    std::move(responder).respond(make_text_response(200, "yes"), elsewhere.get_executor());
    CHECK_FALSE(asker->is_answered());
    elsewhere.run();
    CHECK_FALSE(asker->is_answered());
    io.run();
    CHECK(asker->status() == 200);
    CHECK(asker->body() == "yes");
}

TEST_CASE_FIXTURE(Fixture, "a responder that is destroyed answers 500") {
    { const Responder lost = std::move(responder); }
    CHECK_FALSE(asker->is_answered());  // never from inside the destructor
    io.run();
    CHECK(asker->status() == 500);
    CHECK(asker->numbers == std::vector<hawser::AskNumber>{7});
}

TEST_CASE_FIXTURE(Fixture, "a responder that is replaced leaves its request answered, too") {
    const auto other = std::make_shared<test::RecordingAsker>(io.get_executor());
    responder = Responder{other, 8};
    io.run();
    CHECK(asker->status() == 500);
    CHECK_FALSE(other->is_answered());
    CHECK(responder.get_executor() == other->executor());
    responder.post(make_text_response(204, ""));
    io.restart();
    io.run();
    CHECK(other->status() == 204);
    CHECK(other->numbers == std::vector<hawser::AskNumber>{8});
}

TEST_CASE("an empty responder answers nothing") {
    Responder empty;
    empty.post(make_text_response(204, ""));
    CHECK_FALSE(empty.get_executor());
}

TEST_CASE_FIXTURE(Fixture, "an asker that is gone is not answered, and not kept either") {
    const std::weak_ptr<test::RecordingAsker> gone = asker;
    asker.reset();
    CHECK(gone.expired());
    responder.hold({}, 1, io.get_executor());
    CHECK_FALSE(responder.get_executor());
    std::move(responder).respond(make_text_response(204, ""), io.get_executor());
    CHECK(io.poll() == 0);
}

TEST_CASE_FIXTURE(Fixture, "an asker whose context is gone is not answered") {
    auto context = std::make_unique<asio::io_context>();
    asker = std::make_shared<test::RecordingAsker>(context->get_executor());
    responder = Responder{asker, 8};
    context.reset();
    responder.post(make_text_response(204, ""));
    CHECK_FALSE(asker->is_answered());
}

TEST_CASE_FIXTURE(Fixture, "a holder is named at once on the asker's executor, else by way of it") {
    const auto holder = std::make_shared<test::RecordingHolder>();
    responder.hold(holder, 3, io.get_executor());
    CHECK(asker->holder.lock() == holder);
    CHECK(asker->held_request == 3);
    asio::io_context elsewhere;
    responder.hold(holder, 4, elsewhere.get_executor());
    CHECK(asker->held_request == 3);
    // Before the answer that follows it.
    asker->on_answer = [this] { CHECK(asker->held_request == 4); };
    std::move(responder).respond(make_text_response(200, ""), elsewhere.get_executor());
    io.run();
    CHECK(asker->status() == 200);
}
