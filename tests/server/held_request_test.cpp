#include <hawser/server/held_request.hpp>

#include "transport/recording_asker.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using hawser::HeldRequest;
using test::RecordingHolder;
using Told = std::vector<std::string>;

namespace {

const asio::any_io_executor here;

}  // namespace

TEST_CASE("a holder is told by the number that it gave") {
    const auto holder = std::make_shared<RecordingHolder>();
    HeldRequest{holder, 7}.written(here);
    HeldRequest{holder, 8}.give_up(here);
    CHECK(holder->told == Told{"written 7", "give up 8"});
}

TEST_CASE("a holder may be hurried before the end, and is told nothing after it") {
    const auto holder = std::make_shared<RecordingHolder>();
    HeldRequest held{holder, 1};
    held.hurry(here);
    held.written(here);
    held.hurry(here);
    held.written(here);
    held.give_up(here);
    CHECK(holder->told == Told{"hurry 1", "written 1"});
    held = {holder, 2};
    held.give_up(here);
    held.written(here);
    CHECK(holder->told == Told{"hurry 1", "written 1", "give up 2"});
}

TEST_CASE("nobody is told where nobody holds, or the holder is gone") {
    HeldRequest nobody;
    nobody.hurry(here);
    nobody.written(here);
    nobody.give_up(here);
    auto holder = std::make_shared<RecordingHolder>();
    HeldRequest held{holder, 1};
    holder.reset();
    held.hurry(here);
    held.give_up(here);
}
