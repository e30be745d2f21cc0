#include <hawser/server/run_on.hpp>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <doctest/doctest.h>

#include <stdexcept>

TEST_CASE("a function is called at once on its executor, and what it throws leaves at once") {
    asio::io_context io;
    bool has_left = false;
    asio::post(io, [&] {
        try {
            hawser::run_on(io.get_executor(), [] { throw std::runtime_error{"the test's"}; });
        } catch (const std::runtime_error&) {
            has_left = true;
        }
    });
    io.run();
    CHECK(has_left);
}

TEST_CASE("a function is called later from elsewhere than its executor") {
    asio::io_context io;
    bool called = false;
    hawser::run_on(io.get_executor(), [&] { called = true; });
    CHECK_FALSE(called);
    io.run();
    CHECK(called);
}
