#include <hawser/channel/completion.hpp>

#include "support/allocated_bytes.hpp"

#include <asio/associated_allocator.hpp>
#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/system_executor.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace hawser;

namespace {

using Done = Completion<void(int)>;

/// Counts what is allocated and freed through it.
template <class T>
struct CountingAllocator {
    using value_type = T;

    explicit CountingAllocator(std::ptrdiff_t* counter) : live{counter} {}
    template <class U>
    CountingAllocator(const CountingAllocator<U>& other) : live{other.live} {}

    T* allocate(std::size_t count) {
        *live += 1;
        return static_cast<T*>(::operator new(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t) noexcept {
        *live -= 1;
        ::operator delete(memory);
    }
    template <class U>
    bool operator==(const CountingAllocator<U>& other) const noexcept {
        return live == other.live;
    }

    std::ptrdiff_t* live;
};

/// A handler with an allocator of its own, that cannot be copied.
struct AllocatingHandler {
    using allocator_type = CountingAllocator<std::byte>;

    [[nodiscard]] allocator_type get_allocator() const noexcept {
        return allocator_type{live.get()};
    }
    void operator()(int value) const {
        CHECK(*live == 0);  // freed before the call, so that it may be used again
        *seen = value;
    }

    std::unique_ptr<std::ptrdiff_t> live;
    int* seen;
};

}  // namespace

TEST_CASE("an empty completion is told from one with a handler") {
    asio::io_context io;
    Done empty;
    CHECK_FALSE(empty);
    Done full{[](int) {}, io.get_executor()};
    CHECK(full);
    Done moved{std::move(full)};
    CHECK(moved);
    CHECK_FALSE(full);
    empty = std::move(moved);
    CHECK(empty);
}

TEST_CASE("a handler on the caller's executor is called directly, otherwise through its own") {
    asio::io_context io;
    asio::io_context other;
    const asio::any_io_executor here = io.get_executor();
    int seen = 0;
    Done plain{[&](int value) { seen = value; }, here};
    std::move(plain).complete(here, 1);
    CHECK(seen == 1);
    Done bound{asio::bind_executor(io.get_executor(), [&](int value) { seen = value; }), here};
    std::move(bound).complete(here, 2);
    CHECK(seen == 2);
    Done tracking{asio::bind_executor(asio::prefer(io.get_executor(),
                                                   asio::execution::outstanding_work.tracked),
                                      [&](int value) { seen = value; }),
                  here};
    std::move(tracking).complete(here, 3);
    CHECK(seen == 3);
    Done foreign{asio::bind_executor(other.get_executor(), [&](int value) { seen = value; }), here};
    std::move(foreign).complete(here, 4);
    CHECK(seen == 3);
    CHECK(other.run() == 1);
    CHECK(seen == 4);
}

TEST_CASE("an erased executor and a strand are recognised too") {
    asio::io_context io;
    const auto strand = asio::make_strand(io);
    const asio::any_io_executor here = strand;
    int seen = 0;
    Done erased{asio::bind_executor(here, [&](int value) { seen = value; }), io.get_executor()};
    std::move(erased).complete(here, 1);
    CHECK(seen == 1);
    Done bound{asio::bind_executor(strand, [&](int value) { seen = value; }), io.get_executor()};
    std::move(bound).complete(here, 2);
    CHECK(seen == 2);
}

TEST_CASE("a handler of another strand of the same context is called through that strand") {
    asio::io_context io;
    const asio::any_io_executor here = asio::make_strand(io);
    const auto strand = asio::make_strand(io);
    const asio::any_io_executor erased = strand;
    int called = 0;
    const auto handler = [&](int) {
        CHECK(strand.running_in_this_thread());
        ++called;
    };
    Done{asio::bind_executor(erased, handler), here}.complete(here, 1);
    Done{asio::bind_executor(strand, handler), here}.complete(here, 1);
    Done{handler, erased}.complete(here, 1);
    CHECK(called == 0);
    io.run();
    CHECK(called == 3);
}

TEST_CASE("what an executor has erased is found by its type") {
    asio::io_context io;
    using Plain = asio::io_context::executor_type;
    const asio::any_io_executor plain = io.get_executor();
    REQUIRE(hawser::detail::target_of<Plain>(plain) != nullptr);
    CHECK(*hawser::detail::target_of<Plain>(plain) == io.get_executor());
    const asio::any_io_executor strand = asio::make_strand(io);
    CHECK(hawser::detail::target_of<Plain>(strand) == nullptr);
    CHECK(hawser::detail::target_of<Plain>({}) == nullptr);
}

TEST_CASE("a posted handler is called later, even on the same executor") {
    asio::io_context io;
    int seen = 0;
    Done done{[&](int value) { seen = value; }, io.get_executor()};
    std::move(done).post(1);
    CHECK_FALSE(done);
    CHECK(seen == 0);
    CHECK(io.run() == 1);
    CHECK(seen == 1);
}

TEST_CASE("a posted handler is called later, even inside of an event loop of its executor") {
    asio::io_context io;
    int seen = 0;
    asio::post(io, [&] {
        Done{[&](int value) { seen = value; }, io.get_executor()}.post(1);
        CHECK(seen == 0);
    });
    CHECK(io.run() == 2);
    CHECK(seen == 1);
}

TEST_CASE("a kept handler is outstanding work of its executor") {
    asio::io_context io;
    std::optional<Done> done;
    SUBCASE("by fallback") { done.emplace([](int) {}, io.get_executor()); }
    SUBCASE("by association") {
        done.emplace(asio::bind_executor(io.get_executor(), [](int) {}), asio::system_executor{});
    }
    CHECK(io.poll() == 0);
    CHECK_FALSE(io.stopped());
    done.reset();
    CHECK(io.run() == 0);
    CHECK(io.stopped());
}

TEST_CASE("a completion that is destroyed destroys its handler uncalled") {
    asio::io_context io;
    const auto held = std::make_shared<int>();
    {
        const Done done{[held](int) { FAIL("it was called"); }, io.get_executor()};
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
    CHECK(io.run() == 0);
}

TEST_CASE("a handler's allocator is used, and freed before the call") {
    asio::io_context io;
    int seen = 0;
    auto live = std::make_unique<std::ptrdiff_t>(0);
    const std::ptrdiff_t& count = *live;
    Done done{AllocatingHandler{std::move(live), &seen}, io.get_executor()};
    CHECK(count == 1);
    SUBCASE("directly") { std::move(done).complete(io.get_executor(), 1); }
    SUBCASE("later") {
        std::move(done).post(1);
        io.run();
    }
    CHECK(seen == 1);
}

TEST_CASE("a post through a concrete executor uses the handler's allocator") {
    asio::io_context io;
    int seen = 0;
    auto live = std::make_unique<std::ptrdiff_t>(0);
    const std::ptrdiff_t& count = *live;
    Done done{asio::bind_executor(io.get_executor(), AllocatingHandler{std::move(live), &seen}),
              io.get_executor()};
    std::move(done).post(1);
    CHECK(count == 1);  // what was kept is freed, and what was posted is there
    io.run();
    CHECK(seen == 1);
}

TEST_CASE("one operation after another takes no memory, inside of an event loop") {
    asio::io_context io{1};
    const asio::any_io_executor here = io.get_executor();
    const auto one_after_another = [&] {
        const auto keep = [&] { return Done{[&io](int) { CHECK(!io.stopped()); }, here}; };
        keep().complete(here, 1);
        const std::size_t before = test::allocated_bytes();
        Done next = keep();
        CHECK(test::allocated_bytes() == before);
        std::move(next).complete(here, 2);
        keep();
        CHECK(test::allocated_bytes() == before);
    };
    asio::post(io, one_after_another);
    io.run();
}

TEST_CASE("a handler that is kept for an io_context takes little memory") {
    asio::io_context io;
    const asio::any_io_executor here = io.get_executor();
    std::vector<Done> kept;
    kept.reserve(1000);  // so many that what the heap has in store makes no difference
    const std::size_t before = test::allocated_bytes();
    for (int i = 0; i != 1000; ++i) kept.emplace_back([&io](int) { io.stop(); }, here);
    CHECK(test::allocated_bytes() - before <= 1000 * 48);
}

TEST_CASE("arguments may be of types that only move") {
    asio::io_context io;
    const asio::any_io_executor here = io.get_executor();
    int seen = 0;
    const auto keeping = [&] {
        return Completion<void(std::unique_ptr<int>)>{
            [&](std::unique_ptr<int> value) { seen += *value; }, here};
    };
    keeping().complete(here, std::make_unique<int>(1));
    CHECK(seen == 1);
    io.restart();
    keeping().post(std::make_unique<int>(2));
    io.run();
    CHECK(seen == 3);
}

TEST_CASE("a handler may replace the completion it came from, and throw") {
    asio::io_context io;
    const asio::any_io_executor here = io.get_executor();
    Done done;
    int calls = 0;
    done = Done{[&](int) {
                    ++calls;
                    done = Done{[&](int) { ++calls; }, here};
                    throw std::runtime_error{"the test's"};
                },
                here};
    CHECK_THROWS_AS(std::exchange(done, {}).complete(here, 1), std::runtime_error);
    REQUIRE(done);
    std::move(done).complete(here, 2);
    CHECK(calls == 2);
}

TEST_CASE("a handler that cannot be kept leaves nothing behind") {
    struct Unkeepable {
        explicit Unkeepable(std::shared_ptr<int> token) : held{std::move(token)} {}
        Unkeepable(Unkeepable&& other) : held{other.held} {
            if (++*held == 1) throw std::runtime_error{"the test's"};
        }
        void operator()(int) const {}
        std::shared_ptr<int> held;
    };
    asio::io_context io;
    const auto moves = std::make_shared<int>(0);
    CHECK_THROWS_AS(Done(Unkeepable{moves}, io.get_executor()), std::runtime_error);
    CHECK(moves.use_count() == 1);
    CHECK(io.run() == 0);
}
