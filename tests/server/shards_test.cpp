#include <hawser/server/shards.hpp>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <string>

namespace {

struct Shard {
    Shard(std::shared_ptr<hawser::net::Loop> of, std::string named)
        : loop{std::move(of)}, name{std::move(named)} {}

    std::shared_ptr<hawser::net::Loop> loop;
    std::string name;
};

}  // namespace

TEST_CASE("each executor has a shard of its own, made with its loop") {
    asio::io_context one;
    asio::io_context two;
    const std::vector<asio::any_io_executor> executors{one.get_executor(), two.get_executor()};
    hawser::Shards<Shard> shards{executors, std::string{"name"}};
    REQUIRE(shards.size() == 2);
    for (std::size_t i = 0; i != 2; ++i) {
        CHECK(shards.index_of(executors[i]) == i);
        CHECK(&shards.of(executors[i]) == &shards[i]);
        CHECK(shards[i].loop == hawser::net::Loop::of(executors[i]));
        CHECK(shards[i].name == "name");
    }
    CHECK(&shards[0] != &shards[1]);
}

TEST_CASE("an executor without a shard goes to the first") {
    asio::io_context one;
    asio::io_context stranger;
    hawser::Shards<Shard> shards{{one.get_executor()}, std::string{}};
    CHECK(shards.index_of(stranger.get_executor()) == 0);
    CHECK(&shards.of(stranger.get_executor()) == &shards[0]);
}
