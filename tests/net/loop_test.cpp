#include <hawser/net/loop.hpp>

#include <asio/bind_executor.hpp>
#include <asio/dispatch.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace hawser;
using namespace std::chrono_literals;

namespace {

/// Calls a function of the test.
struct Task final : net::Deferred {
    explicit Task(std::function<void()> called) : on_end_of_turn{std::move(called)} {}
    std::function<void()> on_end_of_turn;

private:
    void end_of_turn() override { on_end_of_turn(); }
};

auto task(std::function<void()> called) { return std::make_shared<Task>(std::move(called)); }

struct Alarm final : net::Timer {
    explicit Alarm(std::shared_ptr<net::Loop> on) : loop{std::move(on)} {}
    ~Alarm() { loop->disarm(*this); }

    std::shared_ptr<net::Loop> loop;
    unsigned expiries = 0;

private:
    void expired() noexcept override { ++expiries; }
};

}  // namespace

TEST_CASE("an executor has one loop, whatever its properties, and a strand its own") {
    asio::io_context io;
    const auto executor = io.get_executor();
    const auto strand = asio::make_strand(io);
    const auto loop = net::Loop::of(executor);
    CHECK(net::Loop::of(io.get_executor()) == loop);
    using namespace asio::execution;
    CHECK(net::Loop::of(asio::prefer(executor, outstanding_work.tracked)) == loop);
    CHECK(net::Loop::of(asio::prefer(executor, blocking.never)) == loop);
    CHECK(net::Loop::of(asio::prefer(asio::any_io_executor{executor}, relationship.continuation)) ==
          loop);
    const auto of_strand = net::Loop::of(strand);
    CHECK(of_strand != loop);
    CHECK(net::Loop::of(asio::prefer(strand, outstanding_work.tracked)) == of_strand);
    CHECK(net::Loop::of(asio::make_strand(io)) != of_strand);
    asio::io_context other;
    CHECK(net::Loop::of(other.get_executor()) != loop);
}

TEST_CASE("a loop keeps no context running, and lives as long as it is held") {
    asio::io_context io;
    std::weak_ptr<net::Loop> weak;
    {
        const auto loop = net::Loop::of(asio::prefer(io.get_executor(),
                                                     asio::execution::outstanding_work.tracked));
        weak = loop;
        CHECK(io.run() == 0);
    }
    CHECK(weak.expired());
    CHECK(net::Loop::of(io.get_executor()) != nullptr);
}

TEST_CASE("work is done once, after the handlers that are ready, and on the executor") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    std::string order;
    const auto one = task([&] { order += '1'; });
    const auto two = task([&] { order += '2'; });
    asio::post(io, [&] {
        loop->defer(one);
        loop->defer(two);
        loop->defer(one);
        order += 'a';
    });
    asio::post(io, [&] { order += 'b'; });
    io.run();
    CHECK(order == "ab12");
}

TEST_CASE("work that puts itself off again lets others go first") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    std::string order;
    std::shared_ptr<Task> self;
    self = task([&] {
        order += '1';
        if (order.size() == 1) {
            loop->defer(self);
            asio::post(io, [&] { order += 'a'; });
        }
    });
    loop->defer(self);
    io.run();
    CHECK((order == "11a" || order == "1a1"));
    CHECK(self.use_count() == 1);
}

TEST_CASE("what one throws costs the others nothing, nor their order") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    std::string order;
    loop->defer(task([&] { order += '1'; }));
    loop->defer(task([&] {
        loop->defer(task([&] { order += '4'; }));
        throw std::runtime_error{"the test's"};
    }));
    loop->defer(task([&] { order += '3'; }));
    CHECK_THROWS_AS(io.run(), std::runtime_error);
    CHECK(order == "1");
    io.run();
    CHECK(order == "134");
}

TEST_CASE("an event loop inside of deferred work does the rest of it") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    std::string order;
    loop->defer(task([&] {
        loop->defer(task([&] { order += '3'; }));
        io.poll();
        order += '1';
    }));
    loop->defer(task([&] { order += '2'; }));
    io.run();
    io.restart();
    io.run();
    CHECK(order == "231");
}

