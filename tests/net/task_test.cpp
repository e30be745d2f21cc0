#include <hawser/net/task.hpp>

#include <doctest/doctest.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <memory>
#include <string>
#include <utility>

using namespace hawser;

TEST_CASE("what is posted is called later, even on its own executor, and may be no copy") {
    asio::io_context io{1};
    std::string seen;
    asio::post(io, [&] {
        auto word = std::make_unique<std::string>("task");
        net::post(io.get_executor(), net::Task{[&, word = std::move(word)] { seen += *word; }});
        seen += "before the ";
    });
    CHECK(seen.empty());
    io.run();
    CHECK(seen == "before the task");
}

TEST_CASE("what is dispatched is called at once on its own executor, and later from elsewhere") {
    asio::io_context io{1};
    std::string seen;
    const auto note = [&](char letter) { return net::Task{[&seen, letter] { seen += letter; }}; };
    net::dispatch(io.get_executor(), note('c'));
    asio::post(io, [&] {
        net::dispatch(io.get_executor(), note('d'));
        seen += 'e';
    });
    seen += 'b';
    io.run();
    CHECK(seen == "bcde");
}

TEST_CASE("a task that is never called lets go of what it holds") {
    const auto token = std::make_shared<int>(0);
    {
        asio::io_context io{1};
        net::post(io.get_executor(), net::Task{[token] { ++*token; }});
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
    CHECK(*token == 0);
}
