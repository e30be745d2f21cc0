#include <hawser/net/waiter.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

using namespace hawser;
using net::Waiter;

namespace {

/// A handler of some size that counts how often one like it is allocated.
template <std::size_t Size>
struct Sized {
    static void* operator new(std::size_t size) {
        ++allocations;
        return ::operator new(size);
    }
    static void operator delete(void* handler) { ::operator delete(handler); }

    void operator()(std::error_code) const { CHECK(filling[0] == std::byte{1}); }

    std::array<std::byte, Size> filling{std::byte{1}};
    static inline int allocations = 0;
};

template <std::size_t Size>
int allocations_of_a_call() {
    Waiter waiter{Sized<Size>{}};
    Waiter moved{std::move(waiter)};
    waiter = std::move(moved);
    std::move(waiter)(std::error_code{});
    return Sized<Size>::allocations;
}

}  // namespace

static_assert(std::is_nothrow_move_constructible_v<Waiter>);
static_assert(!std::is_copy_constructible_v<Waiter>);
static_assert(!std::is_constructible_v<Waiter, void (*)()>);
static_assert(sizeof(Waiter) == 4 * sizeof(void*));

TEST_CASE("a handler is told the error, once") {
    std::error_code told;
    int calls = 0;
    Waiter waiter{[&](std::error_code error) {
        told = error;
        ++calls;
    }};
    REQUIRE(waiter);
    std::move(waiter)(std::make_error_code(std::errc::timed_out));
    CHECK(told == std::errc::timed_out);
    CHECK(calls == 1);
    CHECK_FALSE(waiter);
    CHECK_FALSE(Waiter{});
}

TEST_CASE("a handler of three pointers needs no allocation, a longer one does") {
    CHECK(allocations_of_a_call<Waiter::room>() == 0);
    CHECK(allocations_of_a_call<Waiter::room + 1>() == 1);
}

TEST_CASE_TEMPLATE("a handler that is not called is destroyed once, wherever it went", Filling,
                   std::array<char, 1>, std::array<char, 100>) {
    const auto held = std::make_shared<int>(0);
    {
        const auto hold = [held, filling = Filling{}](std::error_code) { CHECK(filling[0] == 0); };
        Waiter one{hold};
        Waiter two{std::move(one)};
        Waiter three{hold};
        CHECK_FALSE(one);  // NOLINT: this is the test
        CHECK(held.use_count() == 4);
        three = std::move(two);
        CHECK(held.use_count() == 3);
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE_TEMPLATE("what a handler owns is let go of after its call, though it throws", Filling,
                   std::array<char, 1>, std::array<char, 100>) {
    auto held = std::make_unique<std::shared_ptr<int>>(std::make_shared<int>(0));
    const std::weak_ptr<int> watched = *held;
    Waiter waiter{[held = std::move(held), filling = Filling{}](std::error_code) {
        CHECK(**held == 0);
        throw std::runtime_error{std::string{filling.begin(), filling.end()}};
    }};
    CHECK_FALSE(watched.expired());
    CHECK_THROWS_AS(std::move(waiter)(std::error_code{}), std::runtime_error);
    CHECK(watched.expired());
}

TEST_CASE("a waiter may be replaced by the handler that it calls") {
    Waiter waiter;
    int calls = 0;
    waiter = Waiter{[&](std::error_code) {
        waiter = Waiter{[&](std::error_code) { calls += 10; }};
        ++calls;
    }};
    std::move(waiter)(std::error_code{});
    CHECK(calls == 1);
    REQUIRE(waiter);
    std::move(waiter)(std::error_code{});
    CHECK(calls == 11);
}