TEST_CASE("an alarm for nothing does not keep a context running") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    {
        Alarm one{loop};
        Alarm two{loop};
        loop->arm(one, Clock::now() + 1h);
        loop->arm(two, Clock::now() + 2h);
        loop->disarm(one);
        CHECK(io.poll() == 0);
        CHECK_FALSE(io.stopped());
    }
    io.run();
}

TEST_CASE("timers expire in time, the nearest first") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    Alarm far{loop};
    Alarm near{loop};
    Alarm moved{loop};
    const TimePoint begin = Clock::now();
    loop->arm(far, begin + 1h);
    loop->arm(near, begin + 2ms);
    loop->arm(moved, begin + 1ms);
    loop->arm(moved, begin + 1h);
    while (near.expiries == 0) io.run_one();
    CHECK(Clock::now() >= begin + 2ms);
    CHECK(far.expiries == 0);
    CHECK(moved.expiries == 0);
    loop->arm(far, never);
    loop->arm(moved, Clock::now());
    io.run();
    CHECK(moved.expiries == 1);
    CHECK(far.expiries == 0);
}

TEST_CASE("what is kept lives until it is released") {
    asio::io_context io;
    const auto loop = net::Loop::of(io.get_executor());
    auto kept = std::make_shared<int>(1);
    const std::weak_ptr<int> weak = kept;
    loop->keep(kept);
    loop->keep(kept);
    kept.reset();
    REQUIRE_FALSE(weak.expired());
    loop->release(weak.lock().get());
    CHECK(weak.expired());
    loop->release(&io);
}

TEST_CASE("a loop may outlive its context, and then does nothing any more") {
    auto io = std::make_unique<asio::io_context>(1);
    const auto loop = net::Loop::of(io->get_executor());
    Alarm alarm{loop};
    loop->arm(alarm, Clock::now() + 1h);
    io.reset();
    loop->disarm(alarm);
    loop->arm(alarm, Clock::now());
    const auto put_off = task([] {});
    loop->defer(put_off);
    loop->keep(put_off);
    CHECK(put_off.use_count() == 1);
}

TEST_CASE("a context may be destroyed while what it was to do holds the loop") {
    struct Holder final : net::Deferred {
        explicit Holder(std::shared_ptr<net::Loop> held) : loop{std::move(held)} {}
        ~Holder() {
            loop->defer(task([] {}));  // as an owner does that says goodbye
            loop->mailroom()->shut();
        }
        void end_of_turn() override {}
        std::shared_ptr<net::Loop> loop;
    };
    std::weak_ptr<net::Loop> weak;
    std::weak_ptr<Holder> weak_holder;
    {
        asio::io_context io;
        auto loop = net::Loop::of(asio::make_strand(io));
        auto holder = std::make_shared<Holder>(loop);
        weak = loop;
        weak_holder = holder;
        SUBCASE("work put off") { loop->defer(holder); }
        SUBCASE("things kept") { loop->keep(holder); }
        SUBCASE("handlers") { asio::post(io, [loop, holder] {}); }
        SUBCASE("handlers of the loop's executor") { asio::post(loop->executor(), [holder] {}); }
        SUBCASE("all") {
            loop->defer(holder);
            loop->keep(holder);
            asio::post(loop->executor(), [holder] {});
        }
    }
    CHECK(weak_holder.expired());
    CHECK(weak.expired());
}

TEST_CASE("loops may be asked for by several threads at once") {
    asio::io_context io;
    std::vector<std::shared_ptr<net::Loop>> found(4);
    {
        std::vector<std::jthread> threads;
        for (auto& loop : found) {
            threads.emplace_back([&] {
                for (int i = 0; i != 200; ++i) {
                    loop = net::Loop::of(io.get_executor());
                    static_cast<void>(net::Loop::of(asio::make_strand(io)));
                }
            });
        }
    }
    for (const auto& loop : found) CHECK(loop == found.front());
}

TEST_CASE("on a pool of threads a strand's loop is used by one at a time") {
    asio::thread_pool pool{3};
    unsigned count = 0;
    {
        const auto strand = asio::make_strand(pool);
        const auto loop = net::Loop::of(strand);
        const auto counter = task([&] { ++count; });
        for (unsigned i = 0; i != 500; ++i) {
            asio::post(strand, [&, loop, counter] {
                ++count;
                loop->defer(counter);
            });
        }
        pool.join();
    }
    CHECK(count > 500);
}
