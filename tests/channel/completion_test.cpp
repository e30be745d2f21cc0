#include <hawser/channel/completion.hpp>

#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

using hawser::Completion;

TEST_CASE("a completion on its own executor calls the handler directly") {
    asio::io_context io;
    const asio::any_io_executor executor = io.get_executor();
    int got = 0;
    Completion<void(int)> completion{[&](int value) { got = value; }, executor};
    CHECK(completion);
    std::move(completion).complete(executor, 7);
    CHECK(got == 7);
    CHECK_FALSE(completion);
}

TEST_CASE("a posted completion never calls the handler from inside") {
    asio::io_context io;
    int got = 0;
    Completion<void(int)> completion{[&](int value) { got = value; }, io.get_executor()};
    std::move(completion).post(7);
    CHECK(got == 0);
    io.run();
    CHECK(got == 7);
}

TEST_CASE("a completion goes to the executor that its handler is bound to") {
    asio::io_context here;
    asio::io_context there;
    const asio::any_io_executor current = here.get_executor();
    int got = 0;
    auto handler = asio::bind_executor(there.get_executor(), [&](int value) { got = value; });
    Completion<void(int)> completion{std::move(handler), current};
    std::move(completion).complete(current, 7);
    here.run();
    CHECK(got == 0);
    there.restart();
    there.run();
    CHECK(got == 7);
}

TEST_CASE("a kept completion keeps its executor at work") {
    asio::io_context io;
    std::optional<Completion<void()>> completion;
    completion.emplace([] {}, io.get_executor());
    CHECK(io.poll() == 0);
    CHECK_FALSE(io.stopped());
    completion.reset();
    io.poll();
    CHECK(io.stopped());
}

TEST_CASE("a completion takes arguments and handlers that only move") {
    asio::io_context io;
    int got = 0;
    auto owned = std::make_unique<int>(35);
    Completion<void(std::unique_ptr<int>)> completion{
        [&got, owned = std::move(owned)](std::unique_ptr<int> value) { got = *owned + *value; },
        io.get_executor()};
    std::move(completion).post(std::make_unique<int>(7));
    io.run();
    CHECK(got == 42);
}

TEST_CASE("a handler's state is freed before it is called, and when it never is") {
    asio::io_context io;
    const auto alive = std::make_shared<int>(0);
    {
        Completion<void()> never{[alive] {}, io.get_executor()};
        CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
}

namespace {

/// Counts what is allocated and not yet freed.
template <class T>
struct Counting {
    using value_type = T;

    explicit Counting(int* count) noexcept : outstanding{count} {}
    template <class U>
    Counting(const Counting<U>& other) noexcept : outstanding{other.outstanding} {}

    T* allocate(std::size_t size) {
        ++*outstanding;
        return std::allocator<T>{}.allocate(size);
    }
    void deallocate(T* memory, std::size_t size) {
        --*outstanding;
        std::allocator<T>{}.deallocate(memory, size);
    }
    friend bool operator==(const Counting&, const Counting&) = default;

    int* outstanding;
};

struct Counted {
    using allocator_type = Counting<char>;
    int* outstanding;
    int* seen;
    [[nodiscard]] allocator_type get_allocator() const noexcept {
        return allocator_type{outstanding};
    }
    void operator()() const { *seen = *outstanding; }
};

}  // namespace

TEST_CASE("the memory comes from the handler's allocator, and is back when the handler runs") {
    asio::io_context io;
    const asio::any_io_executor executor = io.get_executor();
    int outstanding = 0;
    int seen = -1;
    Completion<void()> completion{Counted{&outstanding, &seen}, executor};
    CHECK(outstanding == 1);
    std::move(completion).complete(executor);
    CHECK(seen == 0);
}
