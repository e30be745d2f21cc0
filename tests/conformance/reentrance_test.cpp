#include "conformance/conversation.hpp"
#include "conformance/ends.hpp"

#include <hawser/channel.hpp>

#include <doctest/doctest.h>

#include <algorithm>
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

/// What was started from inside of a completion. Each completes once, too.
struct Started {
    std::vector<test::Done> done;
    std::vector<test::Received> received;

    [[nodiscard]] bool have_completed() const {
        const auto has_come = [](const auto& outcome) { return outcome.has_come(); };
        return std::ranges::all_of(done, has_come) && std::ranges::all_of(received, has_come);
    }
    void check_completed_once() const {
        for (const auto& outcome : done) CHECK(outcome.times() == 1);
        for (const auto& outcome : received) CHECK(outcome.times() == 1);
    }
};

/// What may be done from inside of a completion.
struct Action {
    std::string_view name;
    void (*perform)(AnyChannel&, Started&);
};

/// Sends until a send has to wait.
void send_much(AnyChannel& channel, Started& started) {
    const Message message = Message::binary(std::vector<std::byte>(60'000));
    while (!channel.is_closed() && !channel.backlog().is_above_high) {
        if (channel.try_send(message)) break;
    }
    started.done.push_back(test::start_send(channel, Message::text("waits")));
}

constexpr Action actions[] = {
    {"throws", [](AnyChannel&, Started&) { throw Thrown{}; }},
    {"sends", [](AnyChannel& channel, Started& started) {
         started.done.push_back(test::start_send(channel, Message::text("more")));
         static_cast<void>(channel.try_send(Message::text("and more")));
     }},
    {"sends much", send_much},
    {"receives", [](AnyChannel& channel, Started& started) {
         started.received.push_back(test::start_receive(channel));
     }},
    {"closes", [](AnyChannel& channel, Started& started) {
         started.done.push_back(test::start_close(channel));
     }},
    {"aborts", [](AnyChannel& channel, Started&) { channel.abort(); }},
    {"destroys", [](AnyChannel& channel, Started&) { channel = {}; }},
    {"sends and destroys", [](AnyChannel& channel, Started&) {
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
        Started started;
        begin(ends.near, [&] {
            ++completions;
            action.perform(ends.near, started);
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
        run_until([&] { return ends.far.is_closed() && started.have_completed(); });
        world.run_ready();
        CHECK(completions == 1);
        started.check_completed_once();
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
