#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <hawser/channel.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;

// C19: what is done from inside of a completion, or of a handler, harms nobody.

namespace {

struct Thrown : std::runtime_error {
    Thrown() : runtime_error{"the test's"} {}
};

/// What may be done from inside of a completion.
struct Action {
    std::string_view name;
    void (*perform)(AnyChannel&);
};

constexpr Action actions[] = {
    {"throws", [](AnyChannel&) { throw Thrown{}; }},
    {"sends", [](AnyChannel& channel) {
         static_cast<void>(test::start_send(channel, Message::text("more")));
         static_cast<void>(channel.try_send(Message::text("and more")));
     }},
    {"receives", [](AnyChannel& channel) { static_cast<void>(test::start_receive(channel)); }},
    {"closes", [](AnyChannel& channel) { static_cast<void>(test::start_close(channel)); }},
    {"aborts", [](AnyChannel& channel) { channel.abort(); }},
    {"destroys", [](AnyChannel& channel) { channel = {}; }},
    {"sends and destroys", [](AnyChannel& channel) {
         static_cast<void>(channel.try_send(Message::text("last")));
         channel = {};
         throw Thrown{};
     }},
};

using Begin = std::function<void(AnyChannel&, std::function<void()>)>;

/// Begins an operation on the near end that performs each action when it completes, and then ends
/// both ends. Whatever was done, the completion comes once, and each end is over.
void check_all(test::End end, const Begin& begin) {
    for (const Action& action : actions) {
        CAPTURE(action.name);
        test::World world;
        auto ends = end.connect(world, {.close_timeout = 100ms, .patience = 300ms});
        ends.far.run({.message = [](const Message&) {}});
        int completions = 0;
        begin(ends.near, [&] {
            ++completions;
            action.perform(ends.near);
        });
        REQUIRE_FALSE(ends.far.try_send(Message::text("news")));
        const auto run_until = [&](auto done) {
            while (!done()) {
                try {
                    world.run_until("the end of the test", done);
                } catch (const Thrown&) {
                    continue;
                }
            }
        };
        run_until([&] { return completions == 1; });
        ends.near = {};
        static_cast<void>(test::start_close(ends.far));
        run_until([&] { return ends.far.is_closed(); });
        world.run_ready();
        CHECK(completions == 1);
    }
}

}  // namespace

HAWSER_TEST_EACH("C19 a completed send may do anything", end, HAWSER_TEST_ENDS) {
    check_all(end, [](AnyChannel& channel, auto then) {
        channel.async_send(Message::text("x"), [then](std::error_code) { then(); });
    });
}

HAWSER_TEST_EACH("C19 a completed receive may do anything", end, HAWSER_TEST_ENDS) {
    check_all(end, [](AnyChannel& channel, auto then) {
        channel.async_receive([then](std::error_code, const Message&) { then(); });
    });
}

HAWSER_TEST_EACH("C19 a completed close may do anything", end, HAWSER_TEST_ENDS) {
    check_all(end, [](AnyChannel& channel, auto then) {
        channel.async_close([then](std::error_code) { then(); });
    });
}

HAWSER_TEST_EACH("C19 the handler of a message may do anything", end, HAWSER_TEST_ENDS) {
    check_all(end, [](AnyChannel& channel, auto then) {
        channel.run({.message = [then](const Message&) { then(); }});
    });
}

HAWSER_TEST_EACH("C19 the handler of the end may do anything", end, HAWSER_TEST_ENDS) {
    check_all(end, [](AnyChannel& channel, auto then) {
        channel.run({.closed = [then](const CloseReason&) { then(); }});
        channel.abort();
    });
}

HAWSER_TEST_EACH("C19 the handler of a drained backlog may do anything", end, HAWSER_TEST_ENDS) {
    check_all(end, [](AnyChannel& channel, auto then) {
        channel.run({.drained = [then, done = std::make_shared<bool>()] {
            if (!std::exchange(*done, true)) then();
        }});
        while (!channel.try_send(Message::binary(std::vector<std::byte>(60'000)))) {}
    });
}
